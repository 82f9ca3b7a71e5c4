/// What happens before what, by happens_before: what callbacks and timers order.

#include <coweave/coweave.hpp>
#include <coweave/tests/monitors/ordered.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <utility>

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

namespace {

using Ask = void (*)(std::function<void()>);

void later(std::function<void()> function) { call_later(1s, std::move(function)); }
void at_a_time(std::function<void()> function) { call_at(1s, std::move(function)); }
void soon(std::function<void()> function) { call_soon(std::move(function)); }

/// Asks for a call that notes "after", and notes "before" before that or after.
sim::Scenario asking(Ask ask, bool asks_after_it) {
  return [=]() -> Coro<void> {
    Event called;
    if (asks_after_it) note("before");
    ask([&] {
      note("after");
      called.set();
    });
    if (!asks_after_it) note("before");
    co_await called.wait();
  };
}

}  // namespace

TEST_CASE(
    "causality: a call comes after what was done before it was asked for, and beside what is done then") {
  for (const Ask ask : {&later, &at_a_time, &soon}) {
    CHECK(ordered(asking(ask, true)));
    CHECK(ordered(asking(ask, true), "fifo", 1));
    CHECK_FALSE(ordered_in_one_run(asking(ask, false)));
  }
}

TEST_CASE("causality: a limit ends its block after what was known to whoever moved it, and to nobody else") {
  const auto scenario = [](bool moves_it_after, bool leaves_it) {
    return [=]() -> Coro<void> {
      Timeout limit(10s);
      auto other = [&]() -> Coro<void> {
        if (moves_it_after) note("before");
        limit.reschedule(Loop::current().time() + 1s);
        if (!moves_it_after) note("before");
        co_return;
      };
      const auto task = create_task(other());
      const auto wait = [](Duration time) -> Coro<void> { co_await sleep(time); };
      try {
        co_await limit.run(wait(leaves_it ? 500ms : 2s));
        co_await timeout(1s, wait(2s));
      } catch (const TimeoutError&) {
        note("after");
      }
      co_await task;
    };
  };
  CHECK(ordered(scenario(true, false)));
  CHECK_FALSE(ordered_in_one_run(scenario(false, false)));
  CHECK_FALSE(ordered_in_one_run(scenario(true, true)));
}

TEST_CASE("causality: what was known when a call was asked for comes before it too") {
  const auto scenario = [](bool knows) {
    return [knows]() -> Coro<void> {
      Event told;
      Event called;
      auto other = [&]() -> Coro<void> {
        note("before");
        told.set();
        co_return;
      };
      const auto task = create_task(other());
      if (knows) co_await told.wait();
      call_later(1s, [&] {
        note("after");
        called.set();
      });
      co_await called.wait();
      co_await task;
    };
  };
  CHECK(ordered(scenario(true)));
  CHECK_FALSE(ordered_in_one_run(scenario(false)));
}

TEST_CASE("causality: a call that a callback asks for does not come after what other callbacks knew") {
  const auto scenario = [](bool by_another) {
    return [by_another]() -> Coro<void> {
      Event called;
      const auto asks = [&] {
        call_later(1s, [&] {
          note("after");
          called.set();
        });
      };
      if (by_another) call_soon(asks);
      co_await sleep(0s);
      note("before");
      call_soon([asks, by_another] {
        if (!by_another) asks();
      });
      co_await called.wait();
    };
  };
  CHECK(ordered(scenario(false), "fifo", 1));
  CHECK_FALSE(ordered_in_one_run(scenario(true)));
}

TEST_CASE("causality: a call that asks for itself again knows what the first one did, and no more") {
  struct Ticks {
    Event ended;
    int left = 3;
    void tick() {
      if (--left > 0) {
        call_later(1s, [this] { tick(); });
      } else {
        note("after");
        ended.set();
      }
    }
  };
  const auto scenario = [](bool asks_after_it) {
    return [asks_after_it]() -> Coro<void> {
      Ticks ticks;
      if (asks_after_it) note("before");
      call_later(1s, [&] { ticks.tick(); });
      co_await sleep(2500ms);
      if (!asks_after_it) note("before");
      co_await ticks.ended.wait();
    };
  };
  CHECK(ordered(scenario(true)));
  CHECK_FALSE(ordered_in_one_run(scenario(false)));
}

TEST_CASE("causality: a call that was cancelled leaves nothing to one that is asked for later") {
  const auto scenario = [](bool asks_after_it) {
    return [asks_after_it]() -> Coro<void> {
      Event called;
      const auto after = [&] {
        note("after");
        called.set();
      };
      call_later(1s, [] {}).cancel();
      if (asks_after_it) note("before");
      call_later(2s, [] {}).cancel();
      call_later(1s, after);
      call_later(1s, [] {}).cancel();
      if (!asks_after_it) note("before");
      call_soon([] {}).cancel();
      co_await called.wait();
    };
  };
  CHECK(ordered(scenario(true)));
  CHECK_FALSE(ordered_in_one_run(scenario(false)));
}

TEST_CASE("causality: a done callback comes after whoever added it had done, and after the end") {
  enum class By : std::uint8_t { adder_before, adder_after, completer };
  const auto scenario = [](By by) {
    return [by]() -> Coro<void> {
      Event called;
      Future<> future = create_future<void>();
      auto completes = [&]() -> Coro<void> {
        co_await sleep(1s);
        if (by == By::completer) note("before");
        future.set_result();
      };
      const auto task = create_task(completes());
      if (by == By::adder_before) note("before");
      future.add_done_callback([&](const AnyFuture&) {
        note("after");
        called.set();
      });
      if (by == By::adder_after) note("before");
      co_await called.wait();
      co_await task;
    };
  };
  CHECK(ordered(scenario(By::adder_before)));
  CHECK(ordered(scenario(By::completer)));
  CHECK_FALSE(ordered_in_one_run(scenario(By::adder_after)));
}

TEST_CASE("causality: a body that waits for a thread comes after what was done before it was asked for") {
  const auto scenario = [](bool asks_after_it) {
    return [asks_after_it]() -> Coro<void> {
      ThreadPoolExecutor pool(1);
      auto first = run_in_executor(pool, [] {});
      if (asks_after_it) note("before");
      auto second = run_in_executor(pool, [] { note("after"); });
      if (!asks_after_it) note("before");
      co_await first;
      co_await second;
    };
  };
  CHECK(ordered(scenario(true)));
  CHECK_FALSE(ordered_in_one_run(scenario(false)));
}
