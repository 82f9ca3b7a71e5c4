#pragma once

/// What a trace is of, in a few lines.

#include <coweave/traces/render_options.hpp>
#include <coweave/traces/trace.hpp>

#include <string>

namespace coweave::traces {

/// The scenario, where its schedule comes from, how much happened, and the arguments that were generated for
/// it.
[[nodiscard]] std::string render_header(const Trace& trace, const RenderOptions& options = {});

}  // namespace coweave::traces
