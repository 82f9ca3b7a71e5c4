/// What happens before what, by happens_before: what locks, semaphores and conditions order, and what is
/// luck.

#include <coweave/coweave.hpp>
#include <coweave/tests/monitors/ordered.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

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
    co_await run_both(one, other);
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
    co_await run_both(one, other);
  }));
}

TEST_CASE("causality: a notification tells of all that was done under the lock before") {
  const auto scenario = [](auto condition_on) -> sim::Scenario {
    return [condition_on]() -> Coro<void> {
      Lock lock;
      auto condition = condition_on(lock);
      int left = 2;
      auto leave = [&]() -> Coro<void> {
        note("before");
        const auto guard = co_await condition->scoped();
        if (--left == 0) condition->notify_all();  // the other goes without a word
      };
      auto wait = [&]() -> Coro<void> {
        const auto guard = co_await condition->scoped();
        while (left > 0) co_await condition->wait();
        note("after");
      };
      const auto waits = create_task(wait());
      co_await run_both(leave, leave);
      co_await waits;
    };
  };
  CHECK(ordered(scenario([](Lock&) { return std::make_unique<Condition>(); })));
  CHECK(ordered(scenario([](Lock& lock) { return std::make_unique<Condition>(lock); })));
}

TEST_CASE("causality: without a notification who held the lock of a condition first is luck") {
  const auto scenario = [](bool notifies) {
    return [notifies]() -> Coro<void> {
      Condition condition;
      auto one = [&]() -> Coro<void> {
        co_await condition.acquire();
        if (notifies) condition.notify_all();
        if (!notifies) note("before");
        condition.release();
        if (notifies) note("before");
      };
      auto other = [&]() -> Coro<void> {
        const auto guard = co_await condition.scoped();
        note("after");
        if (notifies) condition.notify_all();
      };
      co_await run_both(one, other);
    };
  };
  CHECK_FALSE(ordered_in_one_run(scenario(false)));
  CHECK_FALSE(ordered_in_one_run(scenario(true)));  // what comes after its section is not told by it
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
    co_await run_both(one, other);
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
      co_await run_both(work, other);
    };
  };
  CHECK(ordered(polling(true)));
  CHECK_FALSE(ordered_in_one_run(polling(false)));
}

TEST_CASE(
    "causality: that all permits were taken before the other could ask is an order, and fewer are none") {
  enum class Does : std::uint8_t { with_all, with_one, after_the_first_release };
  const auto scenario = [](Does does) {
    return [does]() -> Coro<void> {
      Semaphore pool(2);
      auto uses = [&]() -> Coro<void> {
        co_await pool.acquire();
        note("after");
        pool.release();
      };
      co_await pool.acquire();
      if (does != Does::with_one) co_await pool.acquire();
      const auto user = create_task(uses());
      if (does != Does::after_the_first_release) note("before");
      pool.release();
      if (does == Does::after_the_first_release) note("before");
      if (does != Does::with_one) pool.release();
      co_await user;
    };
  };
  CHECK(ordered(scenario(Does::with_all)));
  CHECK(ordered(scenario(Does::with_all), "fifo", 1));
  CHECK_FALSE(ordered_in_one_run(scenario(Does::with_one)));
  CHECK_FALSE(ordered_in_one_run(scenario(Does::after_the_first_release)));
}
