#pragma once

/// The scoped form of acquiring: C++ cannot await in a destructor, but releasing is synchronous.

#include <coweave/core/loop.hpp>

#include <source_location>
#include <string>
#include <utility>

namespace coweave {

/// Holds a `Primitive` that was acquired and releases it when it goes out of scope. Move-only.
template <class Primitive>
class [[nodiscard]] Scope {
 public:
  /// Holds nothing.
  Scope() = default;
  /// `at` is where it was acquired: there the release at the end of the scope is told to be.
  explicit Scope(Primitive& primitive, std::source_location at = {}) noexcept
      : primitive_(&primitive), at_(at) {}
  Scope(Scope&& other) noexcept : primitive_(std::exchange(other.primitive_, nullptr)), at_(other.at_) {}
  Scope& operator=(Scope&& other) noexcept {
    std::swap(primitive_, other.primitive_);
    std::swap(at_, other.at_);
    return *this;
  }
  ~Scope() {
    try {
      release(at_);
    } catch (const std::exception& error) {
      // A destructor must not throw; the loop hears of it instead.
      if (Loop* loop = Loop::running())
        loop->report({Report::Kind::released_twice,
                      std::string("at the end of a scope: ") + error.what(),
                      std::current_exception(),
                      nullptr,
                      {}});
    }
  }

  /// Releases early; throws what `release()` throws. Without effect if it holds nothing.
  void release(std::source_location at = std::source_location::current()) {
    if (!primitive_) return;
    Primitive& primitive = *std::exchange(primitive_, nullptr);
    if constexpr (requires { primitive.release(at); }) {
      primitive.release(at);
    } else {  // one of the program's own, which need not know where it is used
      primitive.release();
    }
  }
  [[nodiscard]] explicit operator bool() const noexcept { return primitive_ != nullptr; }

 private:
  Primitive* primitive_ = nullptr;
  std::source_location at_;
};

}  // namespace coweave
