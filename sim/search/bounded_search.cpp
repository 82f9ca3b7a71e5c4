#include <coweave/sim/search/bounded_search.hpp>

#include <algorithm>

namespace coweave::sim {

bool BoundedSearch::begin_run(std::uint64_t run) {
  if (run == 1) {
    prefix_ = root_;
    exhausted_ = false;
  }
  position_ = 0;
  left_out_ = false;
  // Behind the prefix it goes in order of arrival, and nobody waits for long.
  close_ = deviations_max_ == no_bound && prefix_.size() >= Fairness::steps_max;
  if (close_) fairness_.begin_run();
  next_.clear();
  return !exhausted_;
}

std::uint32_t BoundedSearch::pick(const ChoicePoint& point) {
  if (close_) return pick_fairly(point);
  if (position_ == prefix_.size()) return 0;
  const std::uint32_t taken = prefix_[position_++];
  return taken < point.options ? taken : 0;  // of a program that depends on more than the schedule
}

std::uint32_t BoundedSearch::pick_fairly(const ChoicePoint& point) {
  const bool is_next = point.kind == ChoiceKind::next && !point.candidates.empty();
  if (is_next) fairness_.look(point);
  const auto next_from = [&](std::uint32_t option) {
    while (is_next && option < point.options && fairness_.must_wait(point, option)) {
      left_out_ = true;
      ++option;
    }
    return option;
  };
  const bool is_led = position_ < prefix_.size();
  std::uint32_t taken = is_led ? prefix_[position_++] : next_from(0);
  if (taken >= point.options) taken = 0;
  next_.push_back(next_from(taken + 1));
  if (is_next) fairness_.picked(point, taken);
  return taken;
}

/// What comes after what was taken there; the number of options if nothing does.
std::uint32_t BoundedSearch::next_option(std::size_t index, const Choice& choice) const {
  return close_ ? next_[index] : choice.taken + 1;
}

void BoundedSearch::end_run(std::span<const Choice> schedule) {
  std::size_t used = deviations(schedule);
  for (std::size_t index = schedule.size(); index-- > root_.size();) {
    const Choice& choice = schedule[index];
    if (choice.taken != 0) --used;  // now: deviations before `index`
    if (keeps_order_ && choice.kind() == ChoiceKind::next) continue;
    const std::uint32_t next = next_option(index, choice);
    if (next >= choice.options() || used >= deviations_max_) continue;
    prefix_.resize(index + 1);
    for (std::size_t before = 0; before < index; ++before) prefix_[before] = schedule[before].taken;
    prefix_[index] = next;
    return;
  }
  exhausted_ = true;
}

}  // namespace coweave::sim
