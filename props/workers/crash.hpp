#pragma once

/// From a run that has ended its process to a finding: it is repeated, made small, and recorded up to the
/// step that does it, in processes of their own.

#include <coweave/props/explore.hpp>
#include <coweave/props/options.hpp>
#include <coweave/props/workers/child.hpp>
#include <coweave/sim/choice.hpp>
#include <coweave/traces/trace.hpp>

#include <cstdint>

namespace coweave::detail {

/// Puts what became of run `run`, whose process ended as `ending` says while it followed `schedule`, into
/// `result`.
void explain_crash(const sim::Scenario& scenario, const Options& options, const sim::Schedule& schedule,
                   const Ending& ending, std::uint64_t run, Exploration& result);

/// The same if the process has left nothing but the number of its run.
void keep_crash(const Options& options, const Ending& ending, std::uint64_t run, Exploration& result);

/// Follows the choices of `trace`, whose verdict is a crash, in a process of its own, under the settings of
/// the trace: what comes of it.
[[nodiscard]] Exploration replay_crash(const sim::Scenario& scenario, const traces::Trace& trace,
                                       const Options& options);

}  // namespace coweave::detail
