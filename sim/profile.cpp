#include <coweave/sim/profile.hpp>

namespace coweave::sim {

void Profile::begin_run(std::uint64_t run) {
  if (run == 1) {
    runs_ = 0;
    actors_.clear();
  }
  counting_ = run <= runs_max;
  if (counting_) ++runs_;
}

/// Of the runs before the present one, if that is still counted, else of all that were.
std::uint64_t Profile::mean(std::uint64_t sum) const noexcept {
  const std::uint64_t runs = counting_ ? runs_ - 1 : runs_;
  return runs == 0 ? 0 : (sum + runs - 1) / runs;
}

Profile::Actor& Profile::actor(std::uint32_t number) {
  if (number >= actors_.size()) actors_.resize(number + 1);
  return actors_[number];
}

void Profile::add(const Step& step) {
  if (!counting_) return;
  Actor& taken = actor(step.taken.actor);
  ++taken.steps;
  if (const std::uint32_t object = step.taken.next.object; object != 0) {
    if (object >= taken.uses.size()) taken.uses.resize(object + 1, 0);
    ++taken.uses[object];
  }
  for (const std::uint32_t created : step.created) actor(created).parent = step.taken.actor;
}

/// An actor gets its number after the one that created it, so one walk from the last to the first passes
/// everything up.
void Profile::pass_up(std::vector<std::uint64_t>& counts) const {
  for (std::size_t number = actors_.size(); number-- > 1;) counts[actors_[number].parent] += counts[number];
}

std::vector<std::uint32_t> Profile::shared_objects() const {
  std::vector<std::uint32_t> users;  // by object
  for (const Actor& actor : actors_) {
    if (actor.uses.size() > users.size()) users.resize(actor.uses.size(), 0);
    for (std::size_t object = 0; object < actor.uses.size(); ++object) {
      if (actor.uses[object] != 0) ++users[object];
    }
  }
  std::vector<std::uint32_t> shared;
  for (std::uint32_t object = 0; object < users.size(); ++object) {
    if (users[object] >= 2) shared.push_back(object);
  }
  return shared;
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
