#pragma once

/// How a call ended, as a sequential model tells it: with nothing, with a value, or with an exception.

#include <coweave/props/require.hpp>

#include <compare>
#include <exception>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <variant>

namespace coweave {

/// The result of a call that returns no value.
struct Nothing {
  friend auto operator<=>(const Nothing&, const Nothing&) = default;
};

/// The end of a call that threw. Two are equal if the exceptions have the same type: what a message says is
/// no part of a model.
class Raised {
 public:
  /// What `exception`, which is not null, is.
  explicit Raised(const std::exception_ptr& exception);
  explicit Raised(const std::type_info& type) noexcept : type_(&type) {}

  /// The name of the type without the namespace of coweave: "QueueEmpty", "std::runtime_error".
  [[nodiscard]] std::string type() const;
  friend bool operator==(const Raised& one, const Raised& other) noexcept {
    return one.type_ == other.type_ || (one.type_ && other.type_ && *one.type_ == *other.type_);
  }

 private:
  const std::type_info* type_;  ///< null: no C++ exception
};

/// What a model answers where the code under test throws an `Exception`.
template <class Exception>
[[nodiscard]] Raised raised() {
  return Raised(typeid(Exception));
}

/// The response type of models: `Reply<int, bool>` is nothing, an int, a bool, or an exception.
template <class... Values>
using Reply = std::variant<Nothing, Values..., Raised>;

namespace detail {

template <class T>
struct is_reply : std::false_type {};
template <class... Values>
struct is_reply<std::variant<Nothing, Values...>> : std::true_type {};

/// A response or an operation in words; "ok" for nothing. What has a `to_string` of its own uses that.
template <class T>
[[nodiscard]] std::string show_call_part(const T& value) {
  if constexpr (std::is_same_v<T, Nothing>) {
    return "ok";
  } else if constexpr (std::is_same_v<T, Raised>) {
    return "raises " + value.type();
  } else if constexpr (is_reply<T>::value) {
    return std::visit([](const auto& held) { return show_call_part(held); }, value);
  } else if constexpr (requires {
                         { to_string(value) } -> std::convertible_to<std::string>;
                       }) {
    return to_string(value);
  } else {
    return show(value);
  }
}

}  // namespace detail
}  // namespace coweave
