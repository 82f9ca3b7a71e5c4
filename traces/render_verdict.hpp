#pragma once

/// How a run ended, for people.

#include <coweave/traces/render_options.hpp>
#include <coweave/traces/trace.hpp>

#include <string>

namespace coweave::traces {

/// The verdict of `trace` with its evidence: message, place, time and stack of awaits; of a deadlock, the
/// cycle as a sentence, and of each task what it waits for, who could end that, where it stands and where it
/// was spawned.
[[nodiscard]] std::string render_verdict(const Trace& trace, const RenderOptions& options = {});

}  // namespace coweave::traces
