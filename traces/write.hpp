#pragma once

/// Trace -> its canonical bytes.

#include <coweave/traces/trace.hpp>

#include <string>

namespace coweave::traces {

/// The one document of `trace`: the same trace gives the same bytes everywhere. Keys stand in a fixed order;
/// a task, object, choice, event or wait takes one line, so that `diff` and `grep` work; what is empty or
/// unknown is left out; integers above 2^53 - 1 and all seeds are decimal strings; the last byte is a
/// newline.
///
/// Never fails: text that is not UTF-8 gets U+FFFD in place of the bad bytes. What it writes can be read back
/// if `check_trace` finds nothing wrong with `trace` and the document has at most `document_size_max_bytes`;
/// then `read_trace(write_trace(trace))` equals `trace`, if all its text is UTF-8.
[[nodiscard]] std::string write_trace(const Trace& trace);

}  // namespace coweave::traces
