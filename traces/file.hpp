#pragma once

/// Traces in files.

#include <coweave/traces/read.hpp>
#include <coweave/traces/trace.hpp>

#include <filesystem>
#include <optional>

namespace coweave::traces {

/// The trace in the file at `path`. An error of kind `file` has `path` as its place and says why the bytes
/// could not be had (no such file, a directory, too large, …); one of kind `document` is that of
/// `read_trace`.
[[nodiscard]] ReadResult read_trace_file(const std::filesystem::path& path);

/// Writes `write_trace(trace)` to the file at `path`, whole or not at all: to a new file beside it first,
/// which then takes its place. The folder must exist. Says what went wrong, nothing if all went well.
[[nodiscard]] std::optional<ReadError> write_trace_file(const Trace& trace,
                                                        const std::filesystem::path& path);

}  // namespace coweave::traces
