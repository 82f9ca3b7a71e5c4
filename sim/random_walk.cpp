#include <coweave/sim/random_walk.hpp>

namespace coweave::sim {

bool RandomWalk::begin_run(std::uint64_t run) {
  random_.reseed(seed_, run);
  interventions_.begin_run();
  return true;
}

std::uint32_t RandomWalk::pick(const ChoicePoint& point) {
  if (point.kind != ChoiceKind::next) [[unlikely]]
    return interventions_.pick(point, random_);
  return random_.below(point.options);
}

}  // namespace coweave::sim
