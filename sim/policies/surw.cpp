#include <coweave/sim/policies/surw.hpp>

#include <coweave/sim/entry.hpp>

#include <algorithm>

namespace coweave::sim {

bool Surw::begin_run(std::uint64_t run) {
  random_.begin_run(run);
  profile_.begin_run(run);
  profiling_ = profile_.knows_nothing();
  if (!settled_) objects_ = profile_.contested_objects();
  settled_ = run > learning_runs;
  if (!profiling_) draw_object();
  settle_anew();
  return true;
}

void Surw::draw_object() {
  everything_ = objects_.empty();
  if (everything_) {
    object_ = 0;
    before_ = profile_.steps();
    return;
  }
  object_ = objects_[random_.below(static_cast<std::uint32_t>(objects_.size()))];
  before_ = profile_.uses_of(object_);
}

std::uint64_t& Surw::weight(std::uint32_t actor) { return entry(before_, actor); }

void Surw::settle_anew() {
  if (held_count_ != 0) std::fill(held_.begin(), held_.end(), std::uint8_t{0});
  held_count_ = 0;
  intended_ = nobody;
  waited_ = 0;
}

/// How many are not held.
std::uint32_t Surw::count_free(const ChoicePoint& point) const noexcept {
  if (held_count_ == 0) return point.options;
  std::uint32_t free = 0;
  for (const Candidate& candidate : point.candidates) free += held(candidate.actor) ? 0U : 1U;
  return free;
}

/// One of the `free` candidates that are not held.
std::uint32_t Surw::draw_free(const ChoicePoint& point, std::uint32_t free) {
  std::uint32_t drawn = random_.below(free);
  if (held_count_ == 0) return drawn;
  std::uint32_t option = 0;
  while (held(point.candidates[option].actor) || drawn-- > 0) ++option;
  return option;
}

/// Settles who takes the next selected step, which may be an actor that has not come to it yet. Nobody is
/// held.
void Surw::intend(const ChoicePoint& point) {
  std::uint64_t sum = 0;
  for (const Candidate& candidate : point.candidates) sum += weight(candidate.actor);
  std::uint64_t drawn = random_.below(static_cast<std::uint32_t>(sum));
  for (const Candidate& candidate : point.candidates) {
    intended_ = candidate.actor;
    if (drawn < weight(candidate.actor)) return;
    drawn -= weight(candidate.actor);
  }
}

/// Whoever has come to a selected step and is not to take it waits: not to be drawn again and again.
void Surw::hold_others(const ChoicePoint& point) {
  for (const Candidate& candidate : point.candidates) {
    if (candidate.actor == intended_ || !selected(candidate) || held(candidate.actor)) continue;
    entry(held_, candidate.actor) = 1;
    ++held_count_;
  }
}

std::uint32_t Surw::pick(const ChoicePoint& point) {
  if (point.kind != ChoiceKind::next) return random_.pick_other(point);
  if (profiling_) return random_.below(point.options);
  for (;;) {
    // Whoever was to come cannot, or spins until somebody who is held has gone on.
    std::uint32_t free = count_free(point);
    if (free == 0 || waited_ >= Patience::steps_max) {
      settle_anew();
      free = point.options;
    }
    const std::uint32_t option = draw_free(point, free);
    const Candidate& candidate = point.candidates[option];
    if (!selected(candidate)) return option;
    if (intended_ == nobody) {
      if (weight(candidate.actor) == 0) weight(candidate.actor) = 1;  // the profile saw fewer
      intend(point);
    }
    if (intended_ == candidate.actor) return option;
    hold_others(point);
  }
}

void Surw::stepped(const Step& step) {
  profile_.add(step);
  if (profiling_) return;
  const std::uint32_t actor = step.taken.actor;
  ++waited_;
  if (selected(step.taken)) {
    if (weight(actor) > 0) --weight(actor);
    settle_anew();
  }
  for (const std::uint32_t created : step.created) {
    const std::uint64_t share = weight(created);
    std::uint64_t& own = weight(actor);
    if (intended_ == actor && share > 0 &&
        random_.below(static_cast<std::uint32_t>(std::max(own, share))) < share)
      intended_ = created;
    own -= std::min(own, share);
  }
}

}  // namespace coweave::sim
