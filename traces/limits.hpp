#pragma once

/// Bounds on a trace document. A reader refuses what exceeds them, so that no document, however hostile,
/// costs more memory or time than these allow.

#include <cstddef>
#include <cstdint>

namespace coweave::traces {

inline constexpr std::size_t document_size_max_bytes = std::size_t{64} << 20U;

/// Entries of any one list: tasks, objects, choices, events, the stack of an await, …
inline constexpr std::size_t entries_max = 1'000'000;

/// How deep lists and objects nest. A trace needs 6.
inline constexpr std::size_t depth_max = 16;

/// Values inside one entry of a list, or inside the verdict.
inline constexpr std::size_t values_per_record_max = 1'000'000;

/// Keys of one object. A trace needs 16.
inline constexpr std::size_t keys_max = 32;

/// The largest integer that every reader of JSON gives back exactly; a larger one is written as a string.
inline constexpr std::uint64_t number_max = (std::uint64_t{1} << 53U) - 1;

}  // namespace coweave::traces
