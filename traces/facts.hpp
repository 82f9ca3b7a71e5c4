#pragma once

/// The parts of a trace as fields: a name and a text each, in a fixed order, so that two can be compared.

#include <coweave/traces/trace.hpp>

#include <string>
#include <utility>
#include <vector>

namespace coweave::traces {

using Facts = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] Facts facts(const Settings& settings);
[[nodiscard]] Facts facts(const Generated& generated);
[[nodiscard]] Facts facts(const Task& task);
[[nodiscard]] Facts facts(const Object& object);
[[nodiscard]] Facts facts(const Choice& choice);
[[nodiscard]] Facts facts(const Event& event);
[[nodiscard]] Facts facts(const Verdict& verdict);

/// Where the trace comes from: scenario, policy, seed and run.
[[nodiscard]] Facts origin(const Trace& trace);

}  // namespace coweave::traces
