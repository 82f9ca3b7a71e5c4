#include <coweave/sim/dpor_run.hpp>

#include <coweave/sim/entry.hpp>

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

void DporRun::keep_before(std::size_t node) {
  while (!events_.empty() && events_.back().node >= node) events_.pop_back();
  for (Clock& clock : known_) std::fill(clock.begin(), clock.end(), 0);
  for (const Event& event : events_) pass_on(event);
}

/// What the next step of its actor knows of it, and those that it made ready.
void DporRun::pass_on(const Event& event) {
  entry(known_, event.actor) = event.clock;
  for (const std::uint32_t woken : event.woken) {
    if (woken != event.actor) join(entry(known_, woken), event.clock);
  }
}

bool DporRun::knows(const Clock& clock, const Event& event) const noexcept {
  return event.actor < clock.size() && clock[event.actor] >= event.number;
}

void DporRun::add(const Step& step, std::vector<Operation> operations, std::size_t node) {
  const std::uint32_t actor = step.taken.actor;
  Clock before = entry(known_, actor);
  if (before.size() <= actor) before.resize(actor + 1, 0);
  Event event{actor,
              before[actor] + 1,
              node,
              std::move(operations),
              before,
              before,
              {step.woken.begin(), step.woken.end()}};
  for (const Event& earlier : events_) {
    if (!knows(event.clock, earlier) && order_matters(earlier.operations, event.operations))
      join(event.clock, earlier.clock);
  }
  event.clock[actor] = event.number;
  pass_on(event);
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
  bool conflicts = depends_on_all(one.operations) || depends_on_all(other.operations);
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
