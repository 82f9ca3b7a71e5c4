#include <coweave/props/workers/crash.hpp>

#include <coweave/core/check.hpp>
#include <coweave/props/counterexample/provenance.hpp>
#include <coweave/props/counterexample/shrink.hpp>
#include <coweave/props/monitors/witness.hpp>
#include <coweave/props/workers/black_box.hpp>
#include <coweave/props/workers/choice_keeper.hpp>
#include <coweave/sim/policies/policy_name.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/sim/recording/replay.hpp>
#include <coweave/sim/simulation.hpp>
#include <coweave/traces/read.hpp>
#include <coweave/traces/write.hpp>

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace coweave::detail {

namespace {

using traces::VerdictKind;

/// How a run in a process of its own ended.
struct Attempt {
  Ending ending;
  bool failed = false;  ///< of one that returned
  std::uint64_t steps = 0;
  std::uint64_t spawned = 0;  ///< the line where the task that ended the process was spawned
  sim::Schedule schedule;
  std::string said;  ///< what the policy said, see Telling

  [[nodiscard]] bool crashed() const { return ending.kind != Ending::Kind::returned; }
  /// Whether the same thing happened, as far as one can tell from outside.
  [[nodiscard]] bool like(const Attempt& other) const {
    return ending == other.ending && spawned == other.spawned;
  }
};

/// Follows a schedule, and says of each choice within a step which step and what for, in a line: what a
/// process can still say that ends in the middle of a step.
class Telling final : public sim::Policy {
 public:
  Telling(const sim::Schedule& schedule, const sim::Simulation& simulation, int pipe)
      : simulation_(simulation), pipe_(pipe) {
    replay_.follow(schedule);
  }

  [[nodiscard]] std::string_view name() const override { return replay_.name(); }
  bool begin_run(std::uint64_t run) override { return replay_.begin_run(run); }
  std::uint32_t pick(const sim::ChoicePoint& point) override {
    const std::uint32_t taken = replay_.pick(point);
    if (in_step(point)) {
      const std::string line = std::to_string(simulation_.steps()) + " " + std::to_string(point.options) +
                               " " + std::to_string(taken) + " " + label_of(point) + "\n";
      write_all(pipe_, line.data(), line.size());
    }
    return taken;
  }

 private:
  sim::LooseReplay replay_;
  const sim::Simulation& simulation_;
  int pipe_;
};

/// Runs of one scenario, each in a process of its own.
class Isolated {
 public:
  Isolated(const sim::Scenario& scenario, const traces::Settings& settings, const Options& options)
      : scenario_(scenario),
        simulation_(settings),
        witness_(options.monitors, options.races),
        limit_(2 * options.step_wall_time_max) {
    witness_.watch(simulation_);
  }

  /// One run under `policy`, which is told of its end.
  Attempt run(sim::Policy& policy) {
    Attempt attempt = run([&](int) { return run_kept(policy); });
    policy.end_run(attempt.schedule);
    return attempt;
  }

  Attempt follow(const sim::Schedule& schedule) {
    return run([&](int pipe) {
      Telling policy(schedule, simulation_, pipe);
      policy.begin_run(1);
      return run_kept(policy);
    });
  }

  /// The trace of `schedule` as far as the step that ends the process, `attempt` says which; and that step,
  /// but for what it does.
  traces::Trace record(const sim::Schedule& schedule, const Attempt& attempt, const Provenance& provenance) {
    sim::Failure failure;
    failure.kind = VerdictKind::crash;
    failure.message = "the process " + attempt.ending.in_words() +
                      (attempt.steps == 0 ? " before the first step" : " in this step");
    traces::Trace trace;
    provenance.put_on(trace);
    trace.settings = simulation_.settings();
    trace.verdict.kind = failure.kind;
    trace.verdict.message = failure.message;
    if (attempt.steps == 0) return trace;
    std::string text;
    const Ending ending = in_child(
        [&] {
          sim::Recorder recorder;
          sim::LooseReplay policy;
          policy.follow(schedule);
          policy.begin_run(1);
          simulation_.crashes_in(attempt.steps, failure);
          simulation_.run(scenario_, policy, &recorder);
          provenance.put_on(recorder.trace());
          return traces::write_trace(recorder.trace());
        },
        limit_, text);
    // What leads to the step may have damaged memory; then there is no more to tell than that.
    if (ending != Ending{}) return trace;
    traces::ReadResult read = traces::read_trace(text);
    COWEAVE_INTERNAL_CHECK(read, "a trace that was just written can be read");
    trace = std::move(*read.trace);
    std::istringstream lines(attempt.said);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      traces::Choice choice;
      words >> choice.step >> choice.options >> choice.taken;
      std::getline(words.ignore(1), choice.label);
      if (choice.step == attempt.steps) trace.choices.push_back(std::move(choice));
    }
    return trace;
  }

 private:
  bool run_kept(sim::Policy& policy) {
    ChoiceKeeper keeper(policy, simulation_, box_);
    keeper.begins();
    return simulation_.run(scenario_, keeper) != nullptr;
  }

  template <class Body>
  Attempt run(Body body) {
    Attempt attempt;
    box_.work_begins(0);
    Child child([&](int pipe) {
      box_.guard(simulation_);
      const bool failed = body(pipe);
      box_.keep(simulation_);
      write_all(pipe, failed ? "F" : "P", 1);
    });
    attempt.ending = child.read_all(limit_, attempt.said);
    const bool complete = attempt.said.ends_with('F') || attempt.said.ends_with('P');
    if (attempt.ending == Ending{} && complete) {
      attempt.failed = attempt.said.back() == 'F';
    } else {
      attempt.ending = attempt.ending.before_its_end();
    }
    attempt.steps = box_.steps();
    if (attempt.crashed() && !box_.foreseen()) attempt.steps = std::max<std::uint64_t>(attempt.steps, 1);
    attempt.spawned = box_.spawned();
    attempt.schedule = box_.schedule();
    return attempt;
  }

  const sim::Scenario& scenario_;
  sim::Simulation simulation_;
  MonitorWitness witness_;
  std::chrono::nanoseconds limit_;
  BlackBox box_;
};

class CrashTrial final : public Trial {
 public:
  CrashTrial(Isolated& isolated, Attempt crash)
      : isolated_(isolated), last_(crash), crash_(std::move(crash)) {}

  bool fails_alike(sim::Policy& policy) override {
    last_ = isolated_.run(policy);
    return last_.crashed() && last_.like(crash_);
  }
  [[nodiscard]] const sim::Schedule& schedule() const override { return last_.schedule; }

 private:
  Isolated& isolated_;
  Attempt last_;
  Attempt crash_;
};

/// The end of what is said of a process that left nothing.
constexpr std::string_view choices_unknown = " are not known";

/// Of a process that ended once, and not in the same way when the run was repeated.
traces::Trace unsteady(const Ending& first, const Attempt& second, const traces::Settings& settings) {
  traces::Trace trace;
  trace.settings = settings;
  trace.verdict.kind = VerdictKind::nondeterminism;
  trace.verdict.message = "the same choices gave another run: the first time the process " +
                          first.in_words() + ", and the second time it " +
                          (second.crashed() ? second.ending.in_words()
                           : second.failed  ? "failed"
                                            : "passed") +
                          ". Something besides the schedule decides what the scenario does: memory that was "
                          "damaged before, state kept between runs, addresses, the clock, or real threads.";
  return trace;
}

/// How many choices of `schedule` the run made that has `made` these.
std::size_t followed_of(const sim::Schedule& schedule, const sim::Schedule& made) {
  return static_cast<std::size_t>(
      std::mismatch(schedule.begin(), schedule.end(), made.begin(), made.end()).first - schedule.begin());
}

}  // namespace

