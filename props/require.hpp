#pragma once

/// COWEAVE_REQUIRE(expression): an assertion for code under test, with both sides shown.
///
/// `COWEAVE_REQUIRE(balance == 100)` fails with "balance == 100, with 60 == 100". May stand in any coroutine
/// or function; the expression may not contain `co_await` (await first, then assert).

#include <coweave/sim/assertion.hpp>

#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <source_location>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace coweave::detail {

[[nodiscard]] std::string text_of(bool value);
[[nodiscard]] std::string text_of(std::int64_t value);
[[nodiscard]] std::string text_of(std::uint64_t value);
[[nodiscard]] std::string text_of(double value);
[[nodiscard]] std::string text_of(std::string_view value);

/// A stream to write one value to; `taken_text()` gives what was written.
std::ostream& text_stream();
[[nodiscard]] std::string taken_text();

template <class T>
concept Streamable = requires(std::ostream& stream, const T& value) { stream << value; };
/// What points to something: said as such, because where it points to differs between runs.
template <class T>
concept Pointer = std::is_pointer_v<T> || (requires(const T& value) {
                    value.operator->();
                    value.get();
                  } && std::is_constructible_v<bool, const T&>);
template <class T>
concept Optional = requires(const T& value) {
  value.has_value();
  *value;
};
template <class T>
concept Container = requires(const T& value) {
  value.begin();
  value.end();
};

/// A value in words: numbers, texts, enumerators as numbers, containers in brackets, pairs and tuples in
/// parentheses, what an optional holds, whatever has an operator<<; of anything else "{…}". Never an address.
template <class T>
[[nodiscard]] std::string show(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return text_of(value);
  } else if constexpr (std::is_null_pointer_v<T>) {
    return "nullptr";
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    return text_of(std::string_view(value));
  } else if constexpr (Pointer<T>) {
    return value ? "a pointer" : "nullptr";
  } else if constexpr (std::is_same_v<T, char>) {
    return std::string("'") + value + "'";
  } else if constexpr (std::is_enum_v<T>) {
    return show(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::signed_integral<T>) {
    return text_of(static_cast<std::int64_t>(value));
  } else if constexpr (std::unsigned_integral<T>) {
    return text_of(static_cast<std::uint64_t>(value));
  } else if constexpr (std::floating_point<T>) {
    return text_of(static_cast<double>(value));
  } else if constexpr (Optional<T>) {
    return value.has_value() ? show(*value) : "nothing";
  } else if constexpr (requires { std::tuple_size<T>::value; } && !Container<T>) {
    const auto join = [](const auto&... parts) {
      std::string text;
      ((text += (text.empty() ? "" : ", ") + show(parts)), ...);
      return "(" + text + ")";
    };
    return std::apply(join, value);
  } else if constexpr (Container<T>) {
    std::string text = "[";
    for (const auto& element : value) text += (text.size() == 1 ? "" : ", ") + show(element);
    return text + "]";
  } else if constexpr (Streamable<T>) {
    text_stream() << value;
    return taken_text();
  } else {
    return "{…}";
  }
}

/// An int and a size_t are compared as numbers, where the language would convert the one to the other.
template <class T>
concept Number =
    std::integral<T> && !(std::same_as<T, bool> || std::same_as<T, char> || std::same_as<T, wchar_t> ||
                          std::same_as<T, char8_t> || std::same_as<T, char16_t> || std::same_as<T, char32_t>);
template <class Left, class Right>
concept MixedSigns = Number<Left> && Number<Right> && (std::is_signed_v<Left> != std::is_signed_v<Right>);

struct Checked {
  bool holds;
  std::string sides;  ///< of a comparison that does not hold
};

/// Takes a comparison apart: `Decompose() <= a == b` binds as `(Decompose() <= a) == b`.
template <class Left>
class Operand {
 public:
  using coweave_operand = void;

  explicit Operand(const Left& left) noexcept : left_(left) {}

  template <class Right>
  Checked operator==(const Right& right) const {
    return compare([](const auto& a, const auto& b) { return static_cast<bool>(a == b); }, " == ", right);
  }
  template <class Right>
  Checked operator!=(const Right& right) const {
    return compare([](const auto& a, const auto& b) { return static_cast<bool>(a != b); }, " != ", right);
  }
  template <class Right>
  Checked operator<(const Right& right) const {
    return compare([](const auto& a, const auto& b) { return static_cast<bool>(a < b); }, " < ", right);
  }
  template <class Right>
  Checked operator<=(const Right& right) const {
    return compare([](const auto& a, const auto& b) { return static_cast<bool>(a <= b); }, " <= ", right);
  }
  template <class Right>
  Checked operator>(const Right& right) const {
    return compare([](const auto& a, const auto& b) { return static_cast<bool>(a > b); }, " > ", right);
  }
  template <class Right>
  Checked operator>=(const Right& right) const {
    return compare([](const auto& a, const auto& b) { return static_cast<bool>(a >= b); }, " >= ", right);
  }
  operator Checked() const {
    const bool holds = static_cast<bool>(left_);
    return {holds, holds || std::is_same_v<Left, bool> ? std::string() : show(left_)};
  }

 private:
  template <class Compare, class Right>
  Checked compare(Compare compare, const char* sign, const Right& right) const {
    bool holds = false;
    if constexpr (MixedSigns<Left, Right>) {
      holds = compare(std::cmp_less(left_, right) ? -1 : std::cmp_less(right, left_) ? 1 : 0, 0);
    } else {
      holds = compare(left_, right);
    }
    return {holds, holds ? std::string() : show(left_) + sign + show(right)};
  }

  const Left& left_;
};

template <class T>
concept PartOfCheck = std::is_same_v<T, Checked> || requires { typename T::coweave_operand; };

template <PartOfCheck Left, class Right>
void operator&&(const Left&, const Right&) {
  static_assert(!PartOfCheck<Left>,
                "COWEAVE_REQUIRE cannot take a && b apart: write it twice, or COWEAVE_REQUIRE((a && b))");
}
template <PartOfCheck Left, class Right>
void operator||(const Left&, const Right&) {
  static_assert(!PartOfCheck<Left>,
                "COWEAVE_REQUIRE cannot take a || b apart: write COWEAVE_REQUIRE((a || b))");
}

struct Decompose {
  template <class Left>
  Operand<Left> operator<=(const Left& left) const noexcept {
    return Operand<Left>(left);
  }
};

inline void require(const Checked& checked, const char* expression, std::source_location at) {
  if (checked.holds) [[likely]]
    return;
  sim::assertion_failed(
      checked.sides.empty() ? std::string(expression) : std::string(expression) + ", with " + checked.sides,
      at);
}

}  // namespace coweave::detail

#define COWEAVE_REQUIRE(...)                                                                    \
  do {                                                                                          \
    _Pragma("GCC diagnostic push")                                                              \
        _Pragma("GCC diagnostic ignored \"-Wparentheses\"")::coweave::detail::require(          \
            ::coweave::detail::Decompose() <= __VA_ARGS__, "COWEAVE_REQUIRE(" #__VA_ARGS__ ")", \
            std::source_location::current());                                                   \
    _Pragma("GCC diagnostic pop")                                                               \
  } while (false)
