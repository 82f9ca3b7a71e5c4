#pragma once

/// What a trace must obey beyond its types: identities are well formed, references resolve, numbers lie in
/// their ranges, steps and time do not run backwards.

#include <coweave/traces/read_error.hpp>
#include <coweave/traces/trace.hpp>

#include <optional>

namespace coweave::traces {

/// The first thing that is wrong with `trace`, with a JSON pointer to it; nothing if it is a good trace.
/// Every trace that the simulation makes is, and every trace that `read_trace` gives.
///
/// A trace without tasks is one without events: its choices and verdict may name tasks that it does not list.
[[nodiscard]] std::optional<ReadError> check_trace(const Trace& trace);

}  // namespace coweave::traces
