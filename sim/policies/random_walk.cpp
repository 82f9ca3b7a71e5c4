#include <coweave/sim/policies/random_walk.hpp>

namespace coweave::sim {

bool RandomWalk::begin_run(std::uint64_t run) {
  random_.begin_run(run);
  return true;
}

std::uint32_t RandomWalk::pick(const ChoicePoint& point) {
  if (point.kind != ChoiceKind::next) [[unlikely]]
    return random_.pick_other(point);
  return random_.below(point.options);
}

}  // namespace coweave::sim
