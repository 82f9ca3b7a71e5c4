/// What happens before what, by happens_before: who knows that something was done, and finds it undone; and
/// who finds that something is taken.

#include <coweave/coweave.hpp>
#include <coweave/tests/monitors/ordered.hpp>

#include <doctest/doctest.h>

#include <cstdint>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

/// Clears the event, and notes "before" before it does.
Coro<void> clear_later(Event& event) {
  co_await sleep(0s);
  note("before");
  event.clear();
}

/// Asks until it is cleared.
Coro<void> await_clear(Event& event) {
  while (event.is_set()) co_await sleep(0s);
  note("after");
}

template <class AnyQueue>
sim::Scenario drained() {
  return []() -> Coro<void> {
    AnyQueue jobs;
    jobs.put_nowait(1);
    auto works = [&]() -> Coro<void> {
      co_await sleep(0s);
      note("before");
      static_cast<void>(co_await jobs.get());
    };
    auto asks = [&]() -> Coro<void> {
      while (!jobs.empty()) co_await sleep(0s);
      note("after");
    };
    co_await run_both(works, asks);
  };
}

struct OnePermit : Semaphore {
  OnePermit() : Semaphore(1) {}
};

template <class Guard>
Coro<void> asks_until_taken(Guard& guard) {
  while (!guard.locked()) co_await sleep(0s);
  note("after");
}

/// A task that takes it beside one that asks until it is taken.
template <class Guard>
Coro<void> is_taken(bool note_first) {
  Guard guard;
  auto takes = [&]() -> Coro<void> {
    co_await sleep(0s);
    if (note_first) note("before");
    co_await guard.acquire();
    if (!note_first) note("before");
    co_await sleep(1s);
    guard.release();
  };
  auto asks = [&]() -> Coro<void> { return asks_until_taken(guard); };
  co_await run_both(takes, asks);
}

}  // namespace

TEST_CASE("causality: whoever knows that an event was set, and finds it cleared, knows who cleared it") {
  CHECK(ordered([]() -> Coro<void> {
    Event closed;
    closed.set();
    auto clears = [&]() -> Coro<void> { return clear_later(closed); };
    auto asks = [&]() -> Coro<void> { return await_clear(closed); };
    co_await run_both(clears, asks);
  }));
  CHECK(ordered([]() -> Coro<void> {  // it has seen that it was set
    Event opened;
    auto works = [&]() -> Coro<void> {
      co_await sleep(1s);  // until the other waits
      opened.set();
      co_await clear_later(opened);
    };
    auto asks = [&]() -> Coro<void> {
      co_await opened.wait();
      co_await await_clear(opened);
    };
    co_await run_both(works, asks);
  }));
}

TEST_CASE("causality: that an event is clear is luck to whoever does not know that it was set") {
  enum class Does : std::uint8_t { sets_alone, goes_on_after, sets_again };
  const auto scenario = [](Does does) {
    return [does]() -> Coro<void> {
      Event event;
      if (does != Does::sets_alone) event.set();
      auto clears = [&]() -> Coro<void> {
        co_await sleep(0s);
        if (does == Does::sets_again) event.clear();
        if (does != Does::goes_on_after) event.set();
        if (does != Does::goes_on_after) note("before");
        event.clear();
        if (does == Does::goes_on_after) note("before");
      };
      auto asks = [&]() -> Coro<void> {
        co_await sleep(1s);
        if (!event.is_set()) note("after");
      };
      co_await run_both(clears, asks);
    };
  };
  CHECK_FALSE(ordered_in_one_run(scenario(Does::sets_alone)));
  CHECK_FALSE(ordered_in_one_run(scenario(Does::goes_on_after)));
  CHECK_FALSE(ordered_in_one_run(scenario(Does::sets_again)));
}

TEST_CASE("causality: whoever knows of a put, and finds the queue empty, knows who got the items") {
  CHECK(ordered(drained<Queue<int>>()));
  CHECK(ordered(drained<LifoQueue<int>>()));
  CHECK(ordered(drained<PriorityQueue<int>>()));
}

TEST_CASE("causality: whoever waits until a queue of one place has room knows who made it") {
  CHECK(ordered([]() -> Coro<void> {
    Queue<int> jobs(1);
    jobs.put_nowait(1);
    auto works = [&]() -> Coro<void> {
      co_await sleep(0s);
      note("before");
      static_cast<void>(co_await jobs.get());
    };
    auto asks = [&]() -> Coro<void> {
      while (jobs.full()) co_await sleep(0s);
      note("after");
    };
    co_await run_both(works, asks);
  }));
}

TEST_CASE("causality: that a queue is empty is luck to whoever does not know of a put") {
  const auto scenario = [](bool knows) {
    return [knows]() -> Coro<void> {
      Queue<int> jobs;
      if (knows) jobs.put_nowait(1);
      auto works = [&]() -> Coro<void> {
        if (!knows) {
          jobs.put_nowait(1);
          note("before");
        }
        static_cast<void>(co_await jobs.get());
        if (knows) note("before");  // and goes on after the get, which is not known to anybody
      };
      auto asks = [&]() -> Coro<void> {
        co_await sleep(1s);
        if (jobs.empty()) note("after");
      };
      co_await run_both(works, asks);
    };
  };
  CHECK_FALSE(ordered_in_one_run(scenario(false)));
  CHECK_FALSE(ordered_in_one_run(scenario(true)));
}

TEST_CASE("causality: whoever finds that a lock is taken knows what came before, and not what is done") {
  CHECK(ordered([]() -> Coro<void> { return is_taken<Lock>(true); }));
  CHECK(ordered([]() -> Coro<void> { return is_taken<OnePermit>(true); }));
  CHECK_FALSE(ordered_in_one_run([]() -> Coro<void> { return is_taken<Lock>(false); }));
  CHECK_FALSE(ordered_in_one_run([]() -> Coro<void> { return is_taken<OnePermit>(false); }));
}

TEST_CASE("causality: whoever finds that a lock is taken, and then that it is free, knows what was done") {
  const auto scenario = [](bool sees) {
    return [sees]() -> Coro<void> {
      Lock lock;
      auto works = [&]() -> Coro<void> {
        const auto guard = co_await lock.scoped();
        co_await sleep(1s);
        note("before");
      };
      auto asks = [&]() -> Coro<void> {
        if (!sees) co_await sleep(2s);
        while (sees && !lock.locked()) co_await sleep(0s);
        while (lock.locked()) co_await sleep(100ms);
        note("after");
      };
      co_await run_both(works, asks);
    };
  };
  CHECK(ordered(scenario(true)));
  CHECK_FALSE(ordered_in_one_run(scenario(false)));
}
