/// A limit on a block in the caller's own task: when the time is up it cancels the task, and has to know its
/// own cancellation from others.

#include <coweave/bench/power/historic/crew.hpp>
#include <coweave/bench/power/historic/historic.hpp>
#include <coweave/core/callback.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/props/require.hpp>

#include <cstdint>

namespace coweave::bench::historic {

namespace {

using namespace std::chrono_literals;

enum class Defect { none, counts_pending_request, compares_with_zero, only_a_flag, does_not_uncancel };

class Limit {
 public:
  Limit(Duration time, Defect defect)
      : defect_(defect), task_(current_task()), timer_(call_later(time, [this] { expire(); })) {
    requests_at_entry_ = task_.cancelling();
    // A request that is still to be delivered comes inside the block.
    if (task_.base().must_cancel() && defect_ != Defect::counts_pending_request) --requests_at_entry_;
    if (defect_ == Defect::compares_with_zero) requests_at_entry_ = 0;
  }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;
  ~Limit() { timer_.cancel(); }

  /// Of a CancelledError that leaves the block: whether it is this limit's own.
  [[nodiscard]] bool is_own() const {
    if (!expired_) return false;
    if (defect_ == Defect::does_not_uncancel) return true;
    const std::uint32_t left = task_.uncancel();
    return defect_ == Defect::only_a_flag || left <= requests_at_entry_;
  }

 private:
  void expire() {
    expired_ = true;
    task_.cancel();
  }

  const Defect defect_;
  AnyTask task_;
  CallHandle timer_;
  std::uint32_t requests_at_entry_ = 0;
  bool expired_ = false;
};

Coro<void> sleep_at_most(Duration time, Duration limit_time, Defect defect) {
  const Limit limit(limit_time, defect);
  try {
    co_await sleep(time);
  } catch (const CancelledError&) {
    if (limit.is_own()) throw TimeoutError();
    throw;
  }
}

Coro<void> sleep_twice(Defect defect) {
  for (int round = 0; round < 2; ++round) {
    try {
      co_await sleep_at_most(2ms, 1ms, defect);
    } catch (const TimeoutError&) {
    }
  }
}

/// Who is told to stop stops, and no request is left of those that did not come from outside.
Coro<void> stop_sleeper(Defect defect) {
  Crew crew;
  crew.start(sleep_twice(defect), "sleeper");
  co_await crew.ended();
  crew.require_obedience();
}

Coro<void> clean_up_in_time(Defect defect) {
  try {
    co_await sleep(1ms);
    co_return;
  } catch (const CancelledError&) {
  }
  bool timed_out = false;
  try {
    co_await sleep_at_most(1h, 1ms, defect);
  } catch (const TimeoutError&) {
    timed_out = true;
  } catch (const CancelledError&) {
  }
  COWEAVE_REQUIRE(timed_out);
}

/// Goes on after a cancellation, to clean up for at most so long.
Coro<void> stop_with_cleaning(Defect defect) {
  Crew crew;
  crew.start(clean_up_in_time(defect), "worker");
  co_await crew.ended();
}

Coro<void> cancel_itself(Defect defect) {
  current_task().cancel();
  try {
    co_await sleep_at_most(1ms, 0s, defect);
  } catch (const TimeoutError&) {
  }
}

/// Is cancelled when it enters a block whose time is up already.
Coro<void> stopped_at_entry(Defect defect) {
  Crew crew;
  crew.start(cancel_itself(defect), "worker");
  co_await crew.ended();
  crew.require_obedience();
}

}  // namespace

std::vector<HistoricBug> timeouts() {
  using enum traces::VerdictKind;
  return {
      {"B31", "timeout: takes a cancellation that is pending at its entry for its own",
       [] { return stopped_at_entry(Defect::counts_pending_request); },
       [] { return stopped_at_entry(Defect::none); }, 0, assertion},
      {"B32", "timeout: expects no requests at all instead of those at its entry",
       [] { return stop_with_cleaning(Defect::compares_with_zero); },
       [] { return stop_with_cleaning(Defect::none); }, 1, assertion},
      {"B35/S42", "timeout: a flag cannot tell a cancellation in the same instant from its own",
       [] { return stop_sleeper(Defect::only_a_flag); }, [] { return stop_sleeper(Defect::none); }, 1,
       assertion},
      {"S44", "timeout: its own request is not taken back",
       [] { return stop_sleeper(Defect::does_not_uncancel); }, [] { return stop_sleeper(Defect::none); }, 0,
       assertion},
  };
}

}  // namespace coweave::bench::historic
