#include <coweave/sim/recording/replay.hpp>

namespace coweave::sim {

std::uint32_t StrictReplay::pick(const ChoicePoint& point) {
  const std::size_t position = position_++;
  if (divergence_) return 0;
  const Choice found(point.kind, point.options, 0);
  if (position >= schedule_.size()) {
    divergence_ = Divergence{position, std::nullopt, found};
    return 0;
  }
  const Choice& expected = schedule_[position];
  if (expected.kind() != point.kind || expected.options() != point.options) {
    divergence_ = Divergence{position, expected, found};
    return 0;
  }
  return expected.taken;
}

void StrictReplay::end_run(std::span<const Choice>) {
  if (!divergence_ && position_ < schedule_.size())
    divergence_ = Divergence{position_, schedule_[position_], std::nullopt};
}

}  // namespace coweave::sim
