#pragma once

/// Comparing labels. They are short, and compared again and again while a run goes on: a call would
/// take longer than the look.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace coweave::detail {

template <class Word>
[[gnu::always_inline]] inline bool same_word(const char* one, const char* other) noexcept {
  Word mine;
  Word theirs;
  std::memcpy(&mine, one, sizeof(Word));
  std::memcpy(&theirs, other, sizeof(Word));
  return mine == theirs;
}

/// Word by word; the last one overlaps the one before.
[[gnu::always_inline]] inline bool same_text(std::string_view one, std::string_view other) noexcept {
  const std::size_t size = one.size();
  if (size != other.size()) return false;
  const char* const mine = one.data();
  const char* const theirs = other.data();
  if (size >= 8) {
    std::size_t at = 0;
    while (at + 8 < size && same_word<std::uint64_t>(mine + at, theirs + at)) at += 8;
    return at + 8 >= size && same_word<std::uint64_t>(mine + size - 8, theirs + size - 8);
  }
  if (size >= 4)
    return same_word<std::uint32_t>(mine, theirs) &&
           same_word<std::uint32_t>(mine + size - 4, theirs + size - 4);
  for (std::size_t at = 0; at < size; ++at) {
    if (mine[at] != theirs[at]) return false;
  }
  return true;
}

}  // namespace coweave::detail
