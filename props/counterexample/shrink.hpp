#pragma once

/// Making a counterexample small.
///
/// Each candidate is run, none is assumed. First steps that are independent of each other are brought into
/// asyncio's order, which takes one run. Then deviations are dropped, in halves and then one by one. Then
/// all schedules with fewer deviations are searched, from 0 up: if the time allows, the result is proved
/// minimal. At last, with at most 1,000 runs, each deviation is replaced by one that is easier to follow: a
/// switch instead of a cancellation, a later place, a smaller number.
///
/// What was found in asyncio's own order, with times that vary, stays in that order: a smaller schedule that
/// could not happen on a production loop is no help.
///
/// Where scheduling points are more than asyncio's own, its order says little: tasks then take turns at every
/// access. There the result is the one with the fewest preemptions instead, see straighten.hpp.

#include <coweave/sim/simulation.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace coweave {

struct Shrunk {
  sim::Schedule schedule;  ///< fails in the same way as the one that was given
  std::uint64_t runs = 0;  ///< that it took
  bool minimal = false;  ///< proved: no schedule with fewer deviations fails in the same way; if preemptions
                         ///< are known, with fewer of them
  std::uint64_t runs_to_it = 0;                   ///< of the runs, those until it was found
  std::optional<std::uint64_t> preemptions = {};  ///< if there are more points than asyncio's own
  bool too_long = false;  ///< to be brought to the fewest preemptions, and so not minimal
};

namespace detail {

class Deadline;

/// While it lives, runs of `simulation` end at `deadline`, and have then come to no end.
class EndingAt {
 public:
  EndingAt(sim::Simulation& simulation, const Deadline& deadline);
  EndingAt(const EndingAt&) = delete;
  EndingAt& operator=(const EndingAt&) = delete;
  ~EndingAt();

 private:
  sim::Simulation& simulation_;
};

}  // namespace detail

/// Where a shrinker runs its candidates.
class Trial {
 public:
  Trial() = default;
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;
  virtual ~Trial() = default;

  /// One run under `policy`, whose `begin_run` has been called, as `end_run` will have been: whether it
  /// failed as the failure that is to be made small.
  virtual bool fails_alike(sim::Policy& policy) = 0;
  /// The choices of that run.
  [[nodiscard]] virtual const sim::Schedule& schedule() const = 0;
};

/// What a counterexample is made small towards.
enum class Towards : std::uint8_t {
  deviations,   ///< the fewest
  in_order,     ///< the fewest, none of which is a choice of who runs next
  preemptions,  ///< the fewest, if the trial runs in this process; else deviations
};

/// Shrinks `failing`, which fails in `trial`, for at most `time_max`.
[[nodiscard]] Shrunk shrink(Trial& trial, const sim::Schedule& failing, std::chrono::nanoseconds time_max,
                            Towards towards = Towards::deviations);

/// Shrinks `failing`, whose run of `scenario` ended in `failure`, for at most `time_max`. `keeps_order`: it
/// was found in asyncio's own order.
[[nodiscard]] Shrunk shrink(sim::Simulation& simulation, const sim::Scenario& scenario,
                            const sim::Schedule& failing, const sim::Failure& failure,
                            std::chrono::nanoseconds time_max, bool keeps_order = false);

}  // namespace coweave
