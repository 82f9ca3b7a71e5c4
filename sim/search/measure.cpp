#include <coweave/sim/search/measure.hpp>

#include <coweave/sim/entry.hpp>

namespace coweave::sim {

void Measure::stepped(const Step& step) {
  if (looks_) {
    if (!look_) {  // the first step of a run
      look_.emplace();
      fingerprint_.begin_run();
      met_.assign(met_.size(), false);
    } else if (step.taken.actor != last_actor_) {
      ++look_->switches;
    }
    last_actor_ = step.taken.actor;
    if (auto met = entry(met_, last_actor_); !met) {
      met = true;
      ++look_->actors;
    }
    fingerprint_.add(step);
  }
  PassingPolicy::stepped(step);
}

}  // namespace coweave::sim
