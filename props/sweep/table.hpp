#pragma once

/// What is told of a sweep.

#include <coweave/props/sweep/sweep.hpp>

#include <cstddef>
#include <string>

namespace coweave::detail {

/// What the failure with this index, from 0, is called: "A", …, "Z", "AA", …
[[nodiscard]] std::string failure_letter(std::size_t index);

/// How much was swept, and what came of it: "a sweep over cancellation: 5 awaits, 13 runs, of which 6 failed,
/// in 2 ways".
[[nodiscard]] std::string extent_of(const Sweep& sweep);
/// A line for each way in which it failed, and for what else keeps it from having passed.
[[nodiscard]] std::string what_failed(const Sweep& sweep);

}  // namespace coweave::detail
