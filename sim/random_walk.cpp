#include <coweave/sim/random_walk.hpp>

namespace coweave::sim {

bool RandomWalk::begin_run(std::uint64_t run) {
  random_.reseed(seed_, run);
  cancellation_odds_ = 0;
  return true;
}

std::uint32_t RandomWalk::pick(const ChoicePoint& point) {
  if (point.kind == ChoiceKind::cancel) [[unlikely]]
    return pick_cancellation(point.options);
  return random_.below(point.options);
}

std::uint32_t RandomWalk::pick_cancellation(std::uint32_t options) {
  if (cancellation_odds_ == 0) cancellation_odds_ = 2U << random_.below(6);  // 2, 4, …, 64
  return random_.one_in(cancellation_odds_) ? 1 + random_.below(options - 1) : 0;
}

}  // namespace coweave::sim
