#pragma once

/// How small counterexamples become, beside the least number of preemptions that is known.

#include <coweave/bench/power/programs.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

/// What the failures that were found of one program became.
struct Sizes {
  std::uint64_t published = 0;  ///< the least number of preemptions that is known
  std::vector<std::uint64_t> preemptions;
  std::vector<std::uint64_t> deviations;
  std::vector<std::uint64_t> replays;
  std::uint64_t minimal = 0;               ///< so many are proved to be
  std::optional<std::uint64_t> searched;   ///< schedules until the bug, fewest preemptions first
  std::uint64_t searched_preemptions = 0;  ///< of that one
};

/// Of what `policy` finds in `program`, a kernel, with the seeds 1 to `seeds`.
[[nodiscard]] Sizes sizes_of(const Program& program, const std::string& policy, std::uint64_t seeds,
                             std::uint64_t runs_max);

/// The table of them, line by line.
void print_sizes_title(const std::string& policy, std::uint64_t seeds);
void print_sizes(const Program& program, const Sizes& sizes);

}  // namespace coweave::bench
