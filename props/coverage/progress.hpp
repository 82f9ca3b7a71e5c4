#pragma once

/// Tells on standard error how far an exploration is: on a terminal in one line that is written over and
/// over, elsewhere in a line from time to time. Explorations that are over soon say nothing.

#include <coweave/props/coverage/census.hpp>
#include <coweave/props/deadline.hpp>
#include <coweave/props/explore.hpp>
#include <coweave/props/options.hpp>
#include <coweave/sim/policy.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace coweave::detail {

class Progress {
 public:
  explicit Progress(const Options& options);
  /// Takes its line away.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// After each run, or as often as one likes.
  void update(const Exploration& result, const Census& census, const sim::Policy& policy) {
    if (result.steps < next_look_steps_ && result.runs < next_look_runs_) return;
    look(result, census, policy);
  }

 private:
  void look(const Exploration& result, const Census& census, const sim::Policy& policy);
  [[nodiscard]] std::string line(const Exploration& result, const Coverage& coverage,
                                 std::chrono::duration<double> gone) const;

  const Options& options_;
  bool shown_;     ///< at all
  bool terminal_;  ///< standard error is one
  Stopwatch watch_;
  std::chrono::nanoseconds next_line_;  ///< from the beginning
  // Reading the clock costs as much as a step: it is read no more often than this.
  std::uint64_t next_look_runs_ = 0;
  std::uint64_t next_look_steps_ = 0;
  bool told_ = false;
};

}  // namespace coweave::detail
