#pragma once

/// Where two runs part.

#include <coweave/traces/trace.hpp>

#include <string>
#include <string_view>

namespace coweave::traces {

/// What two traces are called when they are compared.
struct Sides {
  std::string_view left = "left";
  std::string_view right = "right";
};

/// The first difference between two traces in words, with both sides and what came before. What shapes a run
/// comes first (settings, generated arguments), then what happens in it, by step (choices, events), then the
/// verdict, then what only says where the trace comes from (scenario, policy, seed, run). Equal traces: says
/// so.
[[nodiscard]] std::string diff_traces(const Trace& left, const Trace& right, Sides sides = {},
                                      bool ascii = false);

}  // namespace coweave::traces
