#pragma once

/// A stack whose elements keep their memory when they are taken off, for whoever is put there next.

#include <cstddef>
#include <vector>

namespace coweave::sim {

template <class Element>
class Stack {
 public:
  /// Puts an element on it, which is as another one was left that had its place. It moves the others.
  Element& push() {
    if (size_ == elements_.size()) elements_.emplace_back();
    return elements_[size_++];
  }
  /// Takes off all but the first `size`, of at least as many.
  void shrink(std::size_t size) noexcept { size_ = size; }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] Element& operator[](std::size_t place) noexcept { return elements_[place]; }
  [[nodiscard]] const Element& operator[](std::size_t place) const noexcept { return elements_[place]; }
  [[nodiscard]] Element& back() noexcept { return elements_[size_ - 1]; }
  [[nodiscard]] const Element& back() const noexcept { return elements_[size_ - 1]; }
  [[nodiscard]] const Element* begin() const noexcept { return elements_.data(); }
  [[nodiscard]] const Element* end() const noexcept { return elements_.data() + size_; }

 private:
  std::vector<Element> elements_;
  std::size_t size_ = 0;
};

}  // namespace coweave::sim
