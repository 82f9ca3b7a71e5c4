#include <coweave/sim/ambient.hpp>

#include <coweave/core/errors.hpp>
#include <coweave/sim/simulation.hpp>

namespace coweave::sim {

std::uint32_t random(std::uint32_t options, const char* label) {
  if (options == 0 || options > options_max)
    throw ValueError("sim::random needs from 1 to 16777215 options, got " + std::to_string(options));
  Simulation* simulation = Simulation::running();
  if (!simulation)
    throw RuntimeError("sim::random is for code that runs in a simulation: call it from a scenario");
  return options == 1 ? 0 : simulation->choose(ChoiceKind::random, options, label);
}

void may_cancel(const AnyTask& task) {
  if (Simulation* simulation = Simulation::running()) simulation->may_cancel(task.base());
}

bool recording() noexcept {
  const Simulation* simulation = Simulation::running();
  return simulation && simulation->recording();
}

}  // namespace coweave::sim
