/// Gathering, racing and handing work to a loop: what one consumer's cancellation does to shared work.

#include <coweave/bench/power/historic/crew.hpp>
#include <coweave/bench/power/historic/historic.hpp>
#include <coweave/core/callback.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/props/require.hpp>

#include <utility>
#include <vector>

namespace coweave::bench::historic {

namespace {

using namespace std::chrono_literals;

enum class Defect { none, stores_own_cancellation, drops_late_cancellation, in_order_of_completion };

Coro<int> answer(int value, Duration time) {
  co_await sleep(time);
  co_return value;
}

constexpr int cancelled_child = -1;

int value_of(const Future<int>& child) { return child.cancelled() ? cancelled_child : child.result(); }

/// The values of all, in argument order; `cancelled_child` for those that were cancelled. Cancelled itself,
/// it cancels them and waits for them.
Coro<std::vector<int>> gather_all(std::vector<Task<int>> children, Defect defect) {
  std::vector<int> completed;
  Future<> last_ended;
  for (const Task<int>& child : children) {
    child.add_done_callback([&](const Future<int>& ended) {
      completed.push_back(value_of(ended));
      if (completed.size() == children.size() && last_ended.valid() && !last_ended.done())
        last_ended.set_result();
    });
  }
  bool cancel_requested = false;
  while (completed.size() < children.size()) {
    last_ended = create_future();
    try {
      co_await last_ended;
    } catch (const CancelledError&) {
      const bool is_late = completed.size() == children.size();
      if (is_late && defect == Defect::drops_late_cancellation) continue;
      cancel_requested = true;
      for (const Task<int>& child : children) child.cancel();
    }
  }
  if (cancel_requested && defect != Defect::stores_own_cancellation) throw CancelledError();
  if (defect == Defect::in_order_of_completion) co_return completed;
  std::vector<int> values;
  for (const Task<int>& child : children) values.push_back(value_of(child));
  co_return values;
}

Coro<void> ask_two(Defect defect) {
  std::vector<Task<int>> children;
  for (int value = 1; value <= 2; ++value)
    children.push_back(create_task(answer(value, 0s), {.name = "child"}));
  const std::vector<int> values = co_await gather_all(std::move(children), defect);
  COWEAVE_REQUIRE(values.size() == 2U);
  if (current_task().cancelling() == 0) COWEAVE_REQUIRE(values == std::vector({1, 2}));
}

/// Gets both values in order, or is cancelled.
Coro<void> stop_gathering(Defect defect) {
  Crew crew;
  crew.start(ask_two(defect), "client");
  co_await crew.ended();
  crew.require_obedience();
}

/// Starts a second attempt if the first has not come to an end soon; whichever ends first wins. `cancels` is
/// the fix: whoever is cancelled takes its attempts along.
Coro<int> race(bool cancels) {
  std::vector<Task<int>> attempts;
  const Future<> decided = create_future();
  try {
    for (int attempt = 0; attempt < 2; ++attempt) {
      attempts.push_back(create_task(answer(attempt, 1h), {.name = "attempt"}));
      attempts.back().add_done_callback([decided](const Future<int>&) {
        if (!decided.done()) decided.set_result();
      });
      co_await sleep(1ms);
    }
    co_await decided;
  } catch (const CancelledError&) {
    if (cancels) {
      for (const Task<int>& attempt : attempts) attempt.cancel();
    }
    throw;
  }
  const int winner = attempts[0].done() ? 0 : 1;
  attempts[winner == 0 ? 1U : 0U].cancel();
  co_return winner;
}

Coro<void> connect(bool cancels) { static_cast<void>(co_await race(cancels)); }

Coro<void> stop_race(bool cancels) {
  Crew crew;
  crew.start(connect(cancels), "client");
  co_await crew.ended();
  co_await sleep(1ms);
}

Coro<int> work(bool& done) {
  co_await sleep(1ms);
  done = true;
  co_return 1;
}

/// Lets the loop start a job, as run_coroutine_threadsafe does. `looks` is the fix: the client may have gone
/// before the loop came to it.
Future<int> submit(bool& done, bool looks) {
  const Future<int> outcome = create_future<int>();
  call_soon([outcome, &done, looks] {
    if (looks && outcome.done()) return;
    const Task<int> job = create_task(work(done), {.name = "job"});
    if (!outcome.done()) {
      outcome.add_done_callback([job](const Future<int>& ended) {
        if (ended.cancelled()) job.cancel();
      });
    }
    job.add_done_callback([outcome](const Future<int>& ended) {
      if (!outcome.done() && !ended.cancelled()) outcome.set_result(ended.result());
    });
  });
  return outcome;
}

Coro<void> ask(bool& done, bool looks) {
  const Future<int> outcome = submit(done, looks);
  static_cast<void>(co_await outcome);
}

/// A job whose client goes away before it is done is not done.
Coro<void> stop_client(bool looks) {
  bool done = false;
  Crew crew;
  crew.start(ask(done, looks), "client");
  co_await sleep(500us);
  const bool stopped = crew.cancelled() > 0;
  co_await sleep(1ms);
  if (stopped) COWEAVE_REQUIRE(!done);
  co_await crew.ended();
}

}  // namespace

std::vector<HistoricBug> gathers() {
  using enum traces::VerdictKind;
  return {
      {"B44a/S52", "gather: stores its own cancellation as that of its children",
       [] { return stop_gathering(Defect::stores_own_cancellation); },
       [] { return stop_gathering(Defect::none); }, 1, assertion},
      {"bpo-26923", "gather: drops a cancellation that comes when the children are done",
       [] { return stop_gathering(Defect::drops_late_cancellation); },
       [] { return stop_gathering(Defect::none); }, 1, assertion},
      {"S54", "gather: gives results in the order in which they came",
       [] { return stop_gathering(Defect::in_order_of_completion); },
       [] { return stop_gathering(Defect::none); }, 0, assertion},
      {"B44e", "run_coroutine_threadsafe: the task runs although its future was cancelled",
       [] { return stop_client(false); }, [] { return stop_client(true); }, 1, assertion},
      {"B44f", "staggered_race: cancelled, it leaves its attempts running", [] { return stop_race(false); },
       [] { return stop_race(true); }, 1, leaked_task},
  };
}

}  // namespace coweave::bench::historic
