#pragma once

/// The ready queue: handles that can run now, in order of arrival.
///
/// A contiguous window that moves through a buffer, so that a policy can look at it as an array. Taking the
/// first is O(1); taking another moves the shorter side by one and keeps the order of arrival. Grows when
/// full and never shrinks, so in a steady state it does not allocate.

#include <coweave/core/check.hpp>
#include <coweave/core/handle.hpp>

#include <cstddef>
#include <memory>
#include <span>

namespace coweave::detail {

class ReadyQueue {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(tail_ - head_); }
  [[nodiscard]] bool empty() const noexcept { return head_ == tail_; }
  [[nodiscard]] std::span<Handle* const> view() const noexcept { return {head_, size()}; }

  void push(Handle& handle) {
    COWEAVE_INTERNAL_CHECK(!handle.queued_, "a handle is in the ready queue at most once");
    handle.queued_ = true;
    if (tail_ == end_) [[unlikely]]
      make_room();
    *tail_++ = &handle;
  }

  /// Removes and returns the first handle; there must be one.
  Handle& take_first() noexcept { return leave(**head_++); }

  /// Removes and returns the handle at `position`, which must be below `size()`.
  Handle& take(std::size_t position) noexcept {
    Handle& handle = *head_[position];
    if (const std::size_t count = size(); count <= small_size) [[likely]] {
      // A random position cannot be predicted: a loop over all with moves that depend on it is cheaper than
      // one that ends there.
      for (std::size_t index = count - 1; index > 0; --index)
        head_[index] = head_[index - static_cast<std::size_t>(index <= position)];
      ++head_;
    } else {
      take_from_many(position);
    }
    return leave(handle);
  }

  /// Where `handle`, which must be queued, stands in the queue.
  [[nodiscard]] std::size_t position_of(const Handle& handle) const noexcept {
    std::size_t position = 0;
    while (head_[position] != &handle) ++position;
    return position;
  }

  /// Moves an empty queue to the start of its buffer.
  void rewind() noexcept { head_ = tail_ = buffer_.get(); }

 private:
  static constexpr std::size_t small_size = 8;

  static Handle& leave(Handle& handle) noexcept {
    handle.queued_ = false;
    return handle;
  }

  void take_from_many(std::size_t position) noexcept;
  [[gnu::cold, gnu::noinline]] void make_room();

  std::unique_ptr<Handle*[]> buffer_;
  Handle** head_ = nullptr;
  Handle** tail_ = nullptr;
  Handle** end_ = nullptr;
};

}  // namespace coweave::detail
