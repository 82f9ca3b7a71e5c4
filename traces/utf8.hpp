#pragma once

/// UTF-8: what a program says may be any bytes, what stands in a trace is always UTF-8.

#include <string>
#include <string_view>

namespace coweave::traces {

/// One character at the front of a text.
struct Utf8Character {
  char32_t code = 0;  ///< U+FFFD if the bytes are not UTF-8
  std::size_t size =
      0;  ///< bytes that it takes; of what is not UTF-8, the longest start of a character, at least 1
  bool valid = false;
};

/// The first character of `text`, which must not be empty. Overlong forms and surrogates are not valid.
[[nodiscard]] Utf8Character first_character(std::string_view text) noexcept;

/// As many whole characters from the beginning of `text` as fit `size_max` bytes.
[[nodiscard]] std::string_view beginning(std::string_view text, std::size_t size_max) noexcept;

/// `text` with U+FFFD for every maximal part that is not UTF-8, as the Unicode standard recommends (chapter
/// 3, "U+FFFD substitution of maximal subparts") and web browsers do. Valid text comes back as it is.
[[nodiscard]] std::string to_utf8(std::string_view text);

}  // namespace coweave::traces
