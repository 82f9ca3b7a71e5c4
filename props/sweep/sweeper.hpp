#pragma once

/// The runs of a sweep: the first, which tells where something can be injected, and one for each injection.

#include <coweave/props/options.hpp>
#include <coweave/props/sweep/sweep.hpp>
#include <coweave/sim/simulation.hpp>

namespace coweave::detail {

/// In this process, whatever the environment says and without a corpus. All but the last must outlive the
/// call only; `options` are those of a single run.
[[nodiscard]] Sweep sweep_here(const sim::Scenario& scenario, SweepKind kind, const SweepOptions& asked,
                               const Options& options);

}  // namespace coweave::detail
