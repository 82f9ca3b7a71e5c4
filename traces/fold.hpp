#pragma once

/// Folding: what repeats itself is told once.

#include <coweave/traces/story.hpp>

#include <cstddef>
#include <vector>

namespace coweave::traces {

/// A run of scenes: those from `first`, `count` of them, which happen `times` times one after another. If
/// `by_others`, each time by another task. Or, if `left_out`, scenes that are not shown.
struct Stretch {
  std::size_t first = 0;
  std::size_t count = 0;
  std::size_t times = 1;
  bool by_others = false;
  bool left_out = false;

  [[nodiscard]] std::size_t end() const noexcept { return first + count * times; }
};

/// All of `scenes` as stretches: equal neighbours, one by one or in groups of a few, make one stretch if that
/// saves enough lines. Equal means the same words at the same places, at whatever step and time; a failure
/// and a deviation equal nothing.
[[nodiscard]] std::vector<Stretch> folded(const std::vector<Scene>& scenes);

/// `stretches` with those in the middle left out, so that at most `scenes_max` scenes are shown. 0: no bound.
[[nodiscard]] std::vector<Stretch> shortened(const std::vector<Stretch>& stretches, std::size_t scenes_max);

}  // namespace coweave::traces
