/// What happens before what, by happens_before: each kind of synchronisation orders, and nothing else does.

#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace coweave;
using namespace std::chrono_literals;
using monitors::happens_before;
using monitors::noted;

namespace {

/// Whether "before" happens before "after" in all runs of `scenario` that were tried.
bool ordered(const sim::Scenario& scenario, const char* policy = "random", std::uint64_t runs = 1'000) {
  Options options{.policy = policy, .runs = runs};
  options.monitors = {happens_before(noted("before"), noted("after"))};
  const Exploration result = explore(scenario, options);
  if (result.finding) CHECK(result.finding->trace.verdict.kind == traces::VerdictKind::invariant);
  return result.passed();
}

/// In asyncio's own order, in which "before" does come first.
bool ordered_in_one_run(const sim::Scenario& scenario) {
  Options options{.policy = "fifo", .runs = 1};
  options.monitors = {monitors::precedes(noted("before"), noted("after"))};
  REQUIRE(explore(scenario, options).passed());
  return ordered(scenario, "fifo", 1);
}

template <class One, class Other>
Coro<void> both(One one, Other other) {
  const auto first = create_task(one());
  const auto second = create_task(other());
  co_await first;
  co_await second;
}

}  // namespace

TEST_CASE("causality: what a task does is ordered, and what it starts and ends with") {
  CHECK(ordered([]() -> Coro<void> {
    note("before");
    auto body = []() -> Coro<void> {
      co_await sleep(0s);
      note("after");
    };
    const auto task = create_task(body());
    co_await task;
  }));
  CHECK(ordered([]() -> Coro<void> {
    auto body = []() -> Coro<void> {
      co_await sleep(0s);
      note("before");
    };
    const auto task = create_task(body());
    co_await task;
    note("after");
  }));
}

TEST_CASE("causality: events, futures, queues and conditions order") {
  CHECK(ordered([]() -> Coro<void> {
    Event event;
    auto one = [&]() -> Coro<void> {
      note("before");
      event.set();
      co_return;
    };
    auto other = [&]() -> Coro<void> {
      co_await event.wait();
      note("after");
    };
    co_await both(one, other);
  }));
  CHECK(ordered([]() -> Coro<void> {
    Future<int> future = create_future<int>();
    auto one = [&]() -> Coro<void> {
      note("before");
      future.set_result(1);
      co_return;
    };
    auto other = [&]() -> Coro<void> {
      const int got = co_await future;
      note("after", got);
    };
    co_await both(one, other);
  }));
  CHECK(ordered([]() -> Coro<void> {
    Queue<int> queue;
    auto one = [&]() -> Coro<void> {
      note("before");
      co_await queue.put(1);
    };
    auto other = [&]() -> Coro<void> {
      const int got = co_await queue.get();
      note("after", got);
    };
    co_await both(one, other);
  }));
}

TEST_CASE("causality: gather and task groups order their ends") {
  CHECK(ordered([]() -> Coro<void> {
    auto body = [](int number) -> Coro<void> {
      co_await sleep(0s);
      note("before", number);
    };
    co_await gather(body(1), body(2));
    note("after");
  }));
  CHECK(ordered([]() -> Coro<void> {
    auto children = [](TaskGroup& group) -> Coro<void> {
      auto body = [](int number) -> Coro<void> {
        co_await sleep(0s);
        note("before", number);
      };
      group.create_task(body(1));
      group.create_task(body(2));
      co_return;
    };
    co_await TaskGroup::run(children);
    note("after");
  }));
}

TEST_CASE("causality: a lock orders what it guards only as it was taken") {
  const auto scenario = []() -> Coro<void> {
    Lock lock;
    auto one = [&]() -> Coro<void> {
      const auto guard = co_await lock.scoped();
      note("before");
    };
    auto other = [&]() -> Coro<void> {
      const auto guard = co_await lock.scoped();
      note("after");
    };
    co_await both(one, other);
  };
  CHECK(ordered_in_one_run(scenario));
  CHECK_FALSE(ordered(scenario));  // and in another run it was taken the other way round
}

TEST_CASE("causality: a cancellation and a thread order") {
  CHECK(ordered([]() -> Coro<void> {
    auto body = []() -> Coro<void> {
      try {
        co_await sleep(1h);
      } catch (const CancelledError&) {
        note("after");
      }
    };
    auto task = create_task(body());
    co_await sleep(1s);
    note("before");
    task.cancel();
    co_await task;
  }));
  CHECK(ordered([]() -> Coro<void> {
    note("before");
    co_await to_thread([] { note("after"); });
  }));
  CHECK(ordered([]() -> Coro<void> {
    co_await to_thread([] { note("before"); });
    note("after");
  }));
}

TEST_CASE("causality: time and luck order nothing") {
  CHECK_FALSE(ordered_in_one_run([]() -> Coro<void> {
    auto one = []() -> Coro<void> {
      note("before");
      co_return;
    };
    auto other = []() -> Coro<void> {
      co_await sleep(1h);
      note("after");
    };
    co_await both(one, other);
  }));
  CHECK_FALSE(ordered_in_one_run([]() -> Coro<void> {
    Shared<bool> flag(false, "flag");
    auto one = [&]() -> Coro<void> {
      note("before");
      co_await flag.write(true);
    };
    auto other = [&]() -> Coro<void> {
      const bool is_set = co_await flag.read();
      note("after", is_set);
    };
    co_await both(one, other);
  }));
}

TEST_CASE("causality: what comes after the release is not ordered by it") {
  CHECK_FALSE(ordered_in_one_run([]() -> Coro<void> {
    Event event;
    auto one = [&]() -> Coro<void> {
      event.set();
      note("before");
      co_return;
    };
    auto other = [&]() -> Coro<void> {
      co_await event.wait();
      note("after");
    };
    co_await both(one, other);
  }));
}
