#include <coweave/sim/search/dpor_run.hpp>

#include <coweave/sim/entry.hpp>

#include <algorithm>

namespace coweave::sim {

namespace {

/// Whether every other step depends on one with these effects. (Each has some: it is the step of its actor.)
bool is_barrier(std::span<const Operation> effects) {
  return depends_on_all(effects) || std::any_of(effects.begin(), effects.end(), [](const Operation& done) {
           return done.object == 0 && done.access != Access::none;
         });
}

/// Of an object in a list of all; what is judged by its order comes first.
std::size_t place_of(std::uint32_t object) { return object == judged_order ? 0 : object; }

bool contains(const std::vector<std::uint64_t>& actors, std::uint64_t actor) {
  return std::find(actors.begin(), actors.end(), actor) != actors.end();
}

}  // namespace

void add_effects(const Step& step, std::vector<Operation>& effects) {
  effects.insert(effects.end(), step.operations.begin(), step.operations.end());
  const Operation& announced = step.taken.next;
  const bool heard = std::any_of(step.operations.begin(), step.operations.end(),
                                 [&](const Operation& done) { return done.object == announced.object; });
  if (announced.object != 0 && !heard) effects.push_back(announced);
  // Whoever asks a task to stop, or keeps a handle from running, changes what it does next.
  effects.push_back({Access::read, step.self});
  // A timer is due at the end of an iteration of the loop, whatever ran in it. And whoever comes after the
  // last step of the root task may not come at all.
  if (step.is_timed || step.end != End::none) effects.emplace_back();
}

void note(const Race& race, const std::vector<std::uint64_t>& candidates,
          std::vector<std::uint64_t>& to_try) {
  const auto is_there = [&](std::uint64_t actor) { return contains(to_try, actor); };
  if (std::any_of(race.initials.begin(), race.initials.end(), is_there)) return;
  const auto can_run = [&](std::uint64_t actor) {
    return contains(candidates, actor) && contains(race.initials, actor);
  };
  if (can_run(race.second)) return to_try.push_back(race.second);
  const auto initial = std::find_if(race.initials.begin(), race.initials.end(), can_run);
  if (initial != race.initials.end()) return to_try.push_back(*initial);
  for (const std::uint64_t actor : candidates) {
    if (!is_there(actor)) to_try.push_back(actor);
  }
}

void DporRun::keep(std::size_t steps, std::uint32_t effects) {
  effects_.resize(effects);
  events_.shrink(steps);
  const auto forget = [](Clock& clock) { std::fill(clock.begin(), clock.end(), 0); };
  for (Clock& clock : known_) forget(clock);
  for (Uses& uses : uses_) {
    forget(uses.read);
    forget(uses.written);
  }
  forget(of_barriers_);
  forget(of_all_);
  for (const Event& event : events_) {
    learn_of(event);
    pass_on(event);
  }
}

/// What later steps know of it if they depend on it.
void DporRun::learn_of(const Event& event) {
  const std::span<const Operation> effects = (*this)[event.effects];
  for (const Operation& done : effects) {
    if (done.object == 0 || done.object == judged_state || done.access == Access::none) continue;
    Uses& uses = entry(uses_, place_of(done.object));
    join(done.access == Access::write ? uses.written : uses.read, event.clock);
  }
  if (is_barrier(effects)) join(of_barriers_, event.clock);
  join(of_all_, event.clock);
}

/// Joins `clock` with those of all steps so far that one with these effects depends on.
void DporRun::join_dependent(Clock& clock, std::span<const Operation> effects) const {
  if (is_barrier(effects)) return join(clock, of_all_);
  join(clock, of_barriers_);
  for (const Operation& done : effects) {
    const std::size_t place = place_of(done.object);
    if (done.access == Access::none || place >= uses_.size()) continue;
    join(clock, uses_[place].written);
    if (done.access == Access::write) join(clock, uses_[place].read);
  }
}

/// What the next step of its actor knows of it, and those that it made ready.
void DporRun::pass_on(const Event& event) {
  entry(known_, event.actor) = event.clock;
  for (const std::uint32_t woken : event.woken) {
    if (woken != event.actor) join(entry(known_, woken), event.clock);
  }
}

std::uint32_t DporRun::object(std::uint64_t key) {
  if (key == 0 || key == judged_order || key == judged_state) return static_cast<std::uint32_t>(key);
  const auto [found, is_new] = object_of_key_.emplace(key, static_cast<std::uint32_t>(object_keys_.size()));
  if (is_new) object_keys_.push_back(key);
  return found->second;
}

Effects DporRun::add(std::span<const KeyedOperation> effects) {
  const std::uint32_t begin = this->effects();
  for (const KeyedOperation& effect : effects)
    effects_.push_back({effect.access, object(effect.object), effect.part});
  return {begin, this->effects()};
}

std::vector<KeyedOperation> DporRun::keyed(Effects effects) const {
  std::vector<KeyedOperation> keyed;
  for (const Operation& effect : (*this)[effects]) {
    const bool is_judged = effect.object >= judged_state;
    keyed.push_back({is_judged ? effect.object : object_keys_[effect.object], effect.access, effect.part});
  }
  return keyed;
}

Effects DporRun::add(const Step& step, std::size_t node, bool drew) {
  const std::uint32_t begin = this->effects();
  add_effects(step, effects_);
  for (std::size_t effect = begin; effect < effects_.size(); ++effect) {
    const std::uint32_t number = effects_[effect].object;
    if (number == 0) continue;
    std::uint32_t& known = entry(objects_, number);
    if (known == 0) known = object(step.object_keys[number]);
    effects_[effect].object = known;
  }
  if (drew) effects_.emplace_back();
  if (step.judged == Judged::by_order) effects_.push_back({Access::write, judged_order});
  if (step.judged == Judged::by_state) effects_.push_back({Access::write, judged_state});
  const Effects effects{begin, this->effects()};
  add_event(step, node, effects);
  return effects;
}

void DporRun::add_event(const Step& step, std::size_t node, Effects effects) {
  const std::uint32_t actor = step.taken.actor;
  Clock& known = entry(known_, actor);
  if (known.size() <= actor) known.resize(actor + 1, 0);
  Event& event = events_.push();
  event.actor = actor;
  event.key = step.keys[actor];
  event.number = known[actor] + 1;
  event.node = node;
  event.had_to_wait = step.had_to_wait;
  event.effects = effects;
  event.before = known;
  event.clock = known;
  event.woken.assign(step.woken.begin(), step.woken.end());
  event.forgotten.clear();
  for (const std::uint32_t forgotten : step.forgotten) event.forgotten.push_back(step.keys[forgotten]);
  // Those whom this step made ready could not run before it.
  const auto comes_after = [&](std::uint32_t other) {
    return other == actor || std::find(step.woken.begin(), step.woken.end(), other) != step.woken.end();
  };
  if (step.end == End::here) {
    for (const std::uint32_t left : step.left) {
      if (!comes_after(left)) event.forgotten.push_back(step.keys[left]);
    }
  }
  join_dependent(event.clock, (*this)[effects]);
  event.clock[actor] = event.number;
  learn_of(event);
  pass_on(event);
}

/// Whether no third step stands between the two.
bool DporRun::adjacent(std::size_t first, std::size_t second) const {
  for (std::size_t between = first + 1; between < second; ++between) {
    if (knows(events_[between].clock, events_[first]) && knows(events_[second].clock, events_[between]))
      return false;
  }
  return true;
}

/// Whether `first` is the last step before `second` that was such a part for `object`.
bool DporRun::last_to(Part part, std::size_t first, std::size_t second, std::uint32_t object) const {
  const auto takes = [&](const Operation& done) { return done.object == object && done.part == part; };
  for (std::size_t event = second; event-- > first;) {
    const std::span<const Operation> effects = (*this)[events_[event].effects];
    if (std::any_of(effects.begin(), effects.end(), takes)) return event == first;
  }
  return false;
}

/// Whether `first` is why there was nothing of `object` left for `second` when that came: where it ran, there
/// still was.
bool DporRun::shut_out(std::size_t first, std::size_t second, std::uint32_t object) const {
  constexpr Part using_up[] = {Part::take, Part::put, Part::get};
  return std::any_of(std::begin(using_up), std::end(using_up),
                     [&](Part part) { return last_to(part, first, second, object); });
}

bool DporRun::races_with(std::size_t first, std::size_t second) const {
  const Event& one = events_[first];
  const Event& other = events_[second];
  if (one.actor == other.actor || knows(other.before, one)) return false;
  const std::span<const Operation> ones = (*this)[one.effects];
  const std::span<const Operation> others = (*this)[other.effects];
  bool conflicts = depends_on_all(ones) || depends_on_all(others);
  for (const Operation& mine : others) {
    // What is taken is there again because it was given back: the order of the two cannot be reversed, that
    // of taking and taking can.
    const bool takes = mine.part == Part::take;
    if (takes && last_to(Part::take, first, second, mine.object)) return true;
    // Nor could whoever stood in line, or was passed over, have come before what made room for it; it could
    // have before what had used up the room.
    const bool waited = mine.object != 0 && (other.had_to_wait || mine.part == Part::line);
    if (waited && shut_out(first, second, mine.object)) return true;
    for (const Operation& theirs : ones) {
      if (takes && theirs.object == mine.object && theirs.part != Part::none) continue;
      conflicts = conflicts || dependent(theirs, mine);
    }
  }
  return conflicts && adjacent(first, second);
}

const Race& DporRun::race(std::size_t first, std::size_t second) {
  // What does not depend on the first step can come before it, and then the second step.
  rest_.clear();
  for (std::size_t event = first + 1; event < second; ++event) {
    if (!knows(events_[event].clock, events_[first])) rest_.push_back(&events_[event]);
  }
  rest_.push_back(&events_[second]);
  race_.node = events_[first].node;
  race_.second = events_[second].key;
  race_.initials.clear();
  for (auto event = rest_.begin(); event != rest_.end(); ++event) {
    const bool is_initial = std::none_of(
        rest_.begin(), event, [&](const Event* earlier) { return knows((*event)->clock, *earlier); });
    if (is_initial) race_.initials.push_back((*event)->key);
  }
  return race_;
}

}  // namespace coweave::sim
