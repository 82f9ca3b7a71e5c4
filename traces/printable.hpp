#pragma once

/// Text of a program under test, made safe to show: on one line, without control over the terminal.

#include <cstddef>
#include <string>
#include <string_view>

namespace coweave::traces {

/// `text` as UTF-8 on one line: a line break shows as "\n", and whatever else would move the cursor, change
/// colours or reorder the line (control characters, directional marks, invisible ones) as "\u{1b}".
[[nodiscard]] std::string printable(std::string_view text);

/// `printable`, and what is not ASCII as "?".
[[nodiscard]] std::string printable_ascii(std::string_view text);

/// `printable` in single quotes, the middle left out if it has more than `size_max` bytes: for messages.
[[nodiscard]] std::string quoted(std::string_view text, std::size_t size_max = 80);

}  // namespace coweave::traces
