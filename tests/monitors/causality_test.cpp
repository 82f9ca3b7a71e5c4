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

TEST_CASE("causality: by whom a lock or a semaphore was taken first is luck") {
  const auto guarded_by = [](auto& guard) -> Coro<void> {
    auto one = [&]() -> Coro<void> {
      const auto guarded = co_await guard.scoped();
      note("before");
      co_await sleep(0s);
    };
    auto other = [&]() -> Coro<void> {
      const auto guarded = co_await guard.scoped();  // and waits for it
      note("after");
    };
    co_await both(one, other);
  };
  CHECK_FALSE(ordered_in_one_run([&]() -> Coro<void> {
    Lock lock;
    co_await guarded_by(lock);
  }));
  CHECK_FALSE(ordered_in_one_run([&]() -> Coro<void> {
    Semaphore semaphore(1);
    co_await guarded_by(semaphore);
  }));
  CHECK_FALSE(ordered_in_one_run([&]() -> Coro<void> {
    BoundedSemaphore semaphore(1);
    co_await guarded_by(semaphore);
  }));
}

TEST_CASE("causality: that a lock was taken before the other could ask is none") {
  CHECK(ordered([]() -> Coro<void> {
    Lock lock;
    auto child = [&]() -> Coro<void> {
      const auto guard = co_await lock.scoped();
      note("after");
    };
    co_await lock.acquire();
    const auto task = create_task(child());
    co_await sleep(0s);
    note("before");
    lock.release();
    co_await task;
  }));
}

TEST_CASE("causality: a condition orders, for those too that come when there is nothing to wait for") {
  CHECK(ordered([]() -> Coro<void> {
    Condition condition;
    bool is_ready = false;
    auto one = [&]() -> Coro<void> {
      const auto guard = co_await condition.scoped();
      note("before");
      is_ready = true;
      condition.notify_all();
    };
    auto other = [&]() -> Coro<void> {
      const auto guard = co_await condition.scoped();
      while (!is_ready) co_await condition.wait();
      note("after");
    };
    co_await both(one, other);
  }));
}

TEST_CASE("causality: a semaphore that somebody else releases orders") {
  CHECK(ordered([]() -> Coro<void> {
    Semaphore signal(0);
    auto one = [&]() -> Coro<void> {
      note("before");
      signal.release();
      co_return;
    };
    auto other = [&]() -> Coro<void> {
      co_await signal.acquire();
      note("after");
    };
    co_await both(one, other);
  }));
}

TEST_CASE("causality: what is got was put, and others were put by luck") {
  // What is got first was put first; the other put is told after it.
  const auto two_puts = []() -> Coro<void> {
    Queue<int> queue;
    auto first = [&]() -> Coro<void> { co_await queue.put(1); };
    auto second = [&]() -> Coro<void> {
      note("before");
      co_await queue.put(2);
    };
    const auto one = create_task(first());
    const auto two = create_task(second());
    co_await sleep(1s);
    const int got = co_await queue.get();
    note("after", got);
    co_await one;
    co_await two;
  };
  CHECK_FALSE(ordered_in_one_run(two_puts));
  const auto wanted = [](int item) {
    return [item]() -> Coro<void> {
      Queue<int> queue;
      LifoQueue<int> stack;
      auto put = [&](int what) -> Coro<void> {
        if (what == item) note("before");
        queue.put_nowait(what);
        stack.put_nowait(what);
        co_return;
      };
      auto get = [&]() -> Coro<void> {
        co_await sleep(1s);
        const int got = item < 3 ? queue.get_nowait() : stack.get_nowait();
        if (got == item) note("after", got);
      };
      const auto one = create_task(put(1));
      const auto two = create_task(put(2));
      const auto three = create_task(put(3));
      const auto getter = create_task(get());
      co_await gather(one, two, three, getter);
    };
  };
  CHECK(ordered_in_one_run(wanted(1)));
  CHECK(ordered_in_one_run(wanted(3)));
}

TEST_CASE("causality: whoever waits for an item knows of the put of what it got") {
  const auto scenario = [](bool first_is_before) {
    return [first_is_before]() -> Coro<void> {
      Queue<int> queue;
      auto get = [&](int item) -> Coro<void> {
        const int got = co_await queue.get();
        if (got == item) note("after", got);
      };
      auto put = [&](int item) -> Coro<void> {
        if ((item == 1) == first_is_before) note("before");
        queue.put_nowait(item);
        co_return;
      };
      const auto waits = create_task(get(2));
      const auto waits_too = create_task(get(2));
      co_await sleep(0s);
      const auto one = create_task(put(1));
      const auto two = create_task(put(2));
      co_await gather(waits, waits_too, one, two);
    };
  };
  CHECK(ordered_in_one_run(scenario(false)));
  CHECK_FALSE(ordered_in_one_run(scenario(true)));
}

