/// What happens before what, by happens_before: what callbacks and timers order.

#include <coweave/coweave.hpp>
#include <coweave/tests/monitors/ordered.hpp>

#include <doctest/doctest.h>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

TEST_CASE("causality: what is called later by a callback comes after what the callback knew") {
  CHECK(ordered([]() -> Coro<void> {
    Event event;
    note("before");
    call_soon([&] {
      call_later(1s, [&] {
        note("after");
        event.set();
      });
    });
    co_await event.wait();
  }));
}

TEST_CASE("causality: what a task does after a timer has expired does not come before what it calls") {
  CHECK_FALSE(ordered_in_one_run([]() -> Coro<void> {
    Event event;
    auto other = [&]() -> Coro<void> {
      co_await event.wait();
      co_await sleep(1s);
      note("after");
    };
    const auto task = create_task(other());
    co_await sleep(0s);
    call_later(1s, [&] { event.set(); });
    co_await sleep(1s);
    note("before");
    co_await task;
  }));
}
