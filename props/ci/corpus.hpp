#pragma once

/// The corpus of a project: a folder of traces of failures that were found once. An exploration replays those
/// of its scenario before it tries anything else, so that a bug that comes back is seen in the first run, and
/// adds what it finds anew.

#include <coweave/props/explore.hpp>
#include <coweave/props/options.hpp>
#include <coweave/traces/trace.hpp>

#include <functional>
#include <string>

namespace coweave {

/// From now on the corpus of every exploration of this process whose options name none. Call it before the
/// first of them. The CMake function `coweave_discover_tests` does it for a program of tests.
void use_corpus(std::string folder);

namespace detail {

/// `options.corpus`, or if that is empty the folder of `use_corpus`; empty: there is no corpus.
[[nodiscard]] std::string corpus_of(const Options& options);

using ReplayOne = std::function<Exploration(const traces::Trace&, ReplayMode)>;

/// Replays the traces of `folder` that are of the scenario `name` and of this kind of sweep, in order of
/// their names, tolerantly: up to the first that fails. A folder that does not exist has none. Throws
/// std::runtime_error that names the file of one that cannot be read, or replayed at all.
[[nodiscard]] Exploration replay_corpus(const std::string& folder, const std::string& name,
                                        traces::SweepKind sweep, const ReplayOne& replay);

struct Added {
  std::string path;
  bool is_new;  ///< false: a trace with the same bytes was there
};

/// Adds `trace` to `folder`, which is made if it does not exist, in a file of its own that is named after the
/// scenario. Several processes may do so at once. Throws std::runtime_error if that cannot be done.
Added add_to_corpus(const std::string& folder, const traces::Trace& trace);

}  // namespace detail
}  // namespace coweave
