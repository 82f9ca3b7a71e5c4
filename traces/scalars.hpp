#pragma once

/// Values of JSON -> the scalars of a trace: texts, numbers, seeds, sites.

#include <coweave/traces/trace.hpp>
#include <coweave/traces/value.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace coweave::traces {

inline constexpr std::uint64_t uint32_max = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::uint64_t uint64_max = std::numeric_limits<std::uint64_t>::max();
inline constexpr std::uint64_t int64_max = std::numeric_limits<std::int64_t>::max();

/// Throws Invalid: at `place`, `expected` should stand and does not.
[[noreturn]] void refuse_kind(const std::string& place, std::string_view expected, const Value& found);

// Each throws Invalid at `place`, the JSON pointer of `value`, if it is something else.
[[nodiscard]] std::string read_text(const Value& value, const std::string& place);
[[nodiscard]] bool read_truth(const Value& value, const std::string& place);
/// A seed: a decimal string.
[[nodiscard]] std::uint64_t read_seed(const Value& value, const std::string& place);
/// A whole number up to `max`: a number up to 2^53 - 1, a decimal string above.
[[nodiscard]] std::uint64_t read_number(const Value& value, const std::string& place, std::uint64_t max);
/// "file:line", or "?".
[[nodiscard]] Site read_site(const Value& value, const std::string& place);

}  // namespace coweave::traces
