#pragma once

/// The items of a queue, each by what was known to whoever put it: so that what is got is ordered after the
/// put of that item and not of others.

#include <coweave/sim/causality/clock.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace coweave::sim {

/// Keeps its memory when it is cleared.
class Items {
 public:
  void clear() noexcept { first_ = count_ = 0; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

  void put(const Clock& by) {
    if (count_ == ring_.size()) grow();
    Clock& item = ring_[(first_ + count_++) % ring_.size()];
    std::fill(item.begin(), item.end(), 0);
    join(item, by);
  }
  /// The one that was put first, good until the next call. There must be one.
  const Clock& take_first() noexcept {
    const Clock& item = ring_[first_];
    first_ = (first_ + 1) % ring_.size();
    --count_;
    return item;
  }
  /// The same of the one that was put last.
  const Clock& take_last() noexcept { return ring_[(first_ + --count_) % ring_.size()]; }

 private:
  void grow() {
    std::rotate(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(first_), ring_.end());
    first_ = 0;
    ring_.resize(std::max<std::size_t>(4, 2 * ring_.size()));
  }

  std::vector<Clock> ring_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace coweave::sim
