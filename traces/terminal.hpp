#pragma once

/// The terminal that standard output is, if it is one.

#include <optional>

namespace coweave::traces {

/// Its columns; nothing if standard output is no terminal, or does not say.
[[nodiscard]] std::optional<int> terminal_columns();

}  // namespace coweave::traces
