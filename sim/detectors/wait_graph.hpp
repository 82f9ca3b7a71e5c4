#pragma once

/// Who waits for what, when nothing can run: the evidence of a deadlock.

#include <coweave/core/observer.hpp>
#include <coweave/traces/trace.hpp>

#include <cstdint>
#include <functional>
#include <source_location>
#include <string>
#include <vector>

namespace coweave::sim {

class Simulation;

/// The awaits of `task` that stand in the program's own code, leaf first.
[[nodiscard]] std::vector<traces::Site> user_stack(const TaskBase& task);

/// The same into `sites`, as they stand in the source.
void user_sites(const TaskBase& task, std::vector<std::source_location>& sites);

/// The first of them; line 0: there is none.
[[nodiscard]] std::source_location user_site(const TaskBase& task);

/// Whether tasks wait for each other in a circle.
[[nodiscard]] bool tasks_block_each_other(Simulation& simulation);

/// What those tasks wait for, or if there is no circle everybody, in alphabetical order and each once.
[[nodiscard]] std::string what_is_waited_for(Simulation& simulation);

/// Fills `verdict` with the wait-for graph of all live tasks: the edges, the shape (cycle, lost wake-up, or
/// nobody can wake), the cycle if there is one, and the message.
void describe_waits(Simulation& simulation, const std::function<std::string(std::uint32_t)>& identity,
                    const std::function<std::uint32_t(const ObjectRef&)>& number, traces::Verdict& verdict);

}  // namespace coweave::sim
