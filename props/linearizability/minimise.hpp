#pragma once

/// The smallest part of a history that is wrong.
///
/// To leave a call out would change what happened: a value would come from nowhere, and that would be wrong
/// for a reason of its own. So a call is dropped only if the rest stays wrong even when nothing is known of
/// it: whether it took effect at any time from its beginning on, or not at all. What is left is wrong by
/// itself. Then what the calls that are left need to be possible at all comes back, so that whoever looks at
/// them sees where each value comes from.

#include <coweave/props/linearizability/search.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace coweave::detail {

/// How many steps all searches for it may take together, and one of them.
constexpr std::uint64_t minimising_steps_max = 1'000'000;
constexpr std::uint64_t attempt_steps_max = 100'000;

struct Minimal {
  std::vector<std::uint32_t> calls;  ///< that are left, in the order in which they began
  std::vector<Interval> intervals;   ///< of all, as they were searched last
  SearchResult result;               ///< of those that are left
  bool gave_up = false;              ///< a search came to its bound: calls may be left that need not be
};

/// Of `calls`, those that `wrong` lists have no linearisation. What cannot be shown within the bounds is
/// kept.
[[nodiscard]] Minimal minimise(std::span<const Interval> calls, std::vector<std::uint32_t> wrong,
                               StateSpace& space, CallOrder order);

}  // namespace coweave::detail
