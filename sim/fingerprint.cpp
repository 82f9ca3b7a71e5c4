#include <coweave/sim/fingerprint.hpp>

#include <coweave/sim/dpor_run.hpp>
#include <coweave/sim/entry.hpp>
#include <coweave/sim/random.hpp>

#include <algorithm>

namespace coweave::sim {

namespace {

/// Trailing zeros say nothing: they depend on how many actors have been met.
std::uint64_t hash(std::uint32_t actor, const std::vector<std::uint32_t>& clock) {
  std::uint64_t state = actor;
  std::uint64_t result = split_mix(state);
  for (std::size_t other = 0; other < clock.size(); ++other) {
    if (clock[other] == 0) continue;
    state = result ^ (std::uint64_t{other} << 32U | clock[other]);
    result = split_mix(state);
  }
  return result;
}

}  // namespace

void Fingerprint::begin_run() {
  for (Clock& clock : clocks_) std::fill(clock.begin(), clock.end(), 0);
  for (Object& object : objects_) {
    std::fill(object.written.begin(), object.written.end(), 0);
    std::fill(object.used.begin(), object.used.end(), 0);
  }
  sum_ = 0;
}

void Fingerprint::add(const Step& step) {
  const std::uint32_t actor = step.taken.actor;
  Clock clock = std::move(entry(clocks_, actor));
  const std::vector<Operation> done = effects(step);
  for (const Operation& operation : done) {
    const Object& object = entry(objects_, operation.object);
    join(clock, operation.access == Access::read && operation.object != 0 ? object.written : object.used);
  }
  ++entry(clock, actor);
  for (const Operation& operation : done) {
    Object& object = objects_[operation.object];
    join(object.used, clock);
    if (operation.access != Access::read || operation.object == 0) join(object.written, clock);
  }
  for (const std::uint32_t woken : step.woken) {
    if (woken != actor) join(entry(clocks_, woken), clock);
  }
  sum_ += hash(actor, clock);
  clocks_[actor] = std::move(clock);
}

}  // namespace coweave::sim
