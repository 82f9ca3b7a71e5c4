#pragma once

/// What an exploration has seen of what there is to see, and how much that says.

#include <cstdint>
#include <optional>
#include <string>

namespace coweave {

/// Orders are told apart by fingerprints (see docs/policies.md): two runs that differ only in the order of
/// steps that do not depend on each other have seen the same one. The first 1,000 runs are looked at, and
/// then every 16th.
struct Coverage {
  std::uint64_t looked_at = 0;  ///< runs
  std::uint64_t switches = 0;   ///< in them: steps of another actor than the step before
  std::uint64_t distinct = 0;   ///< orders of dependent steps among them
  std::uint64_t seen_once = 0;  ///< of these, how many were seen in one run only

  /// How many schedules there are, estimated (Knuth, 1975): of policies that draw uniformly (`random`) the
  /// mean of one over the chance of each run that was looked at, of `dfs` the number of runs over the sum of
  /// these chances, which is exact in the end. The logarithm to the base 10: there may be more than a double
  /// holds. None: not known.
  std::optional<double> schedules_log10;

  /// How many runs `dpor` takes in all, the same way: at each choice the parts that are left count as those
  /// that were done, as far as they are known. With workers it is not known.
  std::optional<double> runs_log10;

  /// Runs that were drawn independently of each other and did not fail; 0: the policy does not draw them so.
  std::uint64_t independent = 0;

  /// What the policy proves of runs that did not fail, in words; empty: nothing.
  std::string assurance;

  /// The chance that the next run shows an order that was not seen in the runs that were looked at: estimated
  /// as the share of those seen once (Good and Turing, 1953). 1 if nothing was looked at.
  [[nodiscard]] double chance_of_new() const noexcept {
    return looked_at == 0 ? 1 : static_cast<double>(seen_once) / static_cast<double>(looked_at);
  }

  /// With 95 % confidence a run fails with at most this chance (the rule of three); 1 if nothing is known.
  [[nodiscard]] double chance_of_failure() const noexcept {
    return independent < 3 ? 1 : 3 / static_cast<double>(independent);
  }

  /// A line each: what was explored, and what follows for those who did not see a failure.
  /// `all`: every schedule was run.
  [[nodiscard]] std::string in_words(bool all) const;

  friend bool operator==(const Coverage&, const Coverage&) = default;
};

}  // namespace coweave
