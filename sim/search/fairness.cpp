#include <coweave/sim/search/fairness.hpp>

#include <coweave/sim/entry.hpp>

#include <algorithm>

namespace coweave::sim {

void Fairness::begin_run() {
  now_ = 1;
  for (Turns& turns : turns_) {
    turns.seen = turns.in_vain = 0;
    turns.known.clear();
  }
}

void Fairness::look(const ChoicePoint& point) {
  for (const Candidate& candidate : point.candidates) {
    Turns& turns = entry(turns_, candidate.actor);
    if (turns.seen != now_) turns.ready_since = now_;
    turns.seen = now_ + 1;
  }
}

bool Fairness::must_wait(const ChoicePoint& point, std::uint32_t option) const {
  const Turns& own = turns_[point.candidates[option].actor];
  if (own.in_vain < steps_max) return false;
  return std::any_of(point.candidates.begin(), point.candidates.end(), [&](const Candidate& other) {
    return turns_[other.actor].ready_since <= own.in_vain_since;
  });
}

void Fairness::picked(const ChoicePoint& point, std::uint32_t option) {
  Turns& turns = turns_[point.candidates[option].actor];
  turns.seen = 0;
  if (turns.in_vain >= steps_max) turns.in_vain = 0;  // those who waited have had their turns
}

void Fairness::stepped(const Step& step) {
  Turns& turns = entry(turns_, step.taken.actor);
  if (!is_in_vain(step, turns)) {
    turns.in_vain = 0;
  } else if (turns.in_vain++ == 0) {
    turns.in_vain_since = now_;
  }
  ++now_;
}

/// Takes down in `turns`, of whoever took the step, what it has looked at.
bool Fairness::is_in_vain(const Step& step, Turns& turns) {
  const auto is_own = [&](std::uint32_t actor) { return actor == step.taken.actor; };
  const bool changes = step.is_timed || !step.created.empty() || !step.forgotten.empty() ||
                       !std::all_of(step.woken.begin(), step.woken.end(), is_own) ||
                       std::any_of(step.operations.begin(), step.operations.end(), [](const Operation& done) {
                         return done.access != Access::read && done.access != Access::none;
                       });
  if (changes) {
    turns.known.clear();
    return false;
  }
  bool all_known = true;
  for (const Operation& done : step.operations) {
    if (std::find(turns.known.begin(), turns.known.end(), done.object) != turns.known.end()) continue;
    turns.known.push_back(done.object);
    all_known = false;
  }
  return all_known;
}

}  // namespace coweave::sim
