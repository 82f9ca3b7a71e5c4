#include <coweave/sim/pos.hpp>

#include <coweave/sim/entry.hpp>

#include <algorithm>

namespace coweave::sim {

bool Pos::begin_run(std::uint64_t run) {
  random_.begin_run(run);
  std::fill(priorities_.begin(), priorities_.end(), 0);
  done_.clear();
  return true;
}

std::uint64_t& Pos::priority(std::uint32_t actor) { return entry(priorities_, actor); }

std::uint32_t Pos::pick(const ChoicePoint& point) {
  if (point.kind != ChoiceKind::next) return random_.pick_other(point);
  std::uint32_t best = 0;
  std::uint64_t best_priority = 0;
  for (std::uint32_t option = 0; option < point.options; ++option) {
    const Candidate& candidate = point.candidates[option];
    std::uint64_t& own = priority(candidate.actor);
    const auto conflicts = [&](const Operation& done) { return conflict(done, candidate.next); };
    if (own == 0 || (candidate.next.object != 0 && std::any_of(done_.begin(), done_.end(), conflicts)))
      own = random_.next() | 1U;
    if (own <= best_priority) continue;
    best_priority = own;
    best = option;
  }
  done_.clear();
  return best;
}

void Pos::stepped(const Step& step) {
  priority(step.taken.actor) = 0;
  done_.insert(done_.end(), step.operations.begin(), step.operations.end());
}

}  // namespace coweave::sim
