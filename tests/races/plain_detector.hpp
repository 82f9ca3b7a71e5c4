#pragma once

/// The rules of docs/races.md in the plainest way: all accesses are kept, and each is compared with all.

#include <coweave/tests/races/script.hpp>

#include <cstddef>
#include <span>

namespace coweave::tests {

enum class Told {
  nothing,
  by_all,   ///< the detector sees the same
  by_some,  ///< of several that others made in between, the detector keeps one, and may miss it
};

/// What is told with the last word about the pieces of its task. Words: r, w, u, [, ], !, ?, +, -.
[[nodiscard]] Told plainly_apart(std::span<const Word> words);

/// Whether nothing orders the last word after some access before it: against the last write of each task and
/// the reads since the last write of all.
[[nodiscard]] bool plainly_unordered(std::span<const Word> words);

}  // namespace coweave::tests
