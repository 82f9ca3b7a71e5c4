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

#include <coweave/props/counterexample/trial.hpp>
#include <coweave/sim/choice.hpp>
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
  bool in_time = false;   ///< it is not proved to be minimal for another reason than that the time was up
};

/// What a counterexample is made small towards.
enum class Towards : std::uint8_t {
  deviations,   ///< the fewest
  in_order,     ///< the fewest, none of which is a choice of who runs next
  preemptions,  ///< the fewest; deviations if the steps of its run are too many, or not known
};

/// What it is for a run under `settings`. `keeps_order`: it was found in asyncio's own order.
[[nodiscard]] Towards aim(const traces::Settings& settings, bool keeps_order) noexcept;

/// Shrinks `failing`, which fails in `trial`, for at most `time_max`.
[[nodiscard]] Shrunk shrink(Trial& trial, const sim::Schedule& failing, std::chrono::nanoseconds time_max,
                            Towards towards = Towards::deviations);

/// Shrinks `failing`, whose run of `scenario` ended in `failure`, for at most `time_max`. `keeps_order`: it
/// was found in asyncio's own order.
[[nodiscard]] Shrunk shrink(sim::Simulation& simulation, const sim::Scenario& scenario,
                            const sim::Schedule& failing, const sim::Failure& failure,
                            std::chrono::nanoseconds time_max, bool keeps_order = false);

}  // namespace coweave