void explain_crash(const sim::Scenario& scenario, const Options& options, const sim::Schedule& schedule,
                   const Ending& ending, std::uint64_t run, Exploration& result) {
  Isolated isolated(scenario, options.settings(), options);
  const Provenance provenance(options, run);
  Finding finding;
  finding.run = run;
  finding.deviations_found = sim::deviations(schedule);
  finding.schedule = schedule;
  Attempt crash = isolated.follow(schedule);
  if (!crash.crashed() || crash.ending != ending) {
    finding.trace = unsteady(ending, crash, options.settings());
  } else {
    finding.schedule = crash.schedule;
    if (options.shrink_time_max > std::chrono::nanoseconds::zero() && finding.deviations_found > 0) {
      CrashTrial trial(isolated, crash);
      Shrunk shrunk = shrink(trial, finding.schedule, options.shrink_time_max,
                             sim::wants_jitter(options.policy) ? Towards::in_order : Towards::deviations);
      finding.schedule = std::move(shrunk.schedule);
      finding.shrink_runs = shrunk.runs;
      finding.minimal = shrunk.minimal;
      crash = isolated.follow(finding.schedule);
    }
    finding.trace = isolated.record(finding.schedule, crash, provenance);
    finding.signature = crash.ending.in_words() + " " + std::to_string(crash.spawned);
  }
  finding.deviations = sim::deviations(finding.schedule);
  provenance.put_on(finding.trace);
  result.finding = std::move(finding);
}

