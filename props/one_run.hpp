#pragma once

/// One run of an exploration, and what came of it.

#include <coweave/props/counterexample/explainer.hpp>
#include <coweave/props/coverage/census.hpp>
#include <coweave/props/coverage/mark_counter.hpp>
#include <coweave/props/watchdog.hpp>
#include <coweave/sim/search/measure.hpp>
#include <coweave/sim/simulation.hpp>

#include <cstdint>
#include <functional>
#include <utility>

namespace coweave::detail {

struct RunEnd {
  enum class Kind : std::uint8_t {
    passed,
    failed,
    another,      ///< it passed, and did something else the second time
    blocked,      ///< a step took too much real time
    interrupted,  ///< it had not come to its end when the time was up
  } kind = Kind::passed;
  RunRecord record;                       ///< its steps are always known
  const sim::Failure* failure = nullptr;  ///< of one that failed; good until the next run
  sim::Schedule schedule = {};            ///< of one that did not pass
};

class OneRun {
 public:
  OneRun(sim::Simulation& simulation, const sim::Scenario& scenario, Watch& watch, Explainer& explainer)
      : simulation_(simulation), scenario_(scenario), watch_(watch), explainer_(explainer) {}

  /// From now on a run ends when `over` says so, which is asked from time to time.
  void let_interrupt(std::function<bool()> over) { over_ = std::move(over); }

  /// Run `run`, for which `policy.begin_run` was called. Marks are counted once, also if it is done twice.
  RunEnd run(sim::Measure& policy, std::uint64_t run);
  /// A run about which nothing but its choices is asked, not even its marks.
  const sim::Schedule& look(sim::Policy& policy) {
    simulation_.run(scenario_, policy);
    return simulation_.schedule();
  }

  [[nodiscard]] MarkCounter& marks() noexcept { return marks_; }

 private:
  sim::Simulation& simulation_;
  const sim::Scenario& scenario_;
  Watch& watch_;
  Explainer& explainer_;
  MarkCounter marks_;
  std::function<bool()> over_;
};

}  // namespace coweave::detail
