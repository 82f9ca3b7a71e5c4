#pragma once

/// Whether the accesses of a history to one variable could have been made in one piece: by trying every way.
///
/// A piece is what a task does from its first read or write on; updates before that are pieces of their own.
/// Two histories have the same effect if in both each read finds the same, each update adds to what the same
/// write left, and the same is left at the end. An update adds something, so that two of them may come in any
/// order.

#include <coweave/tests/races/script.hpp>

#include <span>

namespace coweave::tests {

/// Whether there is a point at which the task of the last word could have made its whole piece at once, with
/// the same effect, while all others do what they did in the order in which they did it.
[[nodiscard]] bool could_be_at_once(std::span<const Word> words);

/// Whether the pieces of all tasks could have come one after another, in any order.
[[nodiscard]] bool is_serialisable(std::span<const Word> words);

}  // namespace coweave::tests
