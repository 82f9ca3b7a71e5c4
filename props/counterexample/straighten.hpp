#pragma once

/// Making a counterexample easy to follow where tasks give way only because the scheduling points say so: to
/// as few preemptions as can be.
///
/// A preemption is a step of somebody else while whoever ran last could have gone on. The steps of the run
/// are put into other orders, the coarse ones first: all steps of one actor together, at the beginning, at
/// its first or last step, or at the end; then the two sides of a single preemption. Each order is run, as
/// far as the program allows it. Numbers that were drawn, and the like, are lowered then; and where one came
/// out of order for nothing, who had arrived first comes first. At last the schedules with fewer preemptions
/// are searched, from 0 up, with no more injected, and with the numbers and the lateness that were drawn.

#include <coweave/props/counterexample/trial.hpp>
#include <coweave/props/deadline.hpp>
#include <coweave/sim/choice.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace coweave {

/// Longer runs are not straightened.
inline constexpr std::size_t straightened_choices_max = 2'000;

struct Straightened {
  sim::Schedule schedule;  ///< fails in the same way as the one that was given
  std::uint64_t preemptions = 0;
  std::uint64_t runs = 0;
  std::uint64_t runs_to_it = 0;
  bool minimal = false;  ///< proved: none with fewer preemptions, and no more injected, fails in the same way
};

/// Straightens `failing`, which fails in `trial`, until `deadline`. Nothing if the steps of its run are too
/// many, or not known.
[[nodiscard]] std::optional<Straightened> straighten(Trial& trial, const sim::Schedule& failing,
                                                     const detail::Deadline& deadline);

}  // namespace coweave