TEST_CASE("causality: an event orders after whoever set it, and not after whoever set it again") {
  const auto scenario = [](bool again, bool clears) {
    return [again, clears]() -> Coro<void> {
      Event event;
      auto one = [&]() -> Coro<void> {
        if (!again) note("before");
        event.set();
        co_return;
      };
      auto two = [&]() -> Coro<void> {
        if (clears) event.clear();
        if (again) note("before");
        event.set();
        co_return;
      };
      auto waits = [&]() -> Coro<void> {
        co_await event.wait();
        note("after");
      };
      const auto first = create_task(one());
      const auto second = create_task(two());
      co_await sleep(1s);
      const auto third = create_task(waits());
      co_await gather(first, second, third);
    };
  };
  CHECK(ordered_in_one_run(scenario(false, false)));
  CHECK_FALSE(ordered_in_one_run(scenario(true, false)));
  CHECK(ordered_in_one_run(scenario(true, true)));
  CHECK_FALSE(ordered_in_one_run(scenario(false, true)));
}

TEST_CASE("causality: the join of a queue is ordered after all that was done") {
  CHECK(ordered([]() -> Coro<void> {
    Queue<int> queue;
    auto works = [&]() -> Coro<void> {
      static_cast<void>(co_await queue.get());
      co_await sleep(0s);
      note("before");
      queue.task_done();
    };
    queue.put_nowait(1);
    queue.put_nowait(2);
    const auto one = create_task(works());
    const auto two = create_task(works());
    co_await queue.join();
    note("after");
    co_await one;
    co_await two;
  }));
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

TEST_CASE("causality: a barrier orders all that pass together, each time") {
  const auto phases = [](bool is_before) {
    return [is_before]() -> Coro<void> {
      Barrier barrier(2);
      auto one = [&]() -> Coro<void> {
        co_await barrier.wait();
        if (is_before) note("before");
        co_await barrier.wait();
        if (!is_before) note("before");
      };
      // It comes back while the other is still to leave, and stands outside until then.
      auto other = [&]() -> Coro<void> {
        co_await barrier.wait();
        co_await barrier.wait();
        note("after");
      };
      co_await both(one, other);
    };
  };
  CHECK(ordered(phases(true)));
  CHECK(ordered(phases(true), "fifo", 1));
  CHECK_FALSE(ordered(phases(false)));
}

TEST_CASE("causality: what is done between two passes is not ordered by them") {
  CHECK_FALSE(ordered_in_one_run([]() -> Coro<void> {
    Barrier barrier(2);
    auto one = [&]() -> Coro<void> {  // passes without waiting, and comes back before the other leaves
      co_await sleep(0s);
      co_await barrier.wait();
      note("before");
      co_await barrier.wait();
    };
    auto other = [&]() -> Coro<void> {
      co_await barrier.wait();
      note("after");
      co_await barrier.wait();
    };
    co_await both(one, other);
  }));
}

TEST_CASE(
    "causality: whoever knows that a lock was taken knows what was done under it, whoever came between") {
  const auto scenario = [](bool by_parent) {
    return [by_parent]() -> Coro<void> {
      Lock lock;
      auto child = [&]() -> Coro<void> {
        const auto guard = co_await lock.scoped();
        note("after");
      };
      auto stranger = [&]() -> Coro<void> {
        const auto guard = co_await lock.scoped();
        if (!by_parent) note("before");
      };
      const auto between = create_task(stranger());
      co_await lock.acquire();
      co_await sleep(0s);  // the stranger stands in line now
      const auto task = create_task(child());
      if (by_parent) note("before");
      lock.release();
      co_await lock.acquire();  // not known to the child
      lock.release();
      co_await between;
      co_await task;
    };
  };
  CHECK(ordered(scenario(true)));
  CHECK(ordered(scenario(true), "fifo", 1));
  CHECK_FALSE(ordered(scenario(false)));
}

TEST_CASE("causality: whoever polls a lock that is known to be taken knows what was done under it") {
  const auto polling = [](bool knows) {
    return [knows]() -> Coro<void> {
      Lock lock;
      auto poll = [&]() -> Coro<void> {
        for (int asked = 0; asked < 50; ++asked) {
          if (!lock.locked()) co_return note("after");
          co_await sleep(100ms);
        }
      };
      auto idle = []() -> Coro<void> { co_return; };
      auto work = [&]() -> Coro<void> {
        co_await lock.acquire();
        const auto polls = knows ? create_task(poll()) : create_task(idle());
        note("before");
        co_await sleep(1s);
        lock.release();
        co_await polls;
      };
      auto other = [&]() -> Coro<void> {
        co_await sleep(2s);
        if (!knows) co_await poll();
      };
      co_await both(work, other);
    };
  };
  CHECK(ordered(polling(true)));
  CHECK_FALSE(ordered_in_one_run(polling(false)));
}

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
