#pragma once

/// Notes: events that the program itself tells, with values.
///
///     note("ships", order, "express");
///
/// They stand in the trace, in the column of the task that runs, and monitors match them (see
/// docs/monitors.md). In production a note is a look at a null pointer.

#include <coweave/core/loop.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace coweave {

/// A value of a note. Text is not copied: it is good until `note` returns.
class NoteValue {
 public:
  enum class Kind : std::uint8_t {
    number,
    large,  ///< a whole number above the largest `std::int64_t`
    truth,
    real,
    text
  };

  template <std::integral T>
    requires(!std::same_as<T, bool>)
  explicit NoteValue(T value) noexcept
      : number_(static_cast<std::int64_t>(value)),
        kind_(value > 0 && static_cast<std::int64_t>(value) < 0 ? Kind::large : Kind::number) {}
  /// Not of what merely converts to bool, as every pointer does.
  template <std::same_as<bool> T>
  explicit NoteValue(T value) noexcept : number_(value ? 1 : 0), kind_(Kind::truth) {}
  template <class T>
    requires std::is_enum_v<T>
  explicit NoteValue(T value) noexcept : NoteValue(static_cast<std::underlying_type_t<T>>(value)) {}
  template <std::floating_point T>
  explicit NoteValue(T value) noexcept : real_(static_cast<double>(value)), kind_(Kind::real) {}
  explicit NoteValue(std::string_view value) noexcept
      : text_(value.data()), length_(value.size()), kind_(Kind::text) {}

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  /// Of a number, or of what is true (1) or not (0); of a larger one the largest that there is; else 0.
  [[nodiscard]] std::int64_t number() const noexcept {
    if (kind_ == Kind::number || kind_ == Kind::truth) return number_;
    return kind_ == Kind::large ? std::numeric_limits<std::int64_t>::max() : 0;
  }
  /// Of a whole number that is not negative, the large ones too; else 0.
  [[nodiscard]] std::uint64_t whole() const noexcept {
    return kind_ == Kind::large || number() > 0 ? static_cast<std::uint64_t>(number_) : 0;
  }
  /// Of a floating-point number; else 0.
  [[nodiscard]] double real() const noexcept { return kind_ == Kind::real ? real_ : 0; }
  /// Of text; else empty.
  [[nodiscard]] std::string_view text() const noexcept {
    return kind_ == Kind::text ? std::string_view(text_, length_) : std::string_view();
  }

 private:
  union {
    std::int64_t number_;
    double real_;
    const char* text_;
  };
  std::size_t length_ = 0;  // of the text
  Kind kind_;
};

/// As the values of a note are told: 12, true, 0.5, 'text'.
[[nodiscard]] std::string to_string(const NoteValue& value);

struct Note {
  std::string_view label;  ///< not null, and there is a null after it
  std::span<const NoteValue> values;
  std::source_location at;
};

/// The label and after it the values, with a space before each: "ships 12 'express'".
[[nodiscard]] std::string to_string(const Note& note);

/// The label of a note, and where it stands.
struct NoteLabel {
  NoteLabel(const char* label, std::source_location where = std::source_location::current()) noexcept
      : text(label ? label : ""), at(where) {}

  const char* text;
  std::source_location at;
};

namespace detail {

template <class... Values>
[[gnu::noinline]] void tell_note(Observer& observer, std::string_view label, std::source_location at,
                                 const Values&... values) {
  const std::array<NoteValue, sizeof...(Values)> all{NoteValue(values)...};
  observer.noted({label, all, at});
}

}  // namespace detail

/// Tells an event. Values are numbers, enumerators, bools and texts. It decides nothing and suspends nowhere.
/// Outside a simulation, and in one that nobody looks at, it does nothing.
template <class... Values>
  requires(std::constructible_from<NoteValue, const Values&> && ...)
[[gnu::always_inline]] inline void note(NoteLabel label, const Values&... values) {
  if (Observer* observer = Loop::observed(heard::notes)) [[unlikely]]
    detail::tell_note(*observer, label.text, label.at, values...);
}

}  // namespace coweave
