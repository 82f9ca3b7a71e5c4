#include <coweave/core/ensure_future.hpp>

#include <coweave/core/foreign.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <coroutine>

using namespace coweave;
using namespace coweave::tests;

namespace {

/// An awaitable that knows nothing of coweave and is resumed from outside.
struct Foreign {
  std::coroutine_handle<>& resume;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) const noexcept { resume = coroutine; }
  int await_resume() const noexcept { return 7; }
};

}  // namespace

TEST_CASE(
    "ensure_future: a coroutine becomes a task, tasks and futures are taken as they are (tTK08, tTK09, "
    "tTK10)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto answer = []() -> Coro<int> { co_return 42; };
          const Task<int> task = detail::ensure_future(answer(), {});
          log("task ", task.done());
          const Task<int> same = detail::ensure_future(task, {});
          log("same ", same == task);
          const Future<int> future = create_future<int>();
          log("same ", detail::ensure_future(future, {}) == future);
          const int value = co_await task;
          log("", value);
        }) == "task False ; same True ; same True ; 42");
}

TEST_CASE("ensure_future: a foreign awaitable counts as a coroutine that awaits it (tTK11, tTK12)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::coroutine_handle<> waiting;
          auto wraps = [&]() -> Coro<int> {
            const Foreign foreign{waiting};
            co_return co_await foreign;
          };
          const Task<int> task = detail::ensure_future(wraps(), {});
          co_await tick();
          waiting.resume();
          const int value = co_await task;
          log("", value);
        }) == "7");
}
