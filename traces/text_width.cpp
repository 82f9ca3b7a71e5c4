#include <coweave/traces/text_width.hpp>

#include <coweave/traces/utf8.hpp>

#include <algorithm>
#include <array>

namespace coweave::traces {

namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// The large blocks, by hand: what is missing is off by a column, no worse.
constexpr std::array<Range, 10> combining = {{{0x300, 0x36F},
                                              {0x483, 0x489},
                                              {0x591, 0x5BD},
                                              {0x610, 0x61A},
                                              {0x64B, 0x65F},
                                              {0x93A, 0x94D},
                                              {0x1AB0, 0x1AFF},
                                              {0x20D0, 0x20FF},
                                              {0xFE00, 0xFE0F},
                                              {0xFE20, 0xFE2F}}};
constexpr std::array<Range, 13> wide = {{{0x1100, 0x115F},
                                         {0x2E80, 0x303E},
                                         {0x3041, 0x33FF},
                                         {0x3400, 0x4DBF},
                                         {0x4E00, 0x9FFF},
                                         {0xA000, 0xA4CF},
                                         {0xAC00, 0xD7A3},
                                         {0xF900, 0xFAFF},
                                         {0xFE30, 0xFE6F},
                                         {0xFF00, 0xFF60},
                                         {0xFFE0, 0xFFE6},
                                         {0x1F300, 0x1FAFF},
                                         {0x20000, 0x3FFFD}}};

template <std::size_t count>
bool contains(const std::array<Range, count>& ranges, char32_t code) noexcept {
  return std::any_of(ranges.begin(), ranges.end(),
                     [code](const Range& range) { return code >= range.first && code <= range.last; });
}

std::size_t width_of(char32_t code) noexcept {
  if (code < 0x300) return 1;
  if (contains(combining, code)) return 0;
  return contains(wide, code) ? 2 : 1;
}

/// The bytes of the longest beginning of `text` that fits `width` columns.
std::size_t fitting_size(std::string_view text, std::size_t width) noexcept {
  std::size_t size = 0;
  while (size < text.size()) {
    const Utf8Character character = first_character(text.substr(size));
    const std::size_t taken = width_of(character.code);
    if (taken > width) break;
    width -= taken;
    size += character.size;
  }
  return size;
}

}  // namespace

std::string with_hard_spaces(std::string text) {
  std::replace(text.begin(), text.end(), ' ', hard_space);
  return text;
}

std::string with_spaces(std::string text) {
  std::replace(text.begin(), text.end(), hard_space, ' ');
  return text;
}

std::size_t width_of(std::string_view text) noexcept {
  std::size_t width = 0;
  while (!text.empty()) {
    const Utf8Character character = first_character(text);
    width += width_of(character.code);
    text.remove_prefix(character.size);
  }
  return width;
}

std::string clipped(std::string_view text, std::size_t width, std::string_view ellipsis) {
  if (width_of(text) <= width) return std::string(text);
  const std::size_t ellipsis_width = width_of(ellipsis);
  if (ellipsis_width > width) return std::string(text.substr(0, fitting_size(text, width)));
  std::string_view kept = text.substr(0, fitting_size(text, width - ellipsis_width));
  while (kept.ends_with(' ')) kept.remove_suffix(1);
  return std::string(kept) + std::string(ellipsis);
}

std::string clipped_front(std::string_view text, std::size_t width, std::string_view ellipsis) {
  std::size_t rest = width_of(text);
  if (rest <= width) return std::string(text);
  const std::size_t ellipsis_width = width_of(ellipsis);
  const std::size_t kept_width = width > ellipsis_width ? width - ellipsis_width : 0;
  while (rest > kept_width) {
    const Utf8Character character = first_character(text);
    rest -= width_of(character.code);
    text.remove_prefix(character.size);
  }
  return (width >= ellipsis_width ? std::string(ellipsis) : std::string()) + std::string(text);
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t taken = width_of(text);
  return std::string(text) + std::string(taken < width ? width - taken : 0, ' ');
}

std::string padded_front(std::string_view text, std::size_t width) {
  const std::size_t taken = width_of(text);
  return std::string(taken < width ? width - taken : 0, ' ') + std::string(text);
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width, std::size_t indent,
                                 std::size_t lines_max, std::string_view ellipsis) {
  std::vector<std::string> lines;
  for (;;) {
    const std::string prefix(lines.empty() ? 0 : std::min(indent, width - 1), ' ');
    const std::size_t room = width - prefix.size();
    if (lines.size() + 1 == lines_max || width_of(text) <= room) {
      lines.push_back(prefix + clipped(text, room, ellipsis));
      return lines;
    }
    std::size_t size = std::max(fitting_size(text, room), first_character(text).size);
    // Break at the last space, unless the word after it fits no line anyway.
    const std::size_t space = text.substr(0, size + 1).rfind(' ');
    if (space != std::string_view::npos && space > 0) {
      const std::string_view word = text.substr(space + 1, text.find(' ', space + 1) - space - 1);
      if (word.size() <= 4 * width && width_of(word) + indent <= width) size = space;
    }
    std::string_view line = text.substr(0, size);
    while (line.ends_with(' ')) line.remove_suffix(1);
    lines.push_back(prefix + std::string(line));
    text.remove_prefix(size);
    while (text.starts_with(' ')) text.remove_prefix(1);
    if (text.empty()) return lines;
  }
}

std::string paragraph(std::string_view text, const Page& page) {
  std::string result;
  for (const std::string& line :
       wrapped(text, page.width - page.margin, page.indent, page.lines_max, page.ellipsis)) {
    result += std::string(page.margin, ' ') + line + "\n";
  }
  return result;
}

}  // namespace coweave::traces
