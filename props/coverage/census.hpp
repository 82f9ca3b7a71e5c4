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
  std::uint64_t other_choices = 0;
  bool gave_up = false;               ///< it was led to nothing new, and is none of the census
  bool left_out = false;              ///< it showed that schedules of tasks that poll are left out
  std::optional<double> rarity = {};  ///< so many bits (log2 of one over the chance) has its schedule in a
                                      ///< uniform walk; none: not known
};

/// What to take down of the last run under `policy`, whose schedule and number of steps are given.
[[nodiscard]] RunRecord record_of(sim::Measure& policy, std::span<const sim::Choice> schedule,
                                  std::uint64_t steps);

class Census {
 public:
  Census();
  /// A run under `policy` that did not fail.
  void add(const RunRecord& run, const sim::Policy& policy);
  /// What `policy` has seen in the runs that were added.
  [[nodiscard]] Coverage coverage(const sim::Policy& policy) const;

 private:
  Coverage seen_;
  std::uint64_t runs_ = 0;
  std::uint64_t actors_max_ = 0;
  std::uint64_t choices_max_ = 0;
  std::uint64_t learnt_max_ = 0;    // the same of the runs in which a policy learns
  std::uint64_t assured_ = 0;       // runs with no more choices than were known before
  bool has_other_choices_ = false;  // than of the next handle
  // Of the chances that are known, as logarithms to the base 2: chances of long runs are below any double.
  double chances_;          // summed up
  double inverse_chances_;  // summed up
  std::uint64_t chances_known_ = 0;
  bool left_out_ = false;                 // what a search leaves out nobody can count
  std::map<std::uint64_t, bool> orders_;  // by fingerprint: whether it was seen again
};

}  // namespace coweave::detail
