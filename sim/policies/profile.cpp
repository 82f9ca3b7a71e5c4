#include <coweave/sim/policies/profile.hpp>

#include <coweave/sim/entry.hpp>

#include <algorithm>

namespace coweave::sim {

void Profile::begin_run(std::uint64_t run) {
  if (run == 1) {
    runs_ = 0;
    actors_.clear();
    objects_.clear();
  }
  for (Actor& actor : actors_) actor.held.clear();
  for (Object& object : objects_) object.holders = 0;
  counting_ = run <= Policy::learning_runs;
  if (counting_) ++runs_;
}

/// Of the runs before the present one, if that is still counted, else of all that were.
std::uint64_t Profile::mean(std::uint64_t sum) const noexcept {
  const std::uint64_t runs = counting_ ? runs_ - 1 : runs_;
  return runs == 0 ? 0 : (sum + runs - 1) / runs;
}

void Profile::count_use(std::uint32_t actor, std::uint32_t object) {
  const std::vector<std::uint32_t>& held = actors_[actor].held;
  Object& used = entry(objects_, object);
  if (used.uses.empty()) {
    used.guards = held;
  } else {
    std::erase_if(used.guards, [&](std::uint32_t guard) {
      return std::find(held.begin(), held.end(), guard) == held.end();
    });
  }
  const auto place =
      std::lower_bound(used.uses.begin(), used.uses.end(), actor,
                       [](const Uses& uses, std::uint32_t other) { return uses.actor < other; });
  if (place == used.uses.end() || place->actor != actor)
    used.uses.insert(place, {actor, 1});
  else
    ++place->count;
}

void Profile::follow_locks(Actor& by, std::span<const Operation> operations) {
  for (const Operation& operation : operations) {
    if (operation.object == 0 || (operation.part != Part::take && operation.part != Part::give)) continue;
    Object& lock = entry(objects_, operation.object);
    if (operation.part == Part::take) {
      by.held.push_back(operation.object);
      if (++lock.holders > 1) lock.exclusive = false;
    } else if (const auto held = std::find(by.held.begin(), by.held.end(), operation.object);
               held != by.held.end()) {
      by.held.erase(held);
      --lock.holders;
    } else {
      lock.exclusive = false;  // given back by somebody else
    }
  }
}

void Profile::add(const Step& step) {
  if (!counting_) return;
  Actor& taken = entry(actors_, step.taken.actor);
  ++taken.steps;
  if (step.taken.next.object != 0) count_use(step.taken.actor, step.taken.next.object);
  follow_locks(taken, step.operations);
  for (const std::uint32_t created : step.created) entry(actors_, created).parent = step.taken.actor;
}

/// An actor gets its number after the one that created it, so one walk from the last to the first passes
/// everything up.
void Profile::pass_up(std::vector<std::uint64_t>& counts) const {
  for (std::size_t number = actors_.size(); number-- > 1;) counts[actors_[number].parent] += counts[number];
}

std::vector<std::uint32_t> Profile::contested_objects() const {
  std::vector<std::uint32_t> contested;
  for (std::uint32_t number = 0; number < objects_.size(); ++number) {
    const Object& object = objects_[number];
    const bool guarded = std::any_of(object.guards.begin(), object.guards.end(),
                                     [&](std::uint32_t guard) { return objects_[guard].exclusive; });
    if (object.uses.size() >= 2 && !guarded) contested.push_back(number);
  }
  return contested;
}

std::vector<std::uint64_t> Profile::steps() const {
  std::vector<std::uint64_t> counts;
  for (const Actor& actor : actors_) counts.push_back(mean(actor.steps));
  pass_up(counts);
  return counts;
}

std::vector<std::uint64_t> Profile::uses_of(std::uint32_t object) const {
  std::vector<std::uint64_t> counts(actors_.size(), 0);
  for (const Uses& uses : objects_[object].uses) counts[uses.actor] = mean(uses.count);
  pass_up(counts);
  return counts;
}

}  // namespace coweave::sim
