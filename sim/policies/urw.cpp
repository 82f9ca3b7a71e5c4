#include <coweave/sim/policies/urw.hpp>

#include <algorithm>

namespace coweave::sim {

bool Urw::begin_run(std::uint64_t run) {
  random_.begin_run(run);
  profile_.begin_run(run);
  profiling_ = profile_.knows_nothing();
  if (!settled_) steps_ = profile_.steps();
  settled_ = run > learning_runs;
  before_ = steps_;
  return true;
}

std::uint64_t Urw::weight(std::uint32_t actor) const noexcept {
  return actor < before_.size() ? std::max<std::uint64_t>(before_[actor], 1) : 1;
}

std::uint32_t Urw::pick(const ChoicePoint& point) {
  if (point.kind != ChoiceKind::next) return random_.pick_other(point);
  if (profiling_) return random_.below(point.options);
  std::uint64_t sum = 0;
  for (const Candidate& candidate : point.candidates) sum += weight(candidate.actor);
  std::uint64_t drawn = random_.below(static_cast<std::uint32_t>(sum));
  std::uint32_t option = 0;
  while (drawn >= weight(point.candidates[option].actor)) drawn -= weight(point.candidates[option++].actor);
  return option;
}

void Urw::stepped(const Step& step) {
  profile_.add(step);
  if (profiling_) return;
  const std::uint32_t actor = step.taken.actor;
  if (actor >= before_.size()) return;
  std::uint64_t done = 1;
  for (const std::uint32_t created : step.created) done += created < before_.size() ? before_[created] : 0;
  before_[actor] -= std::min(before_[actor], done);
}

}  // namespace coweave::sim
