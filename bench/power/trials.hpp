#pragma once

/// How many runs a policy takes until a program fails: independent trials, one for each seed.

#include <coweave/bench/power/programs.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace coweave::bench {

/// What the trials of one policy on one program came to.
struct Trials {
  std::string policy;
  std::uint64_t trials = 0;
  std::vector<std::uint64_t> found;  ///< the run that failed, from 1, of each trial that had one
  std::uint64_t runs = 0;            ///< of all trials together
  std::uint64_t steps = 0;

  /// Over the trials that found the failure; 0 if none did.
  [[nodiscard]] double mean() const;
  /// The deviation of a sample; 0 of less than two.
  [[nodiscard]] double deviation() const;
};

/// Runs `program` under `policy` with the seeds 1 to `seeds`, for at most `runs_max` runs each.
[[nodiscard]] Trials try_out(const Program& program, const std::string& policy, std::uint64_t seeds,
                             std::uint64_t runs_max);

}  // namespace coweave::bench
