#pragma once

/// The schedule of a run, as far as it is not asyncio's own.

#include <coweave/traces/cast.hpp>
#include <coweave/traces/render_options.hpp>
#include <coweave/traces/trace.hpp>

#include <string>

namespace coweave::traces {

/// The choices of `trace` that deviate, each told in a line: at which step, what was taken instead of what.
/// Says so if there are none.
[[nodiscard]] std::string render_choices(const Trace& trace, const RenderOptions& options = {});

/// One choice told in words, without its step: "ran bob (0.1), 3rd of 3 in line".
[[nodiscard]] std::string in_words(const Choice& choice, const Cast& cast);

}  // namespace coweave::traces
