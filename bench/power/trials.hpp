#pragma once

/// How many runs a policy takes until a program fails: independent trials, one for each seed.

#include <coweave/bench/power/programs.hpp>
#include <coweave/bench/power/sizes.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace coweave::bench {

/// A trial of a systematic search takes at most so long: some of the trees are endless.
constexpr std::chrono::seconds search_time_max{1};

/// What the trials of one policy on one program came to.
struct Trials {
  std::string policy;
  std::uint64_t trials = 0;
  std::vector<std::uint64_t> found;  ///< the run that failed, from 1, of each trial that had one
  std::uint64_t runs = 0;            ///< of all trials together
  std::uint64_t steps = 0;
  std::uint64_t distinct = 0;   ///< orders (happens-before fingerprints) among the first runs of seed 1
  std::uint64_t looked_at = 0;  ///< so many first runs
  bool stopped = false;         ///< the time was up before so many runs were done, or the bug was found
  std::optional<Size> size;     ///< of the first failure that was found, made small

  /// Over the trials that found the failure; 0 if none did.
  [[nodiscard]] double mean() const;
  /// The deviation of a sample; 0 of less than two.
  [[nodiscard]] double deviation() const;
};

/// Runs `program` under `policy` with the seeds 1 to `seeds`, for at most `runs_max` runs each. A systematic
/// search draws nothing: of it there is one trial.
[[nodiscard]] Trials try_out(const Program& program, const std::string& policy, std::uint64_t seeds,
                             std::uint64_t runs_max);

/// Whether it counts as the program's bug. SafeStack spins; that a policy lets it do so up to the bound is no
/// finding.
[[nodiscard]] inline bool is_finding(const sim::Failure* failure) noexcept {
  return failure && failure->kind != traces::VerdictKind::livelock;
}

/// What the first failure within `runs_max` runs becomes within `time_max`; nothing if there is none.
[[nodiscard]] std::optional<Size> size_found(const Program& program, const std::string& policy,
                                             std::uint64_t seed, std::uint64_t runs_max,
                                             std::chrono::nanoseconds time_max);

}  // namespace coweave::bench
