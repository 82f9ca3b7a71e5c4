#pragma once

/// Vector clocks: how many steps of each actor happened before.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace coweave::sim {

using Clock = std::vector<std::uint32_t>;  ///< by actor; what is not in it is 0

/// What happened before `other` happened before `clock` too.
inline void join(Clock& clock, const Clock& other) {
  if (clock.size() < other.size()) clock.resize(other.size(), 0);
  for (std::size_t actor = 0; actor < other.size(); ++actor)
    clock[actor] = std::max(clock[actor], other[actor]);
}

}  // namespace coweave::sim