void keep_crash(const Options& options, const Ending& ending, std::uint64_t run, Exploration& result) {
  Finding finding;
  finding.run = run;
  finding.trace.settings = options.settings();
  finding.trace.verdict.kind = VerdictKind::crash;
  finding.trace.verdict.message = "the process " + ending.in_words() +
                                  ", and left nothing: the choices of run " + std::to_string(run) +
                                  std::string(choices_unknown);
  Provenance(options, run).put_on(finding.trace);
  result.notes.emplace_back("its trace has no choices, and cannot be replayed; run it alone to see it again");
  result.finding = std::move(finding);
}

Exploration replay_crash(const sim::Scenario& scenario, const traces::Trace& trace, const Options& options) {
  if (trace.verdict.message.ends_with(choices_unknown))
    throw std::runtime_error(
        "the trace of '" + trace.scenario +
        "' cannot be replayed: the process left no choices when it ended. Explore again with seed " +
        std::to_string(trace.seed) + ", which ended it in run " + std::to_string(trace.run));
  Exploration result;
  result.name = trace.scenario;
  result.runs = 1;
  result.replayed = true;
  sim::Schedule schedule;
  for (const traces::Choice& choice : trace.choices) {
    schedule.emplace_back(sim::kind_of(choice.label), choice.options, choice.taken);
  }
  Isolated isolated(scenario, trace.settings, options);
  const Attempt attempt = isolated.follow(schedule);
  result.steps = attempt.steps;
  result.notes.emplace_back("the trace was followed in a process of its own, because it ended one");
  const std::size_t followed = followed_of(schedule, attempt.schedule);
  if (followed < schedule.size()) {
    result.corpus_in_part = 1;
    result.notes.push_back("the trace was followed for " + std::to_string(followed) + " choices only");
  }
  if (!attempt.crashed() && !attempt.failed) return result;
  const Provenance provenance(trace);
  Finding finding;
  finding.run = trace.run;
  finding.schedule = attempt.schedule;
  finding.deviations = finding.deviations_found = sim::deviations(finding.schedule);
  if (attempt.crashed()) {
    finding.trace = isolated.record(attempt.schedule, attempt, provenance);
  } else {
    finding.trace = unsteady({}, attempt, trace.settings);
    finding.trace.verdict.message =
        "the run no longer ends its process, and fails in another way: explore again";
  }
  provenance.put_on(finding.trace);
  finding.trace.generated = trace.generated;
  result.finding = std::move(finding);
  return result;
}

}  // namespace coweave::detail
