#pragma once

/// Looks at the runs of a simulation for the monitors of an exploration, and for races: knows for each kind
/// of occurrence which rules it may concern, so that one that concerns none costs a look into a table.

#include <coweave/props/monitors/monitor.hpp>
#include <coweave/props/monitors/rule.hpp>
#include <coweave/props/monitors/run_view.hpp>
#include <coweave/props/races/race_detector.hpp>
#include <coweave/sim/witness.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

namespace coweave::detail {

class MonitorWitness final : public sim::Witness {
 public:
  MonitorWitness(const std::vector<monitors::Monitor>& monitors, const Races& races);

  /// Lets the runs to come of `simulation` be looked at, unless there is nothing to look for. Must outlive
  /// them.
  void watch(sim::Simulation& simulation);

  void run_begins(sim::Simulation& simulation, Observer* next) override;
  void step_begins(const Handle& handle) override;
  void step_ended() override;
  void run_ended() override;

  void task_created(const TaskBase& task) override;
  void task_finished(const TaskBase& task) override;
  void eager_step_begins(const TaskBase& task) override;
  void eager_step_ended(const TaskBase& task) override;
  void woken(const Handle& handle) override;
  void operation(Verb verb, const ObjectRef& object) override;
  void cancel_requested(const TaskBase& task) override;
  void outcome_taken(const FutureBase& future) override;
  void noted(const Note& note) override;

 private:
  using Kind = monitors::Occurrence::Kind;

  /// A rule, and which of its patterns what occurs may be.
  struct Concern {
    struct Role {
      const monitors::Pattern* pattern;
      unsigned bit;
      bool certain;  ///< it is, whatever else is known of it
    };
    Rule* rule;
    bool ordered;  ///< it matters when it occurs, and not only that it does
    std::vector<Role> roles;
  };
  using Concerns = std::vector<Concern>;
  struct Label {
    std::string text;
    Concerns concerns;
  };
  /// Which label a note had that stands at an address. The program may write another there.
  struct Known {
    const char* address = nullptr;
    std::string text = {};
    std::size_t label = 0;
  };
  static constexpr std::size_t known_max = 64;

  [[nodiscard]] Concerns concerns_of(const monitors::Occurrence& known) const;
  [[nodiscard]] const Concerns& concerns_of_label(const char* label);
  void occurs(const Concerns& concerns, const monitors::Occurrence& now);
  void of_task(Kind kind, const TaskBase& task);

  std::vector<monitors::Monitor> monitors_;
  RunView run_;
  RaceDetector races_;
  std::vector<std::unique_ptr<Rule>> rules_;
  bool knows_causes_ = false;
  bool counts_steps_ = false;
  bool names_tasks_ = false;
  static constexpr std::size_t verbs = static_cast<std::size_t>(Verb::cancel) + 1;
  std::array<Concerns, verbs> of_verbs_;
  std::array<Concerns, 5> of_kinds_;
  std::vector<Label> labels_;  // the first stands for those that no pattern names
  std::array<Known, known_max> known_{};
  Observer* next_ = nullptr;
};

}  // namespace coweave::detail
