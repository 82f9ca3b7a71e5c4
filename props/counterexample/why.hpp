#pragma once

/// What makes the difference in a failing run, in words.

#include <coweave/props/explore.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace coweave::detail {

/// The two steps whose order decides, and the decisions that do not matter; empty if neither is known. Lines
/// of at most `width` columns.
[[nodiscard]] std::string why_in_words(const Finding& finding, std::size_t width);

/// Where the actor of step `step` of `trace` goes on from: the place of its last await, or where the task was
/// spawned; not known if the trace does not say so. `newcomer`: that of another, who would take the step.
[[nodiscard]] traces::Site place_before(const traces::Trace& trace, std::uint64_t step,
                                        const std::string& newcomer = {});

}  // namespace coweave::detail
