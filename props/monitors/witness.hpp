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
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace coweave::detail {

class MonitorWitness final : public sim::Witness {
 public:
  MonitorWitness(const std::vector<monitors::Monitor>& monitors, const Races& races);

  /// Lets the runs to come of `simulation` be looked at, unless there is nothing to look for. Must outlive
  /// them.
  void watch(sim::Simulation& simulation);

  [[nodiscard]] bool hears_steps() const noexcept override { return hears_steps_; }
  void run_begins(sim::Simulation& simulation, Observer* next) override;
  void step_begins(const Handle& handle) override;
  void step_ended() override;
  void run_ended() override;

  [[nodiscard]] Heard hears_itself() const noexcept override { return heard_; }
  void task_created(const TaskBase& task) override;
  void task_finished(const TaskBase& task) override;
  void eager_step_ended(const TaskBase& task) override;
  void wanted(const Handle& handle) override;
  void unwanted(const Handle& handle) override;
  void woken(const Handle& handle) override;
  void forgotten(const Handle& handle) override;
  void operation(Verb verb, const ObjectRef& object, std::source_location at) override;
  void cancel_requested(const TaskBase& task, std::source_location at) override;
  void looked_at(const FutureBase& future) override;
  void touched(Access access, const ObjectRef& object) override;
  void noted(const Note& note) override;

 private:
  using Kind = monitors::Occurrence::Kind;

  /// A rule, and which of its patterns what occurs may be.
  struct Concern {
    struct Role {
      const monitors::Pattern* pattern;
      unsigned bit;
    };
    Rule* rule;
    bool ordered;                ///< it matters when it occurs, and not only that it does
    unsigned certain;            ///< the bits of those that it is, whatever else is known of it
    std::vector<Role> possible;  ///< those of which that has to be looked at
  };
  /// A pattern of which is told in which runs it occurs: not all of them may count.
  struct Expected {
    std::size_t number;  ///< among those of all monitors
    monitors::Pattern pattern;
  };
  struct Concerns {
    std::vector<Concern> of_rules;
    std::vector<Expected> expected;
    std::size_t due = 0;  ///< so many of those, the first, have not occurred in this run
    [[nodiscard]] bool empty() const noexcept { return of_rules.empty() && expected.empty(); }
  };
  struct Label {
    std::string text;
    Concerns concerns;
  };
  /// Which label a note had whose text stands at some address. The program may write another there.
  struct Known {
    std::string text = {};
    std::size_t label = 0;
  };
  static constexpr std::size_t known_max = 64;

  void add_labels(const Clause& clause);
  [[nodiscard]] Concerns concerns_of(const monitors::Occurrence& known) const;
  [[nodiscard]] Concerns& concerns_of_label(std::string_view label);
  [[gnu::cold, gnu::noinline]] void learn(Known& known, std::string_view label) const;
  void occurs(Concerns& concerns, const monitors::Occurrence& now);
  [[gnu::noinline]] static void look_for(Concerns& concerns, const monitors::Occurrence& now);
  void of_task(Kind kind, const TaskBase& task, std::source_location at = {});

  std::vector<monitors::Monitor> monitors_;
  RunView run_;
  RaceDetector races_;
  std::vector<std::unique_ptr<Rule>> rules_;
  bool knows_causes_ = false;  // for happens_before and for races
  bool counts_steps_ = false;
  bool hears_steps_ = false;
  bool names_tasks_ = false;
  Heard heard_ = 0;
  static constexpr std::size_t verbs = static_cast<std::size_t>(Verb::cancel) + 1;
  std::array<Concerns, verbs> of_verbs_;
  std::array<Concerns, 5> of_kinds_;
  std::vector<Label> labels_;  // the first stands for those that no pattern names
  std::array<Known, known_max> known_{};
};

}  // namespace coweave::detail
