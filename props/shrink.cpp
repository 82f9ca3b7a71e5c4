#include <coweave/props/shrink.hpp>

#include <coweave/props/deadline.hpp>
#include <coweave/sim/bounded_search.hpp>
#include <coweave/sim/replay.hpp>

#include <algorithm>
#include <string>

namespace coweave {

namespace {

class Shrinker {
 public:
  Shrinker(sim::Simulation& simulation, const sim::Scenario& scenario, const sim::Schedule& failing,
           const sim::Failure& failure, std::chrono::nanoseconds time_max)
      : simulation_(simulation),
        scenario_(scenario),
        kind_(failure.kind),
        place_(failure.at),
        deadline_(time_max),
        best_(failing) {}

  Shrunk run() {
    while (!deadline_.passed() && drop_deviations()) {
    }
    const bool minimal = search_below();
    while (!deadline_.passed() && postpone()) {
    }
    return {best_, runs_, minimal};
  }

 private:
  /// The same kind of failure at the same place of the program.
  [[nodiscard]] bool same(const sim::Failure* failure) const {
    return failure && failure->kind == kind_ && failure->at.line() == place_.line() &&
           std::string_view(failure->at.file_name()) == place_.file_name();
  }

  bool attempt(std::span<const sim::Choice> candidate) {
    replay_.follow(candidate);
    replay_.begin_run(++runs_);
    return same(simulation_.run(scenario_, replay_));
  }

  /// Takes the last run as the new best if it has fewer deviations.
  bool accept_if_smaller() {
    if (sim::deviations(simulation_.schedule()) >= sim::deviations(best_)) return false;
    best_ = simulation_.schedule();
    return true;
  }

  /// Tries to do without some deviations: ever smaller blocks of them (delta debugging; Zeller and
  /// Hildebrandt, 2002), each both set to 0 and taken out.
  bool drop_deviations() {
    bool progress = false;
    for (std::size_t block = std::max<std::size_t>(1, sim::deviations(best_) / 2);; block /= 2) {
      for (std::size_t first = 0; first < sim::deviations(best_) && !deadline_.passed();) {
        if (attempt(without(first, block, false)) && accept_if_smaller()) {
          progress = true;
        } else if (attempt(without(first, block, true)) && accept_if_smaller()) {
          progress = true;
        } else {
          first += block;
        }
      }
      if (block == 1) return progress;
    }
  }

  /// `best_` without its deviations number `first` to `first + count - 1`.
  [[nodiscard]] sim::Schedule without(std::size_t first, std::size_t count, bool take_out) const {
    sim::Schedule candidate;
    std::size_t seen = 0;
    for (const sim::Choice& choice : best_) {
      const bool dropped = choice.taken != 0 && seen >= first && seen < first + count;
      if (choice.taken != 0) ++seen;
      if (dropped && take_out) continue;
      candidate.push_back(choice);
      if (dropped) candidate.back().taken = 0;
    }
    return candidate;
  }

  /// Runs every schedule with fewer deviations than the best, from 0 up. True if it came to the end.
  bool search_below() {
    for (std::size_t bound = 0; bound < sim::deviations(best_); ++bound) {
      sim::BoundedSearch search(bound);
      for (std::uint64_t run = 1; search.begin_run(run); ++run) {
        if (deadline_.passed()) return false;
        ++runs_;
        if (same(simulation_.run(scenario_, search))) {
          best_ = simulation_.schedule();
          return true;  // nothing below `bound` fails, and this has at most `bound`
        }
      }
    }
    return true;
  }

  /// Makes a deviation smaller, or moves it to a later choice.
  bool postpone() {
    for (std::size_t index = 0; index < best_.size() && !deadline_.passed(); ++index) {
      if (best_[index].taken == 0) continue;
      for (std::uint32_t taken = 1; taken < best_[index].taken; ++taken) {
        sim::Schedule candidate = best_;
        candidate[index].taken = taken;
        if (attempt(candidate) && sim::deviations(simulation_.schedule()) <= sim::deviations(best_)) {
          best_ = simulation_.schedule();
          return true;
        }
      }
    }
    return false;
  }

  sim::Simulation& simulation_;
  const sim::Scenario& scenario_;
  traces::VerdictKind kind_;
  std::source_location place_;
  detail::Deadline deadline_;
  sim::Schedule best_;
  sim::LooseReplay replay_;
  std::uint64_t runs_ = 0;
};

}  // namespace

Shrunk shrink(sim::Simulation& simulation, const sim::Scenario& scenario, const sim::Schedule& failing,
              const sim::Failure& failure, std::chrono::nanoseconds time_max) {
  return Shrinker(simulation, scenario, failing, failure, time_max).run();
}

}  // namespace coweave
