#pragma once

/// Bytes -> Trace, trusting nothing.

#include <coweave/traces/read_error.hpp>
#include <coweave/traces/trace.hpp>

#include <iosfwd>
#include <optional>
#include <string_view>

namespace coweave::traces {

/// A trace, or why there is none.
struct ReadResult {
  std::optional<Trace> trace;
  ReadError error;  ///< empty if there is a trace

  explicit operator bool() const noexcept { return trace.has_value(); }
};

/// The trace that `bytes` hold, or the first thing that is wrong with them. Any bytes are good to ask about:
/// syntax, encoding, size, depth, unknown and repeated keys, types, ranges, and everything that `check_trace`
/// asks of a trace are checked, and what is refused has cost no more than `limits.hpp` allows. A document of
/// another version is refused with the versions that can be read, whatever else it holds.
///
/// The order of keys and the white space do not matter here; `write_trace` restores the canonical ones.
[[nodiscard]] ReadResult read_trace(std::string_view bytes);

/// The same of all bytes that `stream` still has.
[[nodiscard]] ReadResult read_trace(std::istream& stream);

}  // namespace coweave::traces
