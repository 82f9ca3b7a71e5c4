/// What happens before what, by happens_before: each kind of synchronisation orders, and nothing else does.

#include <coweave/coweave.hpp>
#include <coweave/tests/monitors/ordered.hpp>

#include <doctest/doctest.h>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

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
    co_await run_both(one, other);
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
    co_await run_both(one, other);
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
    co_await run_both(one, other);
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

TEST_CASE("causality: whoever uses a place of a queue again comes after whoever freed it") {
  const auto scenario = [](std::size_t places) {
    return [places]() -> Coro<void> {
      Queue<int> queue(places);
      co_await queue.put(1);
      auto get = [&]() -> Coro<void> {
        note("before");
        static_cast<void>(co_await queue.get());
      };
      auto put = [&]() -> Coro<void> {
        co_await sleep(0s);
        co_await queue.put(2);
        note("after");
      };
      co_await run_both(get, put);
    };
  };
  CHECK(ordered(scenario(1)));
  CHECK_FALSE(ordered_in_one_run(scenario(2)));  // the other was free
  CHECK_FALSE(ordered_in_one_run(scenario(0)));
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
    co_await run_both(one, other);
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
    co_await run_both(one, other);
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
    co_await run_both(one, other);
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
      co_await run_both(one, other);
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
    co_await run_both(one, other);
  }));
}
