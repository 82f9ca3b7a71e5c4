#pragma once

/// Comparing labels and names. They are short, and compared again and again while a run goes on: a call would
/// take longer than the look.

namespace coweave::detail {

[[gnu::always_inline]] inline bool same_text(const char* one, const char* other) noexcept {
  while (*one == *other) {
    if (*one == '\0') return true;
    ++one;
    ++other;
  }
  return false;
}

}  // namespace coweave::detail
