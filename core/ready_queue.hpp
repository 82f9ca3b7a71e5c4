#pragma once

/// The ready queue: handles that can run now, in order of arrival.
///
/// A contiguous window that moves through a buffer, so that a policy can look at it as an array. Taking the
/// first is O(1); taking another moves the shorter side by one and keeps the order of arrival. Grows when
/// full and never shrinks, so in a steady state it does not allocate.

#include <coweave/core/check.hpp>
#include <coweave/core/handle.hpp>

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>

namespace coweave::detail {

class ReadyQueue {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(tail_ - head_); }
  [[nodiscard]] bool empty() const noexcept { return head_ == tail_; }
  [[nodiscard]] std::span<Handle* const> view() const noexcept { return {head_, size()}; }

  void push(Handle& handle) {
    COWEAVE_CHECK(!handle.queued_, "a handle is in the ready queue at most once");
    handle.queued_ = true;
    if (tail_ == end_) [[unlikely]]
      make_room();
    *tail_++ = &handle;
  }

  /// Removes and returns the handle at `position`, which must be below `size()`.
  Handle& take(std::size_t position) noexcept {
    Handle* handle = head_[position];
    const std::size_t behind = size() - position - 1;
    if (position <= behind) {
      for (Handle** slot = head_ + position; slot != head_; --slot) *slot = slot[-1];
      ++head_;
    } else {
      for (Handle **slot = head_ + position, **last = tail_ - 1; slot != last; ++slot) *slot = slot[1];
      --tail_;
    }
    handle->queued_ = false;
    return *handle;
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
  void make_room() {
    const std::size_t count = size();
    const std::size_t capacity = static_cast<std::size_t>(end_ - buffer_.get());
    if (count <= capacity / 2 && capacity != 0) {
      std::memmove(buffer_.get(), head_, count * sizeof(Handle*));
    } else {
      const std::size_t grown = capacity == 0 ? 256 : capacity * 2;
      auto larger = std::make_unique<Handle*[]>(grown);
      if (count != 0) std::memcpy(larger.get(), head_, count * sizeof(Handle*));
      buffer_ = std::move(larger);
      end_ = buffer_.get() + grown;
    }
    head_ = buffer_.get();
    tail_ = head_ + count;
  }

  std::unique_ptr<Handle*[]> buffer_;
  Handle** head_ = nullptr;
  Handle** tail_ = nullptr;
  Handle** end_ = nullptr;
};

}  // namespace coweave::detail
