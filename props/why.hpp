#pragma once

/// What makes the difference in a failing run, in words.

#include <coweave/props/explore.hpp>

#include <cstddef>
#include <string>

namespace coweave::detail {

/// The two steps whose order decides, and the decisions that do not matter; empty if neither is known. Lines
/// of at most `width` columns.
[[nodiscard]] std::string why_in_words(const Finding& finding, std::size_t width);

}  // namespace coweave::detail
