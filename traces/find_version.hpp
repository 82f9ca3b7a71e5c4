#pragma once

/// The version of a document that may be of another version, and is not to be read any further then.

#include <coweave/traces/value.hpp>

#include <optional>
#include <string_view>

namespace coweave::traces {

/// The "version" of the document, if it has one as far as it can be parsed. Nothing if the text is not JSON.
[[nodiscard]] std::optional<Value> find_version(std::string_view bytes);

}  // namespace coweave::traces
