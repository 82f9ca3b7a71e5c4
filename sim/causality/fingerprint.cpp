#include <coweave/sim/causality/fingerprint.hpp>

#include <coweave/sim/entry.hpp>
#include <coweave/sim/random.hpp>
#include <coweave/sim/search/dpor_run.hpp>

#include <algorithm>

namespace coweave::sim {

namespace {

/// Zeros say nothing, and numbers neither: they depend on which actors have been met, and when.
std::uint64_t hash(std::uint64_t key, const Clock& clock, std::span<const std::uint64_t> keys) {
  std::uint64_t sum = 0;
  for (std::size_t other = 0; other < clock.size(); ++other) {
    if (clock[other] == 0) continue;
    std::uint64_t state = keys[other] ^ clock[other];
    sum += split_mix(state);
  }
  std::uint64_t state = key ^ sum;
  return split_mix(state);
}

}  // namespace

void Fingerprint::begin_run() {
  for (Clock& clock : clocks_) std::fill(clock.begin(), clock.end(), 0);
  std::fill(steps_.begin(), steps_.end(), 0);
  for (Object& object : objects_) {
    std::fill(object.written.begin(), object.written.end(), 0);
    std::fill(object.used.begin(), object.used.end(), 0);
  }
  sum_ = 0;
}

void Fingerprint::add(const Step& step) {
  const std::uint32_t actor = step.taken.actor;
  Clock clock = std::move(entry(clocks_, actor));
  effects_.clear();
  add_effects(step, effects_);
  for (const Operation& operation : effects_) {
    if (operation.object == 0) {  // it may be any
      join(clock, steps_);
      continue;
    }
    const Object& object = entry(objects_, operation.object);
    join(clock, operation.access == Access::read ? object.written : object.used);
    join(clock, objects_[0].used);
  }
  entry(steps_, actor) = ++entry(clock, actor);
  for (const Operation& operation : effects_) {
    Object& object = entry(objects_, operation.object);
    join(object.used, clock);
    if (operation.access != Access::read) join(object.written, clock);
  }
  for (const std::uint32_t woken : step.woken) {
    if (woken != actor) join(entry(clocks_, woken), clock);
  }
  sum_ += hash(step.keys[actor], clock, step.keys);
  clocks_[actor] = std::move(clock);
}

}  // namespace coweave::sim
