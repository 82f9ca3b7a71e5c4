#pragma once

/// A history that is wrong, as a picture: calls as bars, numbered in the longest order that the model allows,
/// and the call that fits nowhere.

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace coweave {

/// One call of the picture.
struct CallBar {
  std::string process;
  std::uint32_t process_number = 0;
  std::string operation;  ///< in words
  std::string response;   ///< in words, or what happened instead
  bool answered = true;   ///< it is a response
  std::uint32_t invoked = 0;
  std::uint32_t returned = std::numeric_limits<std::uint32_t>::max();  ///< positions; the largest: not yet
  std::uint64_t step_invoked = 0;
  std::uint64_t step_returned = 0;  ///< steps of the run; 0: not known
  std::uint32_t number = 0;         ///< place in the order, from 1; 0: it has none
  bool misfit = false;

  [[nodiscard]] bool ends() const noexcept { return returned != std::numeric_limits<std::uint32_t>::max(); }
};

struct HistoryPicture {
  std::vector<CallBar> bars;  ///< in the order in which the calls began
  std::string expectation;  ///< what the model says to the misfit after all that have a number; may be empty
  bool smallest = true;     ///< false: it was given up to look for calls that it does not need

  /// "get() -> 0 of bob fits nowhere: after 1 to 3 it would be -> 2".
  [[nodiscard]] std::string headline() const;
  /// The headline and a table: a column a task, time downwards.
  [[nodiscard]] std::string text() const;
  /// An SVG document: a row a task, time to the right. Self-contained, and legible on light and dark pages.
  [[nodiscard]] std::string svg() const;
};

namespace detail {

/// The rows or columns of a picture: a process each, or several if its calls overlap.
struct Lanes {
  explicit Lanes(const std::vector<CallBar>& bars);
  std::vector<std::string> names;
  std::vector<std::size_t> of_bar;
};

}  // namespace detail
}  // namespace coweave
