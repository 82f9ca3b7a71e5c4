#pragma once

/// A first-in-first-out buffer that keeps its memory: a ring of recycled memory that doubles when full.

#include <coweave/core/recycler.hpp>

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace coweave::detail {

template <class T>
class Ring {
  static_assert(alignof(T) <= alignof(std::max_align_t), "over-aligned items are not supported");

 public:
  Ring() = default;
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() {
    while (size_ > 0) pop_front();
    if (items_) recycled_delete(items_, capacity_ * sizeof(T));
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// The item at a position; 0 is the front.
  [[nodiscard]] T& operator[](std::size_t position) noexcept { return items_[wrap(first_ + position)]; }
  [[nodiscard]] T& front() noexcept { return items_[first_]; }
  [[nodiscard]] T& back() noexcept { return items_[wrap(first_ + size_ - 1)]; }

  /// If moving the item throws, nothing has changed.
  void push_back(T&& item) {
    if (size_ == capacity_) grow();
    ::new (static_cast<void*>(items_ + wrap(first_ + size_))) T(std::move(item));
    ++size_;
  }
  void pop_front() noexcept {
    front().~T();
    first_ = wrap(first_ + 1);
    --size_;
  }
  void pop_back() noexcept {
    back().~T();
    --size_;
  }

 private:
  [[nodiscard]] std::size_t wrap(std::size_t index) const noexcept { return index & (capacity_ - 1); }

  void grow() {
    const std::size_t larger = capacity_ == 0 ? 8 : capacity_ * 2;
    auto* items = static_cast<T*>(recycled_new(larger * sizeof(T)));
    std::size_t moved = 0;
    try {
      for (; moved < size_; ++moved)
        ::new (static_cast<void*>(items + moved)) T(std::move_if_noexcept(items_[wrap(first_ + moved)]));
    } catch (...) {
      while (moved > 0) items[--moved].~T();
      recycled_delete(items, larger * sizeof(T));
      throw;
    }
    for (std::size_t index = 0; index < size_; ++index) items_[wrap(first_ + index)].~T();
    if (items_) recycled_delete(items_, capacity_ * sizeof(T));
    items_ = items;
    capacity_ = larger;
    first_ = 0;
  }

  T* items_ = nullptr;
  std::size_t capacity_ = 0;  // a power of two, or 0
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace coweave::detail
