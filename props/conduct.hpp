#pragma once

/// What explorations of every kind have in common: the environment has its say, a trace may have to be
/// replayed instead, the corpus is replayed first, and what is found is written down and told.

#include <coweave/props/explore.hpp>
#include <coweave/props/options.hpp>
#include <coweave/traces/trace.hpp>

#include <functional>

namespace coweave::detail {

/// A kind of exploration.
struct Conducted {
  std::function<Exploration(const Options&)> search;
  std::function<Exploration(const traces::Trace&, ReplayMode, const Options&)> replay;
  traces::SweepKind sweep = traces::SweepKind::none;  ///< traces of another kind are not its own
};

/// Throws std::invalid_argument for wrong options and variables of the environment, std::runtime_error for a
/// trace that cannot be read, replayed or written.
Exploration conduct(const Conducted& kind, Options options);

}  // namespace coweave::detail
