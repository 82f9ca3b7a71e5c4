#include <coweave/sim/policies/delays.hpp>

#include <coweave/sim/policies/unhurried.hpp>

#include <algorithm>

namespace coweave::sim {

Delays::Delays(std::uint64_t seed, std::uint32_t delays_max)
    : delays_max_(delays_max), name_("delay:" + std::to_string(delays_max)), random_(seed) {}

bool Delays::begin_run(std::uint64_t run) {
  random_.begin_run(run);
  learning_ = run <= learning_runs;
  patience_.begin_run();
  last_ = 0;
  choices_ = 0;
  delayed_.clear();
  if (choices_max_ == 0) return true;  // the first run, or nothing to choose
  for (std::uint32_t left = 1 + random_.below(delays_max_); left > 0; --left)
    delayed_.push_back(1 + random_.below(choices_max_));
  return true;
}

std::uint32_t Delays::pick(const ChoicePoint& point) {
  if (point.kind != ChoiceKind::next) return random_.pick_other(point);
  ++choices_;
  auto place = static_cast<std::uint32_t>(std::count(delayed_.begin(), delayed_.end(), choices_));
  if (patience_.exhausted_by(point.candidates[option_at(point, last_, 0)].actor)) ++place;
  return option_at(point, last_, place % point.options);
}

void Delays::end_run(std::span<const Choice>) {
  if (learning_) choices_max_ = std::max(choices_max_, choices_);
}

}  // namespace coweave::sim
