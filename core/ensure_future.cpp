#include <coweave/core/ensure_future.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>

namespace coweave::detail {

std::vector<bool> find_duplicates(std::span<FutureBase* const> futures) {
  // Addresses bring equals together and decide nothing else: which of them is the first follows from their
  // places.
  std::vector<std::size_t> places(futures.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::sort(places.begin(), places.end(), [&](std::size_t left, std::size_t right) {
    if (futures[left] == futures[right]) return left < right;
    return std::less<>()(futures[left], futures[right]);
  });
  std::vector<bool> duplicate(futures.size());
  for (std::size_t index = 1; index < places.size(); ++index)
    duplicate[places[index]] = futures[places[index]] == futures[places[index - 1]];
  return duplicate;
}

}  // namespace coweave::detail
