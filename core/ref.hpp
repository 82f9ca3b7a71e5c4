#pragma once

/// A counted reference to an object that counts its references itself. Not atomic: futures, tasks and handles
/// belong to the thread of their loop.

#include <cstdint>
#include <type_traits>
#include <utility>

namespace coweave::detail {

/// `T` has `add_reference()` and `drop_reference()`; the latter deletes the object when it was the last.
template <class T>
class Ref {
 public:
  Ref() = default;
  explicit Ref(T* object) noexcept : object_(object) {
    if (object_) object_->add_reference();
  }
  Ref(const Ref& other) noexcept : Ref(other.object_) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <class Derived>
    requires(!std::is_same_v<Derived, T> && std::is_base_of_v<T, Derived>)
  Ref(const Ref<Derived>& other) noexcept : Ref(other.get()) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_) object_->drop_reference();
  }

  [[nodiscard]] T* get() const noexcept { return object_; }
  T* operator->() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }
  friend bool operator==(const Ref&, const Ref&) = default;

 private:
  T* object_ = nullptr;
};

}  // namespace coweave::detail
