#pragma once

/// Replaying a trace: of the program that made it, or of one that has changed since.
///
///     const traces::ReadResult read = traces::read_trace_file("traces/corpus/bank.json");
///     const Exploration result = replay(transfers, read.trace.value());
///     if (!result.passed()) std::cout << result.report();

#include <coweave/props/explore.hpp>
#include <coweave/props/options.hpp>
#include <coweave/traces/trace.hpp>

namespace coweave {

/// Replays `trace` under its own settings. The environment has no say in it.
///
/// *strict*: if the run leaves the trace it ends there, with the verdict `nondeterminism`, whose message says
/// what was expected, what stands there, and where both came from. Else the trace of the finding has the
/// bytes of `trace` if the program is the same.
///
/// *tolerant*: what no longer applies is skipped, and `notes` says what. Throws std::invalid_argument if the
/// trace has no events.
///
/// *continuing*: every run begins with the first `options.replay_choices` choices of the trace, or as many of
/// them as still apply (if fewer, `notes` says where it ended, and why), and `options.policy` with
/// `options.seed` goes on from there, for `options.runs` runs or `options.wall_time_max`. A failure is shrunk
/// and told as that of `explore`.
///
/// `options` matters to the continuing replay only, which the trace of a sweep does not allow: it throws
/// std::invalid_argument.
Exploration replay(const sim::Scenario& scenario, const traces::Trace& trace,
                   ReplayMode mode = ReplayMode::strict, Options options = {});

}  // namespace coweave
