#include <coweave/sim/policies/sticky_walk.hpp>

namespace coweave::sim {

StickyWalk::StickyWalk(std::uint64_t seed, std::uint32_t stay_percent)
    : stay_percent_(stay_percent), name_("random:stay=" + std::to_string(stay_percent)), random_(seed) {}

bool StickyWalk::begin_run(std::uint64_t run) {
  random_.begin_run(run);
  last_ = 0;
  return true;
}

std::uint32_t StickyWalk::pick(const ChoicePoint& point) {
  if (point.kind != ChoiceKind::next) return random_.pick_other(point);
  if (random_.below(100) < stay_percent_) {
    for (std::uint32_t option = 0; option < point.options; ++option) {
      if (point.candidates[option].actor == last_) return option;
    }
  }
  return random_.below(point.options);
}

}  // namespace coweave::sim
