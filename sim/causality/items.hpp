#pragma once

/// The items of a queue, each by what was known to whoever put it: so that what is got is ordered after the
/// put of that item and not of others. And what was known to those who got items: for whoever finds that none
/// is left of what was put, and, in a queue with a bound, for whoever uses the place again.

#include <coweave/sim/causality/clock.hpp>
#include <coweave/sim/entry.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace coweave::sim {

/// Clocks in the order in which they came. Keeps its memory when it is cleared.
class ClockRing {
 public:
  void clear() noexcept { first_ = count_ = 0; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

  void add(const Clock& clock) {
    if (count_ == ring_.size()) grow();
    Clock& added = ring_[(first_ + count_++) % ring_.size()];
    forget(added);
    join(added, clock);
  }
  /// The one that came first, good until the next call. There must be one.
  const Clock& take_first() noexcept {
    const Clock& clock = ring_[first_];
    first_ = (first_ + 1) % ring_.size();
    --count_;
    return clock;
  }
  /// The same of the one that came last.
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

/// Keeps its memory when it is cleared.
class Items {
 public:
  void clear() noexcept {
    items_.clear();
    freed_.clear();
    puts_ = 0;
    has_bound_ = false;
    forget(first_puts_);
    forget(gets_);
  }
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }

  /// An item is put into a queue in which `free` places are free after that; negative: it has no bound. If
  /// all of them have been used before, its place is that which was free for the longest time: what is known
  /// to whoever got it free is known to whoever puts. (As of Go's channels.)
  void take_place(Clock& known, std::int64_t free) {
    has_bound_ = free >= 0;
    if (!has_bound_) return;
    const bool is_used = puts_++ > items_.count() + static_cast<std::uint64_t>(free);
    if (is_used && !freed_.empty()) join(known, freed_.take_first());
  }
  /// `now`: the moment of the put.
  void put(const Clock& by, Moment now) {
    items_.add(by);
    if (std::uint32_t& first = entry(first_puts_, now.actor); first == 0) first = now.number;
  }
  /// The one that was put first, good until the next call. There must be one.
  const Clock& take_first() noexcept { return items_.take_first(); }
  /// The same of the one that was put last.
  const Clock& take_last() noexcept { return items_.take_last(); }

  void got(const Clock& by) {
    join(gets_, by);
    if (has_bound_) freed_.add(by);
  }
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

  ClockRing items_;
  ClockRing freed_;  // of a queue with a bound: by whom places were, that nobody has used again
  std::uint64_t puts_ = 0;
  bool has_bound_ = false;
  Clock first_puts_;  // the moments, by actor
  Clock gets_;
};

}  // namespace coweave::sim
