#pragma once

/// The small words of all renderings.

#include <coweave/traces/trace.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coweave::traces {

/// Virtual time, exactly, in the largest unit of which there is at least one: "1.5 ms", "3600 s", "0 s".
[[nodiscard]] std::string time_in_words(std::int64_t time_ns);

/// "1st", "2nd", "13th".
[[nodiscard]] std::string ordinal(std::uint64_t number);

/// "1 step", "3 steps", "12,345 steps", "2 switches".
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view what);

/// "a", "a and b", "a, b and c".
[[nodiscard]] std::string enumerated(const std::vector<std::string>& parts);

/// "passed", "leaked task", "coroutine never awaited", …
[[nodiscard]] std::string_view in_words(VerdictKind kind) noexcept;

/// "a cycle", "a lost wake-up", "nobody can wake them": of one of `deadlock_shape_names`, else itself.
[[nodiscard]] std::string_view shape_in_words(std::string_view shape) noexcept;

}  // namespace coweave::traces
