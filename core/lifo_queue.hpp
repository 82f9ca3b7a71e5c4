#pragma once

/// A queue that gives the item that came last, as asyncio's `LifoQueue`. Those who wait are served in the
/// order in which they came, as by every queue.

#include <coweave/core/queue.hpp>
#include <coweave/core/ring.hpp>

#include <cstddef>
#include <utility>

namespace coweave {

namespace detail {

template <class T>
class LifoStore {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  void push(T&& item) { items_.push_back(std::move(item)); }
  T pop() {
    T item = std::move(items_.back());
    items_.pop_back();
    return item;
  }
  void drop() noexcept { items_.pop_back(); }

 private:
  Ring<T> items_;
};

}  // namespace detail

/// Last in, first out.
template <class T>
class LifoQueue final : public BasicQueue<T, detail::LifoStore<T>> {
 public:
  /// `maxsize` 0: unbounded. `name` is for reports and must outlive the queue; a string literal does.
  explicit LifoQueue(std::size_t maxsize = 0, const char* name = nullptr)
      : BasicQueue<T, detail::LifoStore<T>>("LifoQueue", maxsize, name) {}
};

}  // namespace coweave
