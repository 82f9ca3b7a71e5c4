#pragma once

/// Lists by the number of an actor or an object, which are met one by one.

#include <cstddef>
#include <vector>

namespace coweave::sim {

/// The entry at `index`, of a list that grows to hold it.
template <class Entry>
[[nodiscard, gnu::always_inline]] inline typename std::vector<Entry>::reference entry(
    std::vector<Entry>& list, std::size_t index) {
  if (index >= list.size()) [[unlikely]]
    list.resize(index + 1);
  return list[index];
}

}  // namespace coweave::sim
