#pragma once

/// What monitors must see to have anything to say: a pattern of which nothing ever occurs, because of a typo
/// in a label or because no run comes that far, leaves a monitor without meaning, and it holds.
///
/// Patterns whose absence is what a monitor asks for are not among them: that of `never`, the last of
/// `never_between`, what `unless` says, and a count that has to be 0. What these only narrow is: of
/// `never(noted("balance").where(…))` the note, and of `always` what has to be good.

#include <coweave/props/monitors/monitor.hpp>
#include <coweave/traces/trace.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace coweave {

/// A pattern of a monitor.
struct ExpectedPattern {
  std::string monitor;    ///< its name
  std::string text;       ///< what the pattern is called
  traces::Site at;        ///< where the monitor was written
  bool occurred = false;  ///< it did, in some run

  friend bool operator==(const ExpectedPattern&, const ExpectedPattern&) = default;
};

namespace detail {

/// In the order in which they are written.
[[nodiscard]] std::vector<monitors::Pattern> patterns_expected_by(const Clause& clause);
/// Clause by clause; none has occurred yet.
[[nodiscard]] std::vector<ExpectedPattern> patterns_expected_by(
    const std::vector<monitors::Monitor>& monitors);

/// Whether each of `patterns` occurred.
[[nodiscard]] bool all_occurred(const std::vector<ExpectedPattern>& patterns);
/// A line for each that never occurred.
[[nodiscard]] std::string in_words(const std::vector<ExpectedPattern>& patterns);

/// Who keeps account of the patterns that occur.
class PatternListener {
 public:
  /// `pattern` is its place among those that the monitors of the exploration expect. Called at least once in
  /// each run in which it occurs.
  virtual void occurred(std::size_t pattern) = 0;

 protected:
  ~PatternListener() = default;
};

/// Of the exploration whose run is going on on this thread; null: nobody keeps account.
inline constinit thread_local PatternListener* pattern_listener = nullptr;

}  // namespace detail
}  // namespace coweave
