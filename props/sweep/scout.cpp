#include <coweave/props/sweep/scout.hpp>

#include <coweave/sim/detectors/wait_graph.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/sim/simulation.hpp>

#include <algorithm>
#include <utility>

namespace coweave::detail {

using sim::ChoiceKind;

sim::Schedule without_injections(std::span<const sim::Choice> schedule) {
  sim::Schedule result;
  for (const sim::Choice& choice : schedule) {
    if (!sim::injects(choice.kind())) result.push_back(choice);
  }
  return result;
}

bool Scout::begin_run(std::uint64_t run) {
  choices_ = 0;
  offers_.clear();
  return policy_.begin_run(run);
}

std::uint32_t Scout::pick(const sim::ChoicePoint& point) {
  const std::size_t choice = choices_++;
  if (!sim::injects(point.kind)) return policy_.pick(point);
  Offer offer;
  offer.choice = choice;
  offer.step = recorder_.step_of(point);
  offer.kind = point.kind;
  offer.events = recorder_.trace().events.size();
  for (std::uint32_t option = 1; option < point.options; ++option) {
    if (point.kind == ChoiceKind::cancel)
      offer.tasks.push_back(simulation_.cancel_candidate(option - 1).serial());
    if (point.kind == ChoiceKind::expire) offer.timers.push_back(recorder_.identity(point, option));
  }
  if (point.kind == ChoiceKind::fault) {
    const TaskBase* const task = simulation_.current_task();
    offer.task = task ? task->serial() : 0;
    offer.label = point.label;
    offer.at = sim::to_site(point.visit->at);
    if (!offer.at.known() && task) offer.at = sim::to_site(sim::user_site(*task));  // for people
  }
  offers_.push_back(std::move(offer));
  return 0;
}

void Scout::end_run(std::span<const sim::Choice> schedule) { policy_.end_run(without_injections(schedule)); }

const std::vector<std::uint32_t>& Scout::marked() const noexcept {
  return simulation_.marked_for_cancellation();
}

bool Injecting::begin_run(std::uint64_t run) {
  if (behind_ && !behind_->begin_run(run)) return false;
  position_ = 0;
  rest_ = choice_ + 1;
  strayed_ = false;
  return true;
}

std::uint32_t Injecting::pick(const sim::ChoicePoint& point) {
  const std::size_t position = position_++;
  if (position <= choice_) {
    const sim::Choice& expected = base_[position];
    if (expected.kind() != point.kind || expected.options() != point.options) strayed_ = true;
    if (strayed_) return 0;
    return position == choice_ ? option_ : expected.taken;
  }
  if (sim::injects(point.kind)) return 0;
  if (behind_) return behind_->pick(point);
  while (rest_ < base_.size() && base_[rest_].kind() != point.kind) ++rest_;
  if (rest_ == base_.size()) return 0;
  const std::uint32_t taken = base_[rest_++].taken;
  return taken < point.options ? taken : 0;
}

void Injecting::end_run(std::span<const sim::Choice> schedule) {
  if (behind_) behind_->end_run(without_injections(schedule.subspan(std::min(schedule.size(), choice_ + 1))));
}

}  // namespace coweave::detail
