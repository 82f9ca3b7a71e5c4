#pragma once

/// Lists by the number of an actor or an object, which are met one by one.

#include <cstddef>
#include <vector>

namespace coweave::sim {

/// The entry at `index`, of a list that grows to hold it.
template <class Entry>
[[nodiscard]] typename std::vector<Entry>::reference entry(std::vector<Entry>& list, std::size_t index) {
  if (index >= list.size()) list.resize(index + 1);
  return list[index];
}

}  // namespace coweave::sim
