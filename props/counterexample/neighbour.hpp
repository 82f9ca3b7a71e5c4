#pragma once

/// What decides that a schedule fails: each of its steps is tried in other places, or each of its other
/// choices is taken otherwise, everything else as it was.

#include <coweave/props/counterexample/trial.hpp>
#include <coweave/props/explore.hpp>
#include <coweave/sim/choice.hpp>

#include <chrono>
#include <optional>

namespace coweave {

struct Explained {
  std::optional<Neighbour> neighbour;
  std::optional<OtherwiseTaken> otherwise;
  std::optional<Decisions> decisions;
};

/// Looks at each decision of `failing`, which fails in `trial`, the last one first: whether it passes, or
/// fails in the same way, if another candidate takes its step there, also one that the run ended before. Of
/// what passes the nearest is kept, two steps that change places if there are any such, a step that the run
/// has rather than one that it ended before. If none passes, somebody waits with several steps for one that
/// somebody else takes later. If there is none either, or `keeps_order`, because it was found by a
/// policy that does not vary who goes on, the choices of other kinds are taken otherwise: first those that
/// were not 0 as 0, then all in all ways. At most 2,000 runs, for at most `time_max`.
[[nodiscard]] Explained explain_order(Trial& trial, const sim::Schedule& failing,
                                      std::chrono::nanoseconds time_max, bool keeps_order = false);

}  // namespace coweave
