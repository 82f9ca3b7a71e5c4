#include <coweave/sim/dpor_run.hpp>

#include <algorithm>

namespace coweave::sim {

std::vector<Operation> effects(const Step& step) {
  std::vector<Operation> operations(step.operations.begin(), step.operations.end());
  const Operation& announced = step.taken.next;
  const bool heard = std::any_of(operations.begin(), operations.end(),
                                 [&](const Operation& done) { return done.object == announced.object; });
  if (announced.object != 0 && !heard) operations.push_back(announced);
  return operations;
}

void DporRun::clear() {
  events_.clear();
  known_.clear();
}

bool DporRun::knows(const Clock& clock, const Event& event) const noexcept {
  return event.actor < clock.size() && clock[event.actor] >= event.number;
}

void DporRun::add(const Step& step, std::vector<Operation> operations, std::size_t node) {
  const std::uint32_t actor = step.taken.actor;
  std::uint32_t highest = actor;
  for (const std::uint32_t woken : step.woken) highest = std::max(highest, woken);
  if (highest >= known_.size()) known_.resize(highest + 1);
  Clock before = known_[actor];
  if (before.size() <= actor) before.resize(actor + 1, 0);
  Event event{actor, before[actor] + 1, node, std::move(operations), before, before};
  for (const Event& earlier : events_) {
    if (!knows(event.clock, earlier) && dependent(earlier.operations, event.operations))
      join(event.clock, earlier.clock);
  }
  event.clock[actor] = event.number;
  known_[actor] = event.clock;
  for (const std::uint32_t woken : step.woken) {
    if (woken != actor) join(known_[woken], event.clock);
  }
  events_.push_back(std::move(event));
}

/// Whether no third step stands between the two.
bool DporRun::adjacent(std::size_t first, std::size_t second) const {
  for (std::size_t between = first + 1; between < second; ++between) {
    if (knows(events_[between].clock, events_[first]) && knows(events_[second].clock, events_[between]))
      return false;
  }
  return true;
}

/// Whether `first` is the last step before `second` that took `object`.
bool DporRun::last_to_take(std::size_t first, std::size_t second, std::uint32_t object) const {
  const auto takes = [&](const Operation& done) { return done.object == object && done.part == Part::take; };
  for (std::size_t event = second; event-- > first;) {
    const auto& operations = events_[event].operations;
    if (std::any_of(operations.begin(), operations.end(), takes)) return event == first;
  }
  return false;
}

bool DporRun::races_with(std::size_t first, std::size_t second) const {
  const Event& one = events_[first];
  const Event& other = events_[second];
  if (one.actor == other.actor || knows(other.before, one)) return false;
  bool conflicts = false;
  for (const Operation& mine : other.operations) {
    // What is taken is there again because it was given back: the order of the two cannot be reversed, that
    // of taking and taking can.
    if (mine.part == Part::take) {
      if (last_to_take(first, second, mine.object)) return true;
      continue;
    }
    for (const Operation& theirs : one.operations) conflicts = conflicts || dependent(theirs, mine);
  }
  return conflicts && adjacent(first, second);
}

Race DporRun::race(std::size_t first, std::size_t second) const {
  // What does not depend on the first step can come before it, and then the second step.
  std::vector<std::size_t> rest;
  for (std::size_t event = first + 1; event < second; ++event) {
    if (!knows(events_[event].clock, events_[first])) rest.push_back(event);
  }
  rest.push_back(second);
  Race race{events_[first].node, events_[second].actor, {}};
  for (std::size_t place = 0; place < rest.size(); ++place) {
    const Event& event = events_[rest[place]];
    const bool is_initial =
        std::none_of(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(place),
                     [&](std::size_t earlier) { return knows(event.clock, events_[earlier]); });
    if (is_initial) race.initials.push_back(event.actor);
  }
  return race;
}

std::vector<Race> DporRun::races(std::size_t node) const {
  std::vector<Race> races;
  for (std::size_t second = 0; second < events_.size(); ++second) {
    if (events_[second].node < node) continue;
    for (std::size_t first = second; first-- > 0;) {
      if (races_with(first, second)) races.push_back(race(first, second));
    }
  }
  return races;
}

}  // namespace coweave::sim
