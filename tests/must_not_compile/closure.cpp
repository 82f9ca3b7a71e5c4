// A temporary closure with a destructor inside co_await is refused where the compiler would destroy it twice.

#include <coweave/core/task_group.hpp>

#include <string>

using namespace coweave;

Coro<void> group_with_name(std::string name) {
#ifdef TEMPORARY_CLOSURE
  co_await TaskGroup::run([name](TaskGroup&) -> Coro<void> { co_return; });
#else
  const auto body = [name](TaskGroup&) -> Coro<void> { co_return; };
  co_await TaskGroup::run(body);
  co_await TaskGroup::run([&](TaskGroup&) -> Coro<void> { co_return; });
#endif
}
