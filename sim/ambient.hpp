#pragma once

/// What code inside a scenario may ask of the simulation that runs it.

#include <coweave/core/task.hpp>

#include <cstdint>

namespace coweave::sim {

/// A number in [0, options), chosen by the policy, recorded, and 0 by default. `options` from 1 to 2^24 - 1,
/// else ValueError. `label` says what it is for and must outlive the run; a string literal does. Throws
/// RuntimeError outside a simulation.
std::uint32_t random(std::uint32_t options, const char* label = "random");

/// From now on the simulation may cancel `task` between two steps, as a choice; no more often in a run than
/// the option `cancellations_max` says. Without effect outside a simulation.
void may_cancel(const AnyTask& task);

/// Whether a trace is being recorded: to skip the making of what only its reader sees.
[[nodiscard]] bool recording() noexcept;

}  // namespace coweave::sim
