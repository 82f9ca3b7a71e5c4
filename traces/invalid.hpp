#pragma once

/// How the parts of the reader tell each other that a document is no good. Never leaves `read_trace`.

#include <coweave/traces/read_error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace coweave::traces {

/// Thrown; carries what will be returned. `place` may hold keys of the document, whatever they are; `message`
/// is fit to be shown.
struct Invalid {
  Invalid(std::string_view place, std::string message);
  ReadError error;
};

/// The JSON pointer of `key` inside `place`.
[[nodiscard]] std::string pointer(std::string_view place, std::string_view key);
[[nodiscard]] std::string pointer(std::string_view place, std::size_t index);

}  // namespace coweave::traces
