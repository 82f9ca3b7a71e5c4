#pragma once

/// Where a result is kept: a value, a reference, or just the fact.

#include <optional>
#include <type_traits>
#include <utility>

namespace coweave::detail {

template <class T>
class Slot {
 public:
  template <class U>
  void set(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  [[nodiscard]] T& get() noexcept { return *value_; }
  T take() { return std::move(*value_); }
  void clear() noexcept { value_.reset(); }

 private:
  std::optional<T> value_;
};

template <class T>
class Slot<T&> {
 public:
  void set(T& value) noexcept { value_ = &value; }
  [[nodiscard]] T& get() noexcept { return *value_; }
  T& take() noexcept { return *value_; }
  void clear() noexcept { value_ = nullptr; }

 private:
  T* value_ = nullptr;
};

template <>
class Slot<void> {
 public:
  void set() noexcept {}
  void get() noexcept {}
  void take() noexcept {}
  void clear() noexcept {}
};

}  // namespace coweave::detail
