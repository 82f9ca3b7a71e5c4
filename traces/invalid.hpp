#pragma once

/// How the parts of the reader tell each other that a document is no good. Never leaves `read_trace`.

#include <coweave/traces/read_error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace coweave::traces {

/// Thrown; carries what will be returned.
struct Invalid {
  Invalid(std::string place, std::string message)
      : error{ReadError::Kind::document, std::move(place), std::move(message)} {}
  ReadError error;
};

/// The JSON pointer of `key` inside `place`.
[[nodiscard]] std::string pointer(std::string_view place, std::string_view key);
[[nodiscard]] std::string pointer(std::string_view place, std::size_t index);

}  // namespace coweave::traces
