#include <coweave/props/replay.hpp>

#include <coweave/props/counterexample/provenance.hpp>
#include <coweave/props/monitors/witness.hpp>
#include <coweave/props/watchdog.hpp>
#include <coweave/props/workers/crash.hpp>
#include <coweave/sim/policies/policy_name.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/sim/recording/replay.hpp>
#include <coweave/sim/recording/tolerant_replay.hpp>
#include <coweave/sim/recording/trace_replay.hpp>
#include <coweave/sim/simulation.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace coweave {

namespace {

/// `options` with what shaped the run of `trace` besides its choices.
Options under_settings_of(const traces::Trace& trace, Options options) {
  options.name = trace.scenario;
  options.steps_max = trace.settings.steps_max;
  options.virtual_time_max = std::chrono::nanoseconds(trace.settings.time_max_ns);
  options.tasks_max = trace.settings.tasks_max;
  options.step_cost = std::chrono::nanoseconds(trace.settings.step_cost_ns);
  options.jitter = std::chrono::nanoseconds(trace.settings.jitter_ns);
  options.cancellations_max = trace.settings.cancellations_max;
  options.leaks_allowed = trace.settings.leaks_allowed;
  options.scheduling_points = trace.settings.scheduling_points;
  options.faults_max = trace.settings.faults_max;
  options.fault_labels = trace.settings.fault_labels;
  return options;
}

/// One recorded run under a policy that follows `trace`.
class Replayer {
 public:
  Replayer(const sim::Scenario& scenario, const traces::Trace& trace, const Options& options)
      : scenario_(scenario),
        trace_(trace),
        simulation_(trace.settings),
        witness_(options.monitors, options.races),
        watch_(simulation_, "the replay of a trace of '" + trace.scenario + "'", options.step_wall_time_max) {
    witness_.watch(simulation_);
  }

  Exploration strictly() {
    sim::TraceReplay policy(trace_, recorder_);
    Exploration result = run(policy);
    traces::Verdict& verdict = recorder_.trace().verdict;
    if (!policy.difference().empty() && verdict.kind != traces::VerdictKind::nondeterminism) {
      // It made its choices as the trace, and ended before the trace did.
      traces::Verdict left;
      left.kind = traces::VerdictKind::nondeterminism;
      left.message = "the run does not follow the trace: " + policy.difference();
      left.step = verdict.step;
      left.time_ns = verdict.time_ns;
      verdict = std::move(left);
    }
    return told(std::move(result));
  }

  Exploration tolerantly() {
    sim::TolerantReplay policy(trace_, recorder_);
    Exploration result = run(policy);
    result.notes = policy.skipped();
    result.corpus_in_part = result.notes.empty() ? 0 : 1;
    return told(std::move(result));
  }

  /// The schedule of the first `choices` choices of the trace, or of as many as apply; a note if they are
  /// fewer.
  sim::Schedule prefix(std::size_t choices, std::vector<std::string>& notes) {
    sim::TraceReplay policy(trace_, recorder_, std::min(choices, trace_.choices.size()));
    run(policy);
    if (!policy.difference().empty())
      notes.push_back("the trace was followed for " + std::to_string(policy.followed()) +
                      " choices only: " + policy.difference());
    const sim::Schedule& schedule = simulation_.schedule();
    return {schedule.begin(), schedule.begin() + static_cast<std::ptrdiff_t>(policy.followed())};
  }

 private:
  Exploration run(sim::Policy& policy) {
    policy.begin_run(1);
    watch_.run_begins(1);
    const sim::Failure* failure = simulation_.run(scenario_, policy, &recorder_);
    picture_ = failure ? failure->picture : std::string();
    Exploration result;
    result.name = trace_.scenario;
    result.runs = 1;
    result.steps = simulation_.steps();
    result.replayed = true;
    return result;
  }

  /// `result` with what the recorder has seen.
  Exploration told(Exploration result) {
    traces::Trace& seen = recorder_.trace();
    const bool has_passed = seen.verdict.kind == traces::VerdictKind::passed;
    if (std::string complaint = watch_.complaint(); !complaint.empty())
      (has_passed ? result.blocked : result.notes.emplace_back()) = std::move(complaint);
    if (has_passed) return result;
    detail::Provenance(trace_).put_on(seen);
    seen.generated = trace_.generated;
    Finding finding;
    finding.run = trace_.run;
    finding.schedule = simulation_.schedule();
    finding.deviations = finding.deviations_found = sim::deviations(finding.schedule);
    finding.trace = std::move(seen);
    finding.picture = std::move(picture_);
    result.finding = std::move(finding);
    return result;
  }

  const sim::Scenario& scenario_;
  const traces::Trace& trace_;
  sim::Simulation simulation_;
  detail::MonitorWitness witness_;
  detail::Watch watch_;
  sim::Recorder recorder_;
  std::string picture_;
};

/// The trace of an endless run holds its beginning, under a bound of its own on steps. What has changed since
/// then may come to an end behind that bound, and is judged by the bound of the options.
Exploration tolerantly(const sim::Scenario& scenario, const traces::Trace& trace, const Options& options,
                       Replayer& replayer) {
  Exploration result = replayer.tolerantly();
  const bool reached_a_bound =
      result.finding && result.finding->trace.verdict.kind == traces::VerdictKind::livelock;
  if (!reached_a_bound || options.steps_max <= trace.settings.steps_max) return result;
  traces::Trace longer = trace;
  longer.settings.steps_max = options.steps_max;
  Exploration whole = Replayer(scenario, longer, options).tolerantly();
  return whole.finding ? result : whole;
}

}  // namespace

Exploration replay(const sim::Scenario& scenario, const traces::Trace& trace, ReplayMode mode,
                   Options options) {
  if (trace.verdict.kind == traces::VerdictKind::nondeterminism)
    throw std::runtime_error("the trace of '" + trace.scenario +
                             "' cannot be replayed: it is of a run that was another the second time "
                             "(nondeterminism). Explore again with seed " +
                             std::to_string(trace.seed));
  if (trace.settings.sweep != traces::SweepKind::none && mode == ReplayMode::continuing)
    throw std::invalid_argument(
        "the trace of '" + trace.scenario +
        "' is of a sweep, which draws nothing: there is nothing to go on with. Replay "
        "it strictly or tolerantly");
  if (trace.verdict.kind == traces::VerdictKind::crash && mode != ReplayMode::continuing)
    return detail::replay_crash(scenario, trace, options);
  Replayer replayer(scenario, trace, options);
  switch (mode) {
    case ReplayMode::strict:
      return replayer.strictly();
    case ReplayMode::tolerant:
      return tolerantly(scenario, trace, options, replayer);
    case ReplayMode::continuing:
      break;
  }
  std::vector<std::string> notes;
  sim::Schedule prefix = replayer.prefix(options.replay_choices, notes);
  notes.insert(notes.begin(),
               "every run begins with " + std::to_string(prefix.size()) + " choices of the trace");
  options = under_settings_of(trace, std::move(options));
  auto policy = std::make_unique<sim::ContinuedReplay>(std::move(prefix),
                                                       sim::make_policy(options.policy, options.seed));
  Exploration result = detail::search(scenario, options, std::move(policy));
  result.notes.insert(result.notes.begin(), notes.begin(), notes.end());
  if (result.exhausted) result.notes.push_back(result.whole + " that begins so was run, and no other");
  if (result.finding) result.finding->trace.generated = trace.generated;
  return result;
}

}  // namespace coweave
