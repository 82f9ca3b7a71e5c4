#pragma once

/// Counts what the runs of an exploration were like, in the order of their numbers.

#include <coweave/props/coverage/coverage.hpp>
#include <coweave/sim/choice.hpp>
#include <coweave/sim/search/measure.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <span>

namespace coweave::detail {

/// What the census takes down of a run.
struct RunRecord {
  std::uint64_t steps = 0;
  std::optional<sim::Look> look;
  std::uint64_t choices = 0;  ///< of the next handle
  bool gave_up = false;       ///< it was led to nothing new, and is none of the census
  double chance = 0;          ///< that a uniform walk takes this schedule; 0: not known
};

/// What to take down of the last run under `policy`, whose schedule and number of steps are given.
[[nodiscard]] RunRecord record_of(sim::Measure& policy, std::span<const sim::Choice> schedule,
                                  std::uint64_t steps);

class Census {
 public:
  /// A run under `policy` that did not fail.
  void add(const RunRecord& run, const sim::Policy& policy);
  /// What `policy` has seen in the runs that were added.
  [[nodiscard]] Coverage coverage(const sim::Policy& policy) const;

 private:
  Coverage seen_;
  std::uint64_t runs_ = 0;
  std::uint64_t actors_max_ = 0;
  std::uint64_t choices_max_ = 0;
  double chances_ = 0;          // summed up
  double inverse_chances_ = 0;  // summed up
  std::uint64_t chances_known_ = 0;
  std::map<std::uint64_t, bool> orders_;  // by fingerprint: whether it was seen again
};

}  // namespace coweave::detail
