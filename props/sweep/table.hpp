#pragma once

/// The table of a sweep.

#include <cstddef>
#include <string>

namespace coweave::detail {

/// What the failure with this index, from 0, is called: "A", …, "Z", "AA", …
[[nodiscard]] std::string failure_letter(std::size_t index);

}  // namespace coweave::detail
