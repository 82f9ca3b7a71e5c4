#include <coweave/props/sweep/sweeper.hpp>

#include <coweave/props/counterexample/explainer.hpp>
#include <coweave/props/coverage/mark_counter.hpp>
#include <coweave/props/coverage/marks.hpp>
#include <coweave/props/deadline.hpp>
#include <coweave/props/monitors/witness.hpp>
#include <coweave/props/sweep/places.hpp>
#include <coweave/props/sweep/scout.hpp>
#include <coweave/props/watchdog.hpp>
#include <coweave/sim/policies/policy_name.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/sim/recording/replay.hpp>
#include <coweave/sim/search/bounded_search.hpp>
#include <coweave/sim/simulation.hpp>
#include <coweave/traces/names.hpp>
#include <coweave/traces/site.hpp>
#include <coweave/traces/words.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

namespace coweave::detail {

namespace {

/// What shapes the runs of a sweep.
traces::Settings settings_of(SweepKind kind, const SweepOptions& asked, const Options& options) {
  traces::Settings settings = options.settings();
  const bool between_steps = kind == SweepKind::cancellation || kind == SweepKind::timeouts;
  settings.sweep = kind;
  settings.cancellations_max = between_steps ? 1 : 0;
  settings.faults_max = between_steps ? 0 : 1;
  if (kind == SweepKind::allocations) settings.fault_labels = {"out of memory"};
  settings.may_be_held = asked.may_be_held;
  return settings;
}

/// The last choice of `schedule` that is not 0, from 1; 0: all are.
std::size_t last_deviation(const sim::Schedule& schedule) {
  std::size_t place = schedule.size();
  while (place > 0 && schedule[place - 1].taken == 0) --place;
  return place;
}

class Sweeper {
 public:
  Sweeper(const sim::Scenario& scenario, SweepKind kind, const SweepOptions& asked, const Options& options)
      : scenario_(scenario),
        asked_(asked),
        options_(options),
        may_be_held_(asked.may_be_held),
        not_taken_(asked.may_be_held),
        simulation_(settings_of(kind, asked, options)),
        witness_(options.monitors, options.races),
        watch_(simulation_, "sweep of '" + options.name + "' over " + std::string(traces::to_string(kind)),
               options.step_wall_time_max),
        deadline_(options.wall_time_max) {
    result_.name = options.name;
    result_.kind = kind;
    witness_.watch(simulation_);
  }

  Sweep run() {
    const bool is_bounded = asked_.deviations_max > 0;
    const std::unique_ptr<sim::Policy> policy =
        is_bounded ? std::make_unique<sim::BoundedSearch>(asked_.deviations_max)
                   : sim::make_policy(options_.policy, options_.seed);
    for (std::uint64_t order = 1; (is_bounded || order <= asked_.orders) && !over_; ++order) {
      sim::Recorder recorder;
      Scout scout(*policy, simulation_, recorder);
      if (!scout.begin_run(order)) break;
      if (order > 1 && deadline_.passed()) {
        out_of_time("the orders from " + std::to_string(order) + " on were not tried");
        break;
      }
      sweep_around(scout, recorder, order);
    }
    if (result_.entries.empty() && result_.failures.empty() && !over_)
      result_.notes.push_back(std::string("there was nothing to sweep: ") + what_is_missing());
    tell_of_marks();
    return std::move(result_);
  }

 private:
  /// What came of an injection.
  struct Outcome {
    std::uint64_t run = 0;
    std::optional<std::size_t> failure = {};
    bool is_known = true;  ///< false: the time was up before it was tried in all ways
  };

  /// One order: the run without an injection, and one for each injection.
  void sweep_around(Scout& scout, sim::Recorder& recorder, std::uint64_t order) {
    const sim::Failure* failure = run_one(scout, &recorder);
    const sim::Schedule base = simulation_.schedule();
    const std::uint64_t steps = simulation_.steps();
    if (over_ || scout.gave_up()) return;
    if (failure && failure->kind == traces::VerdictKind::still_held && excuse())
      return sweep_around_again(base, order);
    if (failure) {
      result_.unprovoked.push_back(keep({*failure, base, steps}));
      return;
    }
    if (!is_repeated(base, steps)) return;
    excuse_signals();
    asyncio_passes_ = asyncio_passes_ || sim::deviations(base) == 0;
    std::vector<Injection> all =
        injections(result_.kind, recorder.trace(), scout.offers(), scout.marked(), asked_.everywhere);
    if (asked_.deviations_max > 0) {  // what comes before the last one was tried
      const std::size_t last = last_deviation(base);
      std::erase_if(all, [last](const Injection& injection) { return injection.choice < last; });
    }
    std::map<std::pair<std::size_t, std::uint32_t>, Outcome> tried;
    for (std::size_t number = 0; number < all.size(); ++number) {
      const Injection& injection = all[number];
      const auto [outcome, is_new] = tried.try_emplace({injection.choice, injection.option});
      if (is_new) outcome->second = attempt(base, injection);
      if (!outcome->second.is_known) return out_of_time(left_of(all.size() - number, all.size(), order));
      if (over_ && !outcome->second.failure) return;  // a step of it blocked
      result_.entries.push_back(
          {place_of(injection.place), injection.window, order, outcome->second.run, outcome->second.failure});
      if (over_) return;
    }
  }

