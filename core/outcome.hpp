#pragma once

/// How something ended: with a value or with an exception. What `gather` gives for each child when it is
/// asked to return exceptions.

#include <coweave/core/errors.hpp>
#include <coweave/core/slot.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace coweave {

template <class T>
class Outcome {
 public:
  explicit Outcome(std::exception_ptr exception) noexcept : exception_(std::move(exception)) {}
  template <class... Value>
    requires(sizeof...(Value) == (std::is_void_v<T> ? 0 : 1))
  explicit Outcome(std::in_place_t, Value&&... value) {
    value_.set(std::forward<Value>(value)...);
  }

  [[nodiscard]] bool ok() const noexcept { return !exception_; }
  /// The value; throws the exception if there is one.
  decltype(auto) value() {
    if (exception_) std::rethrow_exception(exception_);
    return value_.get();
  }
  /// Null if there is a value.
  [[nodiscard]] const std::exception_ptr& exception() const noexcept { return exception_; }
  /// Whether the exception is a CancelledError.
  [[nodiscard]] bool cancelled() const { return exception_ && detail::holds<CancelledError>(exception_); }

 private:
  detail::Slot<T> value_;
  std::exception_ptr exception_;
};

}  // namespace coweave
