#pragma once

/// Sites as text: "file:line", the file relative to its project.

#include <coweave/traces/trace.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace coweave::traces {

/// How a site that is not known is written where one must stand.
inline constexpr std::string_view unknown_site = "?";

/// "file:line", or "?" if it is not known.
[[nodiscard]] std::string to_string(const Site& site);

/// The site that `text` tells. Nothing if it is neither "?" nor "file:line" with a relative file and a line
/// from 1 that fits 32 bits.
[[nodiscard]] std::optional<Site> parse_site(std::string_view text);

}  // namespace coweave::traces