  /// What is left when the time is up.
  [[nodiscard]] std::string left_of(std::size_t left, std::size_t all, std::uint64_t order) const {
    const std::string text = std::to_string(left) + " of " + traces::counted(all, "injection");
    const std::string were = left == 1 ? " was not tried" : " were not tried";
    if (asked_.deviations_max == 0 && asked_.orders == 1) return text + were;
    return text + " around order " + std::to_string(order) + were + ", and no order after it";
  }

  void out_of_time(const std::string& left) {
    if (over_) return;
    over_ = true;
    result_.unfinished =
        "stopped at the bound on wall time, " + duration_text(options_.wall_time_max) + ": " + left;
  }

  /// What was counted in all runs together, and what the options named in vain.
  void tell_of_marks() {
    MarkTally tally;
    for (const Counted& mark : marks_.marks()) tally.add(mark);
    Exploration all = begun();
    judge_marks(tally, options_, all);
    const bool nothing_failed = result_.failures.empty();
    result_.marks = std::move(all.marks);
    result_.marks_missed = all.marks_missed && nothing_failed;
    result_.races = std::move(all.races);
    result_.patterns = std::move(all.patterns);
    result_.patterns_missed = all.patterns_missed && nothing_failed;
    if (result_.entries.empty() || !nothing_failed || over_) return;
    result_.names = std::move(all.names);
    for (const std::string& name : asked_.may_be_held) {
      const bool was_taken = std::find(not_taken_.begin(), not_taken_.end(), name) == not_taken_.end();
      result_.names.push_back({name, "may_be_held", was_taken});
    }
  }

  /// The order of `base`, with what was found out since.
  void sweep_around_again(const sim::Schedule& base, std::uint64_t order) {
    sim::LooseReplay replay;
    replay.follow(base);
    sim::Recorder recorder;
    Scout scout(replay, simulation_, recorder);
    scout.begin_run(1);
    sweep_around(scout, recorder, order);
  }

  const sim::Failure* run_one(sim::Policy& policy, sim::Recorder* recorder = nullptr) {
    watch_.run_begins(++result_.runs);
    const MarkCounter::Counting counting(marks_);
    const sim::Failure* failure = simulation_.run(scenario_, policy, recorder);
    result_.steps += simulation_.steps();
    std::erase_if(not_taken_, [this](const std::string& name) { return simulation_.ledger().knows(name); });
    if (result_.blocked = watch_.complaint(); !result_.blocked.empty()) over_ = true;
    return failure;
  }

  /// Tries an injection, in the order of `base` and those that the options allow besides.
  Outcome attempt(const sim::Schedule& base, const Injection& injection) {
    if (deadline_.passed()) return {.is_known = false};
    if (asked_.deviations_max == 0) {
      Injecting policy(base, injection.choice, injection.option);
      policy.begin_run(1);
      return attempt(policy);
    }
    Outcome outcome;
    const std::size_t spent = sim::deviations(base);
    for (std::size_t bound = 0; spent + bound <= asked_.deviations_max; ++bound) {
      sim::BoundedSearch behind(bound);
      Injecting policy(base, injection.choice, injection.option, &behind);
      for (std::uint64_t run = 1; policy.begin_run(run); ++run) {
        if (outcome.run != 0 && deadline_.passed()) return {.is_known = false};
        outcome = attempt(policy);
        if (outcome.failure || over_) return outcome;
      }
    }
    return outcome;
  }

  Outcome attempt(Injecting& policy) {
    const sim::Failure* failure = run_one(policy);
    const std::uint64_t run = result_.runs;
    if (policy.strayed()) {
      Exploration exploration = begun();
      Explainer(simulation_, scenario_, options_, exploration)
          .differed("the run had another beginning than the one without an injection", simulation_.schedule(),
                    run);
      over_ = true;
      return {run, keep(std::move(exploration))};
    }
    if (!failure) return {run, std::nullopt};
    return {run, keep({*failure, simulation_.schedule(), simulation_.steps()})};
  }

