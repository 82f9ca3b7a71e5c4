#include <coweave/sim/assertion.hpp>

#include <coweave/sim/simulation.hpp>

namespace coweave::sim {

void assertion_failed(std::string message, std::source_location at) {
  if (Simulation* simulation = Simulation::running())
    simulation->fail({traces::VerdictKind::assertion, message, 0, at, {}});
  throw AssertionFailed(std::move(message));
}

}  // namespace coweave::sim
