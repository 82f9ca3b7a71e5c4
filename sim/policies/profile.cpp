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

void Profile::count_use(Actor& by, std::uint32_t number) {
  ++entry(by.uses, number);
  Object& used = entry(objects_, number);
  const auto not_held = [&](std::uint32_t guard) {
    return std::find(by.held.begin(), by.held.end(), guard) == by.held.end();
  };
  if (used.used) {
    std::erase_if(used.guards, not_held);
  } else {
    used.used = true;
    used.guards = by.held;
  }
}

void Profile::follow_locks(Actor& by, std::span<const Operation> operations) {
  for (const Operation& operation : operations) {
    if (operation.object == 0 || operation.part == Part::none || operation.part == Part::line) continue;
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
  if (step.taken.next.object != 0) count_use(taken, step.taken.next.object);
  follow_locks(taken, step.operations);
  for (const std::uint32_t created : step.created) entry(actors_, created).parent = step.taken.actor;
}

/// An actor gets its number after the one that created it, so one walk from the last to the first passes
/// everything up.
void Profile::pass_up(std::vector<std::uint64_t>& counts) const {
  for (std::size_t number = actors_.size(); number-- > 1;) counts[actors_[number].parent] += counts[number];
}

std::vector<std::uint32_t> Profile::contested_objects() const {
  std::vector<std::uint32_t> users(objects_.size(), 0);
  for (const Actor& actor : actors_) {
    for (std::size_t object = 0; object < actor.uses.size(); ++object) {
      if (actor.uses[object] != 0) ++users[object];
    }
  }
  std::vector<std::uint32_t> contested;
  for (std::uint32_t number = 0; number < objects_.size(); ++number) {
    const std::vector<std::uint32_t>& guards = objects_[number].guards;
    const bool guarded = std::any_of(guards.begin(), guards.end(),
                                     [&](std::uint32_t guard) { return objects_[guard].exclusive; });
    if (users[number] >= 2 && !guarded) contested.push_back(number);
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
  std::vector<std::uint64_t> counts;
  for (const Actor& actor : actors_)
    counts.push_back(object < actor.uses.size() ? mean(actor.uses[object]) : 0);
  pass_up(counts);
  return counts;
}

}  // namespace coweave::sim
