#pragma once

/// Vector clocks: how many steps of each actor happened before.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace coweave::sim {

using Clock = std::vector<std::uint32_t>;  ///< by actor; what is not in it is 0

/// A moment of a task: its number among the moments of the task.
struct Moment {
  std::uint32_t actor = 0;  ///< serial number of the task; 0: of what no task does
  std::uint32_t number = 0;
};

/// What happened before `other` happened before `clock` too.
inline void join(Clock& clock, const Clock& other) {
  if (clock.size() < other.size()) clock.resize(other.size(), 0);
  for (std::size_t actor = 0; actor < other.size(); ++actor)
    clock[actor] = std::max(clock[actor], other[actor]);
}

/// Back to the beginning, with its memory.
inline void forget(Clock& clock) noexcept { std::fill(clock.begin(), clock.end(), 0); }

[[nodiscard]] inline std::uint32_t entry_of(const Clock& clock, std::uint32_t actor) noexcept {
  return actor < clock.size() ? clock[actor] : 0;
}

}  // namespace coweave::sim
