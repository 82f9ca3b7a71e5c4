#pragma once

/// Where the schedule of a trace went its own way.
///
/// With suspensions as scheduling points that is wherever asyncio's own order was not kept. With more points
/// there is an order only where whoever ran had to stop: then the order of arrival. Where it could have gone
/// on, what counts is whether it did, or somebody preempted it.

#include <coweave/traces/trace.hpp>

#include <cstdint>
#include <vector>

namespace coweave::traces {

enum class Deviation : std::uint8_t {
  none,
  preemption,    ///< somebody else ran while whoever had run last could have gone on
  out_of_order,  ///< another option was taken than the first
};

/// Of each choice of `trace`.
[[nodiscard]] std::vector<Deviation> deviations(const Trace& trace);

}  // namespace coweave::traces
