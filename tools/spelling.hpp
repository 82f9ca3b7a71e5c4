#pragma once

/// Guessing what a misspelt word was meant to be.

#include <string>
#include <string_view>
#include <vector>

namespace coweave::tools {

/// Of `words`, the one that the fewest changed letters lead to; empty if all are too far away.
[[nodiscard]] std::string nearest_spelling(std::string_view written, const std::vector<std::string>& words);

}  // namespace coweave::tools
