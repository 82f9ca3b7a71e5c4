#pragma once

/// How small counterexamples become, beside the least number of preemptions that is known.

#include <coweave/bench/power/programs.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace coweave::bench {

struct Size {
  std::uint64_t deviations = 0;
  std::optional<std::uint64_t> preemptions;  ///< its size, if there are more points than asyncio's own
  std::uint64_t replays = 0;                 ///< that it took to find it
  bool minimal = false;                      ///< proved: no smaller schedule fails alike
};

/// Of what `failing`, whose run of `program` on `simulation` ended in `failure`, becomes within `time_max`.
[[nodiscard]] Size shrunk_size(const Program& program, sim::Simulation& simulation,
                               const sim::Schedule& failing, const sim::Failure& failure,
                               std::chrono::nanoseconds time_max);

/// Prints, of every kernel and `seeds` seeds, how small what `policy` finds becomes, and how many schedules a
/// search with fewest preemptions first takes; beside both the least number of preemptions that was
/// published.
void print_sizes(const std::string& policy, std::uint64_t seeds, std::uint64_t runs_max);

}  // namespace coweave::bench
