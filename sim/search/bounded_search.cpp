#include <coweave/sim/search/bounded_search.hpp>

namespace coweave::sim {

bool BoundedSearch::begin_run(std::uint64_t run) {
  if (run == 1) {
    prefix_.clear();
    exhausted_ = false;
  }
  position_ = 0;
  return !exhausted_;
}

std::uint32_t BoundedSearch::pick(const ChoicePoint& point) {
  if (position_ == prefix_.size()) return 0;
  const std::uint32_t taken = prefix_[position_++];
  return taken < point.options ? taken : 0;  // of a program that depends on more than the schedule
}

void BoundedSearch::end_run(std::span<const Choice> schedule) {
  std::size_t used = deviations(schedule);
  for (std::size_t index = schedule.size(); index-- > 0;) {
    const Choice& choice = schedule[index];
    if (choice.taken != 0) --used;  // now: deviations before `index`
    if (choice.taken + 1 >= choice.options() || used >= deviations_max_) continue;
    prefix_.resize(index + 1);
    for (std::size_t before = 0; before < index; ++before) prefix_[before] = schedule[before].taken;
    prefix_[index] = choice.taken + 1;
    return;
  }
  exhausted_ = true;
}

}  // namespace coweave::sim
