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

struct Minimal {
  std::vector<std::uint32_t> calls;  ///< that are left, in the order in which they began
  std::vector<Interval> intervals;   ///< of all, as they were searched last
  SearchResult result;               ///< of those that are left
};

/// `found` is what the search on `calls` gave; it did not find a linearisation, and there is none. Each
/// search may take `options.steps_max` steps, and all of them ten times that; beyond it calls are kept.
[[nodiscard]] Minimal minimise(std::span<const Interval> calls, const SearchResult& found, StateSpace& space,
                               const SearchOptions& options);

}  // namespace coweave::detail
