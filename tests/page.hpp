#pragma once

/// Texts that a page of docs/ shows, and a test makes:
///
///     <!-- shown: exclusive -->
///     ```
///     FAILED: …
///     ```
///
/// With the environment variable COWEAVE_APPROVE=1 the page is rewritten instead.

#include <string>
#include <string_view>

namespace coweave::tests {

/// Compares `text` with what the page at `path`, relative to the top of the tree, shows under `name`. Empty
/// if they are equal; else says where they differ, and what to do.
[[nodiscard]] std::string compare_with_page(std::string_view path, std::string_view name,
                                            std::string_view text);

}  // namespace coweave::tests
