/// wait_for as asyncio's before 3.12: the awaitable runs in a task of its own, and the caller waits for a
/// helper that the end of the task or of the time releases. The fix of most of it is to have no second task,
/// as `coweave::wait_for` does.

#include <coweave/bench/power/historic/crew.hpp>
#include <coweave/bench/power/historic/historic.hpp>
#include <coweave/core/condition.hpp>
#include <coweave/core/queue.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/core/wait_for.hpp>
#include <coweave/props/require.hpp>

#include <chrono>
#include <exception>
#include <string>

namespace coweave::bench::historic {

namespace {

using namespace std::chrono_literals;

enum class Defect {
  none,
  does_not_wait_for_inner,  ///< when the time is up
  loses_result,             ///< that came in the same instant as a cancellation
  swallows_cancellation,    ///< that came in the same instant as the result
  loses_error,              ///< with which what was cancelled ended
};

/// Cancels a task and waits until it has ended, whatever else comes.
Coro<void> cancel_and_wait(Task<int> task) {
  task.cancel();
  const Future<> ended = create_future();
  task.add_done_callback([ended](const Future<int>&) {
    if (!ended.done()) ended.set_result();
  });
  co_await ended;
}

Coro<int> wait_for_in_two_tasks(Coro<int> work, Duration time, Defect defect) {
  const Future<> released = create_future();
  const auto release = [released] {
    if (!released.done()) released.set_result();
  };
  const CallHandle timer = call_later(time, release);
  const Task<int> inner = create_task(std::move(work), {.name = "inner"});
  inner.add_done_callback([release](const Future<int>&) { release(); });
  bool cancelled = false;
  try {
    co_await released;
  } catch (const CancelledError&) {
    cancelled = true;
  }
  timer.cancel();
  if (inner.done() && cancelled && defect == Defect::loses_result) throw CancelledError();
  if (inner.done()) co_return inner.result();
  if (defect == Defect::does_not_wait_for_inner) {
    inner.cancel();
  } else {
    co_await cancel_and_wait(inner);
  }
  if (cancelled) throw CancelledError();
  if (inner.done() && !inner.cancelled() && defect != Defect::loses_error) co_return inner.result();
  throw TimeoutError();
}

Coro<int> wait_for_up_to(Coro<int> work, Duration time, Defect defect) {
  if (defect == Defect::none) return wait_for(std::move(work), time);
  return wait_for_in_two_tasks(std::move(work), time, defect);
}

/// Takes a while to clean up when it is cancelled.
Coro<int> use_slowly(bool& in_use, Duration time) {
  in_use = true;
  bool cancelled = false;
  try {
    co_await sleep(time);
  } catch (const CancelledError&) {
    cancelled = true;
  }
  if (cancelled) co_await sleep(0s);
  in_use = false;
  if (cancelled) throw CancelledError();
  co_return 1;
}

Coro<void> use_one_after_another(Defect defect) {
  bool in_use = false;
  for (const Duration time : {Duration(1ms), Duration(2ms)}) {
    try {
      co_await wait_for_up_to(use_slowly(in_use, time), 1ms, defect);
    } catch (const TimeoutError&) {
    }
    COWEAVE_REQUIRE(!in_use);
  }
  co_await sleep(1ms);
}

Coro<int> told(Condition& changed) {
  co_await changed.wait();
  co_return 1;
}

/// Waits for a change, for so long, and has the lock afterwards.
Coro<void> wait_for_change(Condition& changed, Defect defect) {
  co_await changed.acquire();
  try {
    co_await wait_for_up_to(told(changed), 1ms, defect);
  } catch (const TimeoutError&) {
  }
  COWEAVE_REQUIRE(changed.locked());
  changed.release();
}

Coro<void> wait_for_a_condition(Defect defect) {
  Condition changed;
  Crew crew;
  crew.start(wait_for_change(changed, defect), "waiter");
  co_await crew.ended();
  co_await sleep(1ms);
}

/// Lends things, and knows how many are out.
struct Pool {
  Queue<int> things{0, "pool"};
  int lent = 0;
};

Coro<int> borrow(Pool& pool) {
  const int thing = co_await pool.things.get();
  ++pool.lent;
  co_return thing;
}

Coro<void> use_thing(Pool& pool, Defect defect) {
  const int thing = co_await wait_for_up_to(borrow(pool), 1h, defect);
  --pool.lent;
  pool.things.put_nowait(thing);
}

/// Whatever is borrowed is given back.
Coro<void> borrow_and_return(Defect defect) {
  Pool pool;
  Crew crew;
  crew.start(use_thing(pool, defect), "user");
  co_await sleep(0s);
  pool.things.put_nowait(1);
  co_await crew.ended();
  COWEAVE_REQUIRE(pool.lent == 0);
}

Coro<int> get(Queue<int>& queue) { co_return co_await queue.get(); }

Coro<void> get_in_time(Queue<int>& queue, int& got, Defect defect) {
  co_await wait_for_up_to(get(queue), 1h, defect);
  ++got;
}

/// An item is got or still there.
Coro<void> get_one(Defect defect) {
  Queue<int> queue(0, "queue");
  int got = 0;
  Crew crew;
  crew.start(get_in_time(queue, got, defect), "getter");
  co_await sleep(1ms);
  queue.put_nowait(1);
  co_await crew.ended();
  COWEAVE_REQUIRE(got + static_cast<int>(queue.qsize()) == 1);
}

Coro<int> answer() {
  co_await sleep(1ms);
  co_return 1;
}

Coro<void> ask_twice(Defect defect) {
  for (int question = 0; question < 2; ++question) co_await wait_for_up_to(answer(), 1h, defect);
}

/// Who is told to stop stops.
Coro<void> stop_asking(Defect defect) {
  Crew crew;
  crew.start(ask_twice(defect), "client");
  co_await crew.ended();
  crew.require_obedience();
}

/// Fails when it is cancelled.
Coro<int> fail_when_cancelled() {
  try {
    co_await sleep(1ms);
  } catch (const CancelledError&) {
    throw LookupError("no such key");
  }
  co_return 1;
}

Coro<void> hear_of_error(Defect defect) {
  try {
    co_await wait_for_up_to(fail_when_cancelled(), 1ms, defect);
  } catch (const LookupError&) {
  } catch (const TimeoutError&) {
  }
}

}  // namespace

std::vector<HistoricBug> wait_fors() {
  using enum traces::VerdictKind;
  return {
      {"B15", "wait_for(condition.wait()): the lock is not held when the time is up",
       [] { return wait_for_a_condition(Defect::does_not_wait_for_inner); },
       [] { return wait_for_a_condition(Defect::none); }, 0, assertion},
      {"B20", "wait_for(queue.get()): the item goes with the cancelled getter",
       [] { return get_one(Defect::loses_result); }, [] { return get_one(Defect::none); }, 1, assertion},
      {"B27", "wait_for: the time is up, and the awaitable still runs",
       [] { return use_one_after_another(Defect::does_not_wait_for_inner); },
       [] { return use_one_after_another(Defect::none); }, 0, assertion},
      {"B28", "wait_for: what was acquired in the instant of a cancellation is lost",
       [] { return borrow_and_return(Defect::loses_result); }, [] { return borrow_and_return(Defect::none); },
       1, assertion},
      {"B29/S40", "wait_for: a cancellation in the instant of the result is swallowed",
       [] { return stop_asking(Defect::swallows_cancellation); }, [] { return stop_asking(Defect::none); }, 1,
       assertion},
      {"B30", "wait_for: an error of what was cancelled is lost",
       [] { return hear_of_error(Defect::loses_error); }, [] { return hear_of_error(Defect::none); }, 0,
       never_retrieved},
  };
}

}  // namespace coweave::bench::historic
