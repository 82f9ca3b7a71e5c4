#pragma once

/// A queue that gives the smallest item, as asyncio's `PriorityQueue`; of equal ones, the one that came first
/// (asyncio leaves that open).
///
/// The priority decides among the items that are stored. Tasks that wait, to get or to put, are served in the
/// order in which they came, as by every queue.

#include <coweave/core/queue.hpp>
#include <coweave/core/recycler.hpp>
#include <coweave/core/ring.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace coweave {

namespace detail {

/// A binary heap of entries that stay where they are in memory. Every operation compares first and then moves
/// pointers, so that a comparison that throws leaves it as it was.
template <class T, class Compare>
class PriorityStore {
  static_assert(alignof(T) <= alignof(std::max_align_t), "over-aligned items are not supported");

 public:
  explicit PriorityStore(Compare compare) : compare_(std::move(compare)) {}

  [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }

  void push(T&& item) {
    EntryPointer entry(new Entry{{}, std::move(item), arrivals_});
    std::size_t seat = size();
    while (seat > 0 && before(*entry, *heap_[parent_of(seat)])) seat = parent_of(seat);
    heap_.push_back(nullptr);
    for (std::size_t free = size() - 1; free != seat; free = parent_of(free))
      heap_[free] = std::move(heap_[parent_of(free)]);
    heap_[seat] = std::move(entry);
    ++arrivals_;
  }

  T pop() {
    std::size_t seat = seat_of_last();
    T item = std::move(heap_[0]->item);
    EntryPointer displaced = std::move(heap_.back());
    heap_.pop_back();
    // The last one takes its new seat, and everybody between there and the top moves up by one.
    if (size() > 0) {
      for (; seat > 0; seat = parent_of(seat)) std::swap(heap_[seat], displaced);
      std::swap(heap_[0], displaced);
    }
    return item;
  }

  void drop() noexcept { heap_.pop_back(); }

 private:
  struct Entry : Recycled {
    T item;
    std::uint64_t arrival;
  };
  using EntryPointer = std::unique_ptr<Entry>;

  static std::size_t parent_of(std::size_t seat) noexcept { return (seat - 1) / 2; }

  bool before(const Entry& one, const Entry& other) {
    if (compare_(one.item, other.item)) return true;
    if (compare_(other.item, one.item)) return false;
    return one.arrival < other.arrival;
  }

  /// Where the last entry belongs once the first is gone.
  std::size_t seat_of_last() {
    const std::size_t left = size() - 1;
    const Entry& last = *heap_.back();
    std::size_t seat = 0;
    for (;;) {
      std::size_t child = 2 * seat + 1;
      if (child >= left) return seat;
      if (child + 1 < left && before(*heap_[child + 1], *heap_[child])) ++child;
      if (!before(*heap_[child], last)) return seat;
      seat = child;
    }
  }

  Ring<EntryPointer> heap_;
  std::uint64_t arrivals_ = 0;
  [[no_unique_address]] Compare compare_;
};

}  // namespace detail

/// Smallest first, by `Compare`. If a comparison throws, the queue is as it was before the call.
template <class T, class Compare = std::less<T>>
class PriorityQueue final : public BasicQueue<T, detail::PriorityStore<T, Compare>> {
 public:
  /// `maxsize` 0: unbounded. `name` is for reports and must outlive the queue; a string literal does.
  explicit PriorityQueue(std::size_t maxsize = 0, const char* name = nullptr, Compare compare = Compare())
      : BasicQueue<T, detail::PriorityStore<T, Compare>>("PriorityQueue", maxsize, name, std::move(compare)) {
  }
};

}  // namespace coweave
