#pragma once

/// Where an actor of a trace comes from, for people.

#include <coweave/traces/trace.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace coweave::sim {

/// Who `identity` is, where its task was spawned and where that stood last before step `step` of `trace`, as
/// far as the trace tells: "0.1 'bob' (spawned at bank.cpp:40, stands at bank.cpp:17)".
[[nodiscard]] std::string tell_origin(const traces::Trace& trace, std::string_view identity,
                                      std::uint64_t step);

}  // namespace coweave::sim
