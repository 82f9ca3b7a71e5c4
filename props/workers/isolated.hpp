#pragma once

/// Runs of one scenario in processes of their own, which they may end.

#include <coweave/props/counterexample/provenance.hpp>
#include <coweave/props/counterexample/trial.hpp>
#include <coweave/props/monitors/witness.hpp>
#include <coweave/props/options.hpp>
#include <coweave/props/workers/black_box.hpp>
#include <coweave/props/workers/child.hpp>
#include <coweave/sim/causality/order.hpp>
#include <coweave/sim/choice.hpp>
#include <coweave/sim/policy.hpp>
#include <coweave/sim/simulation.hpp>
#include <coweave/traces/trace.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace coweave::detail {

/// How a run in a process of its own ended; of a search, its last.
struct Attempt {
  Ending ending;
  bool failed = false;     ///< of one that returned
  bool cut_short = false;  ///< the same: by `EndingAt`; of a search: it was given up
  std::uint64_t steps = 0;
  std::uint64_t spawned = 0;  ///< the line where the task that ended the process was spawned
  sim::Schedule schedule;
  std::string said;  ///< what was said meanwhile

  [[nodiscard]] bool crashed() const { return ending.kind != Ending::Kind::returned; }
  /// Whether the same thing happened, as far as one can tell from outside.
  [[nodiscard]] bool like(const Attempt& other) const {
    return ending == other.ending && spawned == other.spawned;
  }
};

/// A run of a search that is known to end its process.
struct Crashing {
  std::uint64_t run = 0;
  std::uint64_t steps = 0;
  sim::Schedule schedule = {};
};

class Isolated {
 public:
  /// `scenario` must outlive it.
  Isolated(const sim::Scenario& scenario, const traces::Settings& settings, const Options& options);

  [[nodiscard]] sim::Simulation& simulation() noexcept { return simulation_; }

  /// One run under `policy`.
  Attempt run(sim::Policy& policy);
  /// The same. The order of its steps comes into `order`, if it passed; else that is empty.
  Attempt look(sim::Policy& policy, sim::Order& order);
  /// Follows `schedule`; what it says then is a line for each choice within a step: which step, and what for.
  Attempt follow(const sim::Schedule& schedule);

  /// The runs of `search`, in one process, until one ends it. Those that are known to do so, in order, end
  /// where that would happen.
  Attempt search(const Search& search, const std::vector<Crashing>& known);
  /// How many runs it was.
  [[nodiscard]] std::uint64_t searched() const noexcept { return box_.run(); }
  /// Whether it has left out nothing until then.
  [[nodiscard]] bool left_out_nothing() const noexcept { return box_.complete(); }

  /// The steps of the run that ended as `crash`, the one that ended its process as the last. Empty: they are
  /// not known.
  sim::Order order_of(const Attempt& crash);
  /// Who takes step `step` of the run under `policy`, which passes; empty if it is not known.
  std::string who_takes(sim::Policy& policy, std::uint64_t step);
  /// The trace of `schedule` as far as the step that ends the process, `attempt` says which; and that step,
  /// but for what it does.
  traces::Trace record(const sim::Schedule& schedule, const Attempt& attempt, const Provenance& provenance);

 private:
  enum class End : char { passed = 'P', failed = 'F', cut_short = 'I' };
  using Body = std::function<End(int pipe)>;

  Attempt run(const Body& body);
  End run_kept(sim::Policy& policy);
  End search_kept(const Search& search, const std::vector<Crashing>& known);
  bool pass_by(const Search& search, const Crashing& known);
  bool run_to_crash(sim::Policy& policy, std::uint64_t step, const sim::Schedule& schedule);

  const sim::Scenario& scenario_;
  sim::Simulation simulation_;
  MonitorWitness witness_;
  std::chrono::nanoseconds limit_;
  BlackBox box_;
};

}  // namespace coweave::detail
