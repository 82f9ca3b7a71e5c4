#include <coweave/props/workers/crash_trial.hpp>

#include <coweave/sim/recording/replay.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace coweave::detail {

namespace {

/// A search is given up when so many of its runs have ended their process in another way: each time it is
/// done again up to there.
constexpr std::size_t other_crashes_max = 1'000;

}  // namespace

Trial::Outcome CrashTrial::take(Attempt attempt) {
  last_ = std::move(attempt);
  if (last_.crashed()) return last_.like(crash_) ? Outcome::alike : Outcome::otherwise;
  return last_.cut_short ? Outcome::cut_short : last_.failed ? Outcome::otherwise : Outcome::passed;
}

Trial::Outcome CrashTrial::run(sim::Policy& policy) { return take(isolated_.run(policy)); }

Trial::Outcome CrashTrial::look(sim::Policy& policy) {
  const Outcome outcome = take(isolated_.look(policy, order_));
  if (outcome == Outcome::alike) order_ = isolated_.order_of(last_);
  return outcome;
}

Searched CrashTrial::search(const Search& search) {
  Searched searched;
  std::vector<Crashing> others;
  for (;;) {
    const Attempt attempt = isolated_.search(search, others);
    const std::uint64_t before = others.empty() ? 0 : others.back().run;
    searched.runs = isolated_.searched();
    const bool complete = isolated_.left_out_nothing();
    if (!attempt.crashed()) {
      searched.complete = complete && !attempt.cut_short;
      return searched;
    }
    if (attempt.like(crash_)) {
      searched.found = repeats(attempt.schedule);
      searched.complete = complete && searched.found;
      return searched;
    }
    const bool goes_on = attempt.ending.kind != Ending::Kind::stopped && searched.runs > before &&
                         others.size() < other_crashes_max;
    if (!goes_on) return searched;
    others.push_back({searched.runs, attempt.steps, attempt.schedule});
  }
}

/// Whether the run of `schedule` ends its process in the same way if no other came before it.
bool CrashTrial::repeats(const sim::Schedule& schedule) {
  sim::LooseReplay replay;
  replay.follow(schedule);
  return run(replay) == Outcome::alike && last_.schedule == schedule;
}

}  // namespace coweave::detail
