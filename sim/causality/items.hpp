#pragma once

/// The items of a queue, each by what was known to whoever put it: so that what is got is ordered after the
/// put of that item and not of others. And what was known to those who got items, for whoever finds that none
/// is left of what was put.

#include <coweave/sim/causality/clock.hpp>
#include <coweave/sim/entry.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace coweave::sim {

/// Keeps its memory when it is cleared.
class Items {
 public:
  void clear() noexcept {
    first_ = count_ = 0;
    forget(first_puts_);
    forget(gets_);
  }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

  /// `now`: the moment of the put.
  void put(const Clock& by, Moment now) {
    if (count_ == ring_.size()) grow();
    Clock& item = ring_[(first_ + count_++) % ring_.size()];
    forget(item);
    join(item, by);
    if (std::uint32_t& first = entry(first_puts_, now.actor); first == 0) first = now.number;
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

  void got(const Clock& by) { join(gets_, by); }
  /// Somebody looks how many there are. Whoever knows that there were some, and finds none, knows who got
  /// them; by whom each was put is not known.
  void found(Clock& known) const {
    if (empty() && knows_a_put(known)) join(known, gets_);
  }

 private:
  [[nodiscard]] bool knows_a_put(const Clock& known) const noexcept {
    const std::size_t actors = std::min(first_puts_.size(), known.size());
    for (std::size_t actor = 0; actor < actors; ++actor) {
      if (first_puts_[actor] != 0 && first_puts_[actor] <= known[actor]) return true;
    }
    return false;
  }

  void grow() {
    std::rotate(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(first_), ring_.end());
    first_ = 0;
    ring_.resize(std::max<std::size_t>(4, 2 * ring_.size()));
  }

  std::vector<Clock> ring_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  Clock first_puts_;  // the moments, by actor
  Clock gets_;
};

}  // namespace coweave::sim
