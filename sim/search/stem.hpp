#pragma once

/// A run from which others are still to part: what it took, and where other options are to be tried.
///
/// A byte a decision, and another where something is to be tried, unless there are a great many options. What
/// parts from it is found when its turn comes, and not kept: memory grows with the length of a run, and not
/// with its square.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace coweave::sim {

/// What the other options of a decision cost.
enum class Others : std::uint8_t {
  closed,  ///< they are none of its run's: they are tried elsewhere, or were
  free,    ///< nothing
  one,     ///< one each
  ranked,  ///< what a RankCost says
};

/// What option `option` costs where `base` costs nothing.
using RankCost = std::uint32_t (*)(std::uint32_t base, std::uint32_t option);

struct Decision {
  std::uint32_t taken;
  std::uint32_t options;
  Others others;
};

struct Stem {
  std::uint32_t cost = 0;      ///< of the run
  std::uint32_t more_max = 0;  ///< so much more costs what parts from it at most
  std::string decisions = {};  ///< up to the last where something is to be tried

  /// Nothing is to be tried.
  [[nodiscard]] bool empty() const noexcept { return decisions.empty(); }
};

/// The run with these decisions, where options that cost something are to be tried from `own` on.
[[nodiscard]] Stem stem_of_dearer(std::span<const Decision> run, std::size_t own, std::uint32_t cost,
                                  RankCost rank_cost);
/// The run with these decisions, where options are to be tried from `own` on that cost nothing and come
/// behind the one that was taken.
[[nodiscard]] Stem stem_of_free(std::span<const Decision> run, std::size_t own, std::uint32_t cost);

/// The beginnings that part from a stem and cost `more` more than it, in the order in which they are tried:
/// those that cost something from the first decision to the last, those that cost nothing from the last to
/// the first.
class Beginnings {
 public:
  Beginnings() = default;
  Beginnings(const Stem& stem, std::uint32_t more, RankCost rank_cost);

  /// How many there are.
  [[nodiscard]] std::uint64_t count() const;
  /// Goes on to the next, or the first, or to the one that has so many between it and that. False: there is
  /// none.
  bool next(std::uint64_t between = 0);
  /// The one that it has come to; nothing else is to be tried within it.
  void copy_to(std::vector<Decision>& run) const;

 private:
  void enter(std::size_t place);

  std::vector<Decision> run_;
  std::uint32_t more_ = 0;
  RankCost rank_cost_ = nullptr;
  std::size_t place_ = 0;  // beyond the run: there are no more
  std::uint32_t option_ = 0;
};

}  // namespace coweave::sim
