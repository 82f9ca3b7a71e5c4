#include <coweave/traces/printable.hpp>

#include <coweave/traces/utf8.hpp>

#include <fmt/format.h>

namespace coweave::traces {

namespace {

bool is_harmless(char32_t code) {
  if (code < 0x20 || (code >= 0x7F && code <= 0x9F)) return false;
  if (code >= 0x200B && code <= 0x200F) return false;  // zero width, directional marks
  if (code >= 0x2028 && code <= 0x202E) return false;  // separators, directional embeddings
  if (code >= 0x2060 && code <= 0x206F) return false;  // invisible operators, directional isolates
  return code != 0xAD && code != 0x61C && code != 0xFEFF && !(code >= 0xFFF0 && code <= 0xFFFB) &&
         !(code >= 0xE0000 && code <= 0xE0FFF);
}

template <class Show>
std::string each_character(std::string_view text, Show show) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const Utf8Character character = first_character(text);
    if (character.code == U'\n') {
      result += "\\n";
    } else if (character.code == U'\t') {
      result += "\\t";
    } else if (character.code == U'\r') {
      result += "\\r";
    } else if (!is_harmless(character.code)) {
      result += fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(character.code));
    } else {
      show(result, character, text);
    }
    text.remove_prefix(character.size);
  }
  return result;
}

}  // namespace

std::string printable(std::string_view text) {
  return each_character(text, [](std::string& result, const Utf8Character& character, std::string_view rest) {
    result += character.valid ? rest.substr(0, character.size) : std::string_view("\uFFFD");
  });
}

std::string printable_ascii(std::string_view text) {
  return each_character(text, [](std::string& result, const Utf8Character& character, std::string_view) {
    result += character.code < 0x80 ? static_cast<char>(character.code) : '?';
  });
}

std::string quoted(std::string_view text, std::size_t size_max) {
  if (text.size() <= size_max) return "'" + printable(text) + "'";
  return fmt::format("'{}… ({} bytes)'", printable(beginning(text, size_max)), text.size());
}

}  // namespace coweave::traces