  /// The run without an injection does the same again.
  bool is_repeated(const sim::Schedule& base, std::uint64_t steps) {
    Exploration exploration = begun();
    Explainer explainer(simulation_, scenario_, options_, exploration);
    if (explainer.repeat(base, steps, result_.runs)) return true;
    result_.unprovoked.push_back(keep(std::move(exploration)));
    return false;
  }

  [[nodiscard]] Exploration begun() const {
    Exploration exploration;
    exploration.name = options_.name;
    exploration.runs = result_.runs;
    return exploration;
  }

  /// Which failure it is; a new one is explained. What fails by a single deviation, the injection, is as
  /// small as it can be.
  std::size_t keep(Found found) {
    const auto alike = std::pair(found.failure.kind, found.failure.signature);
    const auto known = std::find(alike_.begin(), alike_.end(), alike);
    if (known != alike_.end()) return static_cast<std::size_t>(known - alike_.begin());
    Exploration exploration = begun();
    const bool is_small = sim::deviations(found.schedule) <= 1;
    Options options = options_;
    if (is_small) options.shrink_time_max = std::chrono::nanoseconds::zero();
    Explainer(simulation_, scenario_, options, exploration).explain(std::move(found), result_.runs);
    simulation_.set_steps_max(options_.steps_max);  // which is less for a failure without end
    if (is_small && asyncio_passes_ && exploration.finding) exploration.finding->minimal = true;
    alike_.push_back(alike);
    return keep(std::move(exploration));
  }

  std::size_t keep(Exploration exploration) {
    alike_.resize(result_.failures.size() + 1);
    result_.failures.push_back(std::move(exploration));
    return result_.failures.size() - 1;
  }

  /// Something is held at the end without any injection: so that is how the program is. False: nothing new.
  bool excuse() {
    bool is_new = false;
    for (const sim::Ledger::Held& held : simulation_.ledger().held()) {
      if (std::find(may_be_held_.begin(), may_be_held_.end(), held.title) != may_be_held_.end()) continue;
      may_be_held_.push_back(held.title);
      is_new = true;
      if (held.is_meant)
        result_.notes.push_back(held.title +
                                " is held at the end without any injection, so that is no failure");
    }
    simulation_.set_may_be_held(may_be_held_);
    return is_new;
  }

  /// Semaphores that the run without an injection shows to be signals are held by nobody.
  void excuse_signals() {
    for (std::string& title : simulation_.ledger().signals()) {
      if (std::find(may_be_held_.begin(), may_be_held_.end(), title) == may_be_held_.end())
        may_be_held_.push_back(std::move(title));
    }
    simulation_.set_may_be_held(may_be_held_);
  }

  std::size_t place_of(const SweepPlace& place) {
    const auto [known, is_new] = index_of_.try_emplace(
        {place.task, place.visit, place.what, traces::to_string(place.at)}, result_.places.size());
    if (is_new) result_.places.push_back(place);
    return known->second;
  }

  [[nodiscard]] const char* what_is_missing() const {
    switch (result_.kind) {
      case SweepKind::timeouts:
        return "no time-out was pending at any await";
      case SweepKind::exceptions:
        return asked_.fault_labels.empty() ? "the scenario came by no fault point"
                                           : "the scenario came by no fault point with one of these labels";
      case SweepKind::allocations:
        return "the scenario needed no memory";
      default:
        return "no task was suspended";
    }
  }

  const sim::Scenario& scenario_;
  const SweepOptions& asked_;
  const Options& options_;
  std::vector<std::string> may_be_held_;
  std::vector<std::string> not_taken_;  // of those that the options name: no run took any
  sim::Simulation simulation_;
  MonitorWitness witness_;
  Watch watch_;
  Deadline deadline_;
  MarkCounter marks_;
  Sweep result_;
  std::vector<std::pair<traces::VerdictKind, std::string>> alike_;  // kind and signature of each failure
  std::map<std::tuple<std::string, std::uint64_t, std::string, std::string>, std::size_t> index_of_;
  bool asyncio_passes_ = false;  // without any injection
  bool over_ = false;
};

}  // namespace

Sweep sweep_here(const sim::Scenario& scenario, SweepKind kind, const SweepOptions& asked,
                 const Options& options) {
  return Sweeper(scenario, kind, asked, options).run();
}

}  // namespace coweave::detail
