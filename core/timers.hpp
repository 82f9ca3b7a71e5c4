#pragma once

/// Timers of a loop: a binary heap ordered by due time, then by creation (asyncio leaves ties undefined; ours
/// are first in, first out).
///
/// A timer is embedded by whoever waits and knows its place in the heap, so cancelling one is O(log n) and
/// leaves nothing behind.

#include <coweave/core/handle.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace coweave {

/// Time in a loop: whole nanoseconds since the run began (Simulation) or since the loop was made (EventLoop).
using Duration = std::chrono::nanoseconds;

namespace detail {

/// A handle that becomes ready at a time. Destroying one that is armed is an error of its owner: cancel
/// first.
class Timer : public Handle {
 public:
  using Handle::Handle;

  /// Due time on the loop's clock; meaningful once it was armed.
  [[nodiscard]] Duration when() const noexcept { return when_; }
  [[nodiscard]] bool armed() const noexcept { return place_ != not_armed; }

 protected:
  ~Timer() = default;

 private:
  friend class TimerHeap;
  static constexpr std::size_t not_armed = static_cast<std::size_t>(-1);
  Duration when_{};
  std::size_t place_ = not_armed;
};

class TimerHeap {
 public:
  [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }
  /// The earliest due time; the heap must not be empty.
  [[nodiscard]] Duration next_due() const noexcept { return heap_.front().when; }

  /// Calls `visit(timer, sequence)` for each, in no particular order; of two that are due at one time the
  /// one with the lower sequence goes first.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Entry& entry : heap_) visit(*entry.timer, entry.sequence);
  }

  void arm(Timer& timer, Duration when);
  void cancel(Timer& timer) noexcept;
  /// Removes and returns the earliest timer; the heap must not be empty.
  Timer& pop() noexcept;
  /// Forgets all timers and starts counting creations afresh.
  void clear() noexcept;

 private:
  struct Entry {
    Duration when;
    std::uint64_t sequence;
    Timer* timer;

    [[nodiscard]] bool before(const Entry& other) const noexcept {
      return when != other.when ? when < other.when : sequence < other.sequence;
    }
  };

  void place(std::size_t index, const Entry& entry) noexcept;
  void sift_up(std::size_t index, const Entry& entry) noexcept;
  void sift_down(std::size_t index, const Entry& entry) noexcept;
  void remove(std::size_t index) noexcept;

  std::vector<Entry> heap_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace detail
}  // namespace coweave
