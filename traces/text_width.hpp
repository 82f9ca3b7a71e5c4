#pragma once

/// Text in columns of a terminal. All of these expect `printable` text.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace coweave::traces {

/// Stands for a space at which no line breaks. Printable text has none of its own, and whoever prints turns
/// it into a space.
inline constexpr char hard_space = '\x1f';

/// `text` with hard spaces for spaces, and the other way round.
[[nodiscard]] std::string with_hard_spaces(std::string text);
[[nodiscard]] std::string with_spaces(std::string text);

/// The columns that `text` takes: 0 for a combining character, 2 for a wide one (East Asian, emoji), else 1.
[[nodiscard]] std::size_t width_of(std::string_view text) noexcept;

/// `text` if it fits `width` columns, else as much of its beginning as fits, with `ellipsis`.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t width, std::string_view ellipsis = "…");

/// As `clipped`, but keeps the end: for paths.
[[nodiscard]] std::string clipped_front(std::string_view text, std::size_t width,
                                        std::string_view ellipsis = "…");

/// `text` and spaces up to `width` columns.
[[nodiscard]] std::string padded(std::string_view text, std::size_t width);
[[nodiscard]] std::string padded_front(std::string_view text, std::size_t width);

/// `text` in lines of at most `width` columns, broken at spaces where possible; each line but the first
/// begins with `indent` spaces. Of more than `lines_max` lines, the last one kept ends with `ellipsis`.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t width,
                                               std::size_t indent = 0, std::size_t lines_max = 1000,
                                               std::string_view ellipsis = "…");

/// How a text stands on the page.
struct Page {
  std::size_t width = 120;
  std::size_t margin = 0;  ///< spaces before each line
  std::size_t indent = 0;  ///< and as many more before each but the first
  std::size_t lines_max = 1000;
  std::string_view ellipsis = "…";
};

/// The lines of `wrapped` as one text, each with its line break. No line is wider than `page.width`, which
/// must be more than the margin.
[[nodiscard]] std::string paragraph(std::string_view text, const Page& page);

}  // namespace coweave::traces
