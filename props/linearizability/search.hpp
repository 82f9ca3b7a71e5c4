#pragma once

/// The search for a linearisation: of Wing and Gong (1993), with Lowe's memoisation (2016), as Porcupine has
/// it.
///
/// A configuration is the set of calls that have taken effect, and the state that they led to. A call may
/// take effect next if no call that is left had to come before it. A configuration that has been seen leads
/// nowhere new. Calls and states are numbers here; see state_space.hpp for what stands behind them.

#include <coweave/props/linearizability/moments.hpp>
#include <coweave/props/linearizability/state_space.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace coweave::detail {

/// When a call was under way, in positions of the history: every beginning and every end has its own.
struct Interval {
  std::uint32_t invoked = 0;
  std::uint32_t returned = unset;  ///< `never`: it may take effect at any later time
  std::uint32_t process = 0;
  bool optional = false;  ///< it may also have had no effect at all; all that never return are optional
  bool observed = true;   ///< its response counts
};

/// Which calls must take effect before which.
enum class CallOrder : std::uint8_t {
  real_time,  ///< what returned before another was invoked
  program     ///< what the same process called before
};

struct SearchOptions {
  CallOrder order = CallOrder::real_time;
  std::uint64_t steps_max = 0;  ///< see CheckOptions; the last step may take it a little further
  bool memoisation = true;      ///< false: the plain depth-first search of 1993, to compare with
};

struct SearchResult {
  enum class End : std::uint8_t { found, impossible, gave_up } end = End::gave_up;
  std::uint64_t steps = 0;
  std::vector<std::uint32_t> order;  ///< the linearisation, or the longest beginning of one that was found
  /// If there is none: the call that had to come next after `order`, and could not.
  std::uint32_t misfit = unset;
  std::uint32_t state = 0;  ///< after `order`
};

[[nodiscard]] SearchResult find_linearisation(std::span<const Interval> calls, StateSpace& space,
                                              const SearchOptions& options);

}  // namespace coweave::detail
