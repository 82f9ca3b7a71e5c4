#pragma once

/// The files that explorations read and write traces in.

#include <coweave/props/explore.hpp>
#include <coweave/props/options.hpp>
#include <coweave/traces/trace.hpp>

#include <optional>
#include <string>
#include <vector>

namespace coweave::detail {

/// Makes the directory `options.trace_dir`, if one is named. Throws std::runtime_error if that cannot be:
/// before a search, and not when its finding is to be written.
void make_trace_dir(const Options& options);

/// The name of a file for a trace of the scenario `name`, another one for each name: "two-users.json".
[[nodiscard]] std::string trace_file_name(const std::string& name);

/// Writes the trace of what was found, if anything was, in a file named after the scenario, into
/// `options.trace_dir`, if that is one, and adds it to `options.corpus`, if that is one, if it is new; notes
/// where, or that it could not be written, and why. `which` tells several findings of one scenario apart.
void write_finding(Exploration& result, const Options& options, const std::string& which = {});

/// The trace that `options.replay` names, if it is of this scenario and this kind of sweep; if it is not,
/// `notes` gets a line that says so, and if no exploration of this process is of it, standard error does at
/// the end. Throws std::runtime_error if it cannot be read.
std::optional<traces::Trace> trace_to_replay(const Options& options, traces::SweepKind sweep,
                                             std::vector<std::string>& notes);

}  // namespace coweave::detail
