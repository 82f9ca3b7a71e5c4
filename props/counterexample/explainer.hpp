#pragma once

/// From a run that failed to a finding: it is replayed at once (a difference is itself a failure), made
/// small, and replayed again with the recorder on.

#include <coweave/props/counterexample/neighbour.hpp>
#include <coweave/props/counterexample/shrink.hpp>
#include <coweave/props/explore.hpp>
#include <coweave/props/options.hpp>
#include <coweave/sim/choice.hpp>
#include <coweave/sim/failure.hpp>
#include <coweave/sim/simulation.hpp>

#include <cstdint>
#include <string>

namespace coweave::sim {
class Recorder;
}

namespace coweave::detail {

/// Tells `finding` what its failure, made small as `shrunk`, has become, and `result` what is to be noted of
/// that.
void tell_how_small(const Shrunk& shrunk, const Options& options, Finding& finding, Exploration& result);

/// Tells `finding`, which has its trace, what decides.
void tell_what_decides(Explained explained, Finding& finding);

/// A run that failed.
struct Found {
  sim::Failure failure;
  sim::Schedule schedule;
  std::uint64_t steps;
};

class Explainer {
 public:
  /// Puts what it finds, and notes, into `result`. All of them must outlive it.
  Explainer(sim::Simulation& simulation, const sim::Scenario& scenario, const Options& options,
            Exploration& result)
      : simulation_(simulation), scenario_(scenario), options_(options), result_(result) {}

  /// Makes the failure of run `run` small, and keeps it.
  void explain(Found found, std::uint64_t run);

  /// The same of a run that failed in another process, of which only its choices and steps are known.
  void explain(const sim::Schedule& schedule, std::uint64_t steps, std::uint64_t run);

  /// Keeps that a run was another than it should have been, `difference` says how.
  void differed(std::string difference, const sim::Schedule& schedule, std::uint64_t run);

  /// Runs `schedule`, which passed after `steps` steps as run `run`, again. False: it did something else,
  /// which is kept.
  bool repeat(const sim::Schedule& schedule, std::uint64_t steps, std::uint64_t run);

 private:
  std::string follow(const sim::Schedule& schedule, const sim::Failure*& failure, sim::Recorder* recorder);
  std::string difference_of_repetition(const sim::Schedule& schedule, const sim::Failure* expected,
                                       std::uint64_t steps, sim::Recorder* recorder);
  [[nodiscard]] bool keeps_order() const;
  Explained find_neighbour(const sim::Schedule& schedule, const sim::Failure& failure);
  Shrunk make_small(const sim::Schedule& schedule, const sim::Failure& failure);
  void keep_beginning_of_endless(Found& found);
  std::string record_shrunk(const sim::Schedule& schedule, const sim::Failure& found,
                            sim::Recorder& recorder);
  void keep_nondeterministic(std::string difference, sim::Recorder& recorder, const sim::Schedule& schedule,
                             std::uint64_t run);
  void keep(Finding finding, std::uint64_t run);

  sim::Simulation& simulation_;
  const sim::Scenario& scenario_;
  const Options& options_;
  Exploration& result_;
  std::string picture_;  ///< of the failure of the run that was recorded last
};

}  // namespace coweave::detail
