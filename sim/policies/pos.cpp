#include <coweave/sim/policies/pos.hpp>

#include <coweave/sim/entry.hpp>

#include <algorithm>

namespace coweave::sim {

bool Pos::begin_run(std::uint64_t run) {
  random_.begin_run(run);
  draw_anew();
  done_.clear();
  return true;
}

void Pos::draw_anew() {
  std::fill(priorities_.begin(), priorities_.end(), 0);
  choices_ = 0;
}

std::uint64_t& Pos::priority(std::uint32_t actor) { return entry(priorities_, actor); }

[[gnu::always_inline]] inline bool Pos::raced(const Operation& next) const noexcept {
  if (next.object == 0) return false;
  return std::any_of(done_.begin(), done_.end(), [&](const Operation& done) { return conflict(done, next); });
}

std::uint32_t Pos::pick(const ChoicePoint& point) {
  if (point.kind != ChoiceKind::next) return random_.pick_other(point);
  if (++choices_ > Patience::steps_max) draw_anew();
  std::uint32_t best = 0;
  std::uint64_t best_priority = 0;
  for (std::uint32_t option = 0; option < point.options; ++option) {
    const Candidate& candidate = point.candidates[option];
    std::uint64_t& own = priority(candidate.actor);
    if (own == 0 || raced(candidate.next)) own = random_.next() | 1U;
    // Which is the highest cannot be foreseen, so there is no jump that depends on it.
    const bool higher = own > best_priority;
    best = higher ? option : best;
    best_priority = higher ? own : best_priority;
  }
  done_.clear();
  return best;
}

void Pos::stepped(const Step& step) {
  priority(step.taken.actor) = 0;
  for (const Operation& done : step.operations) {
    if (done.object != 0) done_.push_back(done);
  }
}

}  // namespace coweave::sim
