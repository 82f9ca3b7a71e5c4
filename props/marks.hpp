#pragma once

/// What an exploration knows of the marks that its runs came by (see <coweave/core/sometimes.hpp>).

#include <coweave/traces/trace.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace coweave {

/// How often a mark was seen in the runs of an exploration, and how often its condition held.
struct Mark {
  std::string label;
  traces::Site at;         ///< not known: it was expected, and no run came by it
  std::uint64_t seen = 0;  ///< times, in all runs together
  std::uint64_t held = 0;  ///< of these

  friend bool operator==(const Mark&, const Mark&) = default;
};

namespace detail {

/// Sums up marks, whoever counted them.
class MarkTally {
 public:
  void add(const Mark& counted);
  /// By place, then label. Those of `expected`, which are labels, that were not seen stand first, as they are
  /// given.
  [[nodiscard]] std::vector<Mark> marks(const std::vector<std::string>& expected) const;

 private:
  std::vector<Mark> sums_;
};

/// Whether each of `marks` held.
[[nodiscard]] bool all_held(const std::vector<Mark>& marks);

/// A line for each mark that never held; if all did a line that says so; nothing if there are none.
[[nodiscard]] std::string in_words(const std::vector<Mark>& marks);

}  // namespace detail
}  // namespace coweave
