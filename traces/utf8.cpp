#include <coweave/traces/utf8.hpp>

namespace coweave::traces {

namespace {

struct Lead {
  unsigned continuations;    ///< bytes that must follow
  unsigned char second_min;  ///< bounds of the first of them; the others are 80..BF
  unsigned char second_max;
  char32_t bits;
};

/// Table 3-7 of the Unicode standard; `continuations` 0 for what cannot lead.
Lead lead_of(unsigned char byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {1, 0x80, 0xBF, byte & 0x1FU};
  if (byte == 0xE0) return {2, 0xA0, 0xBF, 0};
  if (byte == 0xED) return {2, 0x80, 0x9F, 0xD};
  if (byte >= 0xE1 && byte <= 0xEF) return {2, 0x80, 0xBF, byte & 0x0FU};
  if (byte == 0xF0) return {3, 0x90, 0xBF, 0};
  if (byte >= 0xF1 && byte <= 0xF3) return {3, 0x80, 0xBF, byte & 0x07U};
  if (byte == 0xF4) return {3, 0x80, 0x8F, 4};
  return {0, 0, 0, 0};
}

}  // namespace

Utf8Character first_character(std::string_view text) noexcept {
  const auto byte = static_cast<unsigned char>(text.front());
  if (byte < 0x80) return {byte, 1, true};
  const Lead lead = lead_of(byte);
  char32_t code = lead.bits;
  for (std::size_t index = 1; index <= lead.continuations; ++index) {
    const auto next =
        index < text.size() ? static_cast<unsigned char>(text[index]) : static_cast<unsigned char>(0);
    const unsigned char lowest = index == 1 ? lead.second_min : 0x80;
    const unsigned char highest = index == 1 ? lead.second_max : 0xBF;
    if (next < lowest || next > highest) return {U'\uFFFD', index, false};
    code = (code << 6U) | (next & 0x3FU);
  }
  if (lead.continuations == 0) return {U'\uFFFD', 1, false};
  return {code, lead.continuations + std::size_t{1}, true};
}

std::string_view beginning(std::string_view text, std::size_t size_max) noexcept {
  std::size_t size = 0;
  while (size < text.size()) {
    const std::size_t next = first_character(text.substr(size)).size;
    if (size + next > size_max) break;
    size += next;
  }
  return text.substr(0, size);
}

std::string to_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const Utf8Character character = first_character(text);
    if (character.valid) {
      result += text.substr(0, character.size);
    } else {
      result += "\uFFFD";
    }
    text.remove_prefix(character.size);
  }
  return result;
}

}  // namespace coweave::traces
