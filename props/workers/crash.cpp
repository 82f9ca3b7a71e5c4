#include <coweave/props/workers/crash.hpp>

#include <coweave/props/counterexample/explainer.hpp>
#include <coweave/props/counterexample/neighbour.hpp>
#include <coweave/props/counterexample/provenance.hpp>
#include <coweave/props/counterexample/shrink.hpp>
#include <coweave/props/workers/crash_trial.hpp>
#include <coweave/props/workers/isolated.hpp>
#include <coweave/sim/policies/policy_name.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace coweave::detail {

namespace {

using traces::VerdictKind;

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

bool keeps_order(const Options& options) { return sim::wants_jitter(options.policy); }

/// Of a run that ended as `crash`, as far as there is something to make small.
void make_small(Isolated& isolated, const Attempt& crash, const Options& options, Finding& finding,
                Exploration& result) {
  Shrunk shrunk{crash.schedule, 0, sim::deviations(crash.schedule) == 0};
  const Towards towards = aim(isolated.simulation().settings(), keeps_order(options));
  const bool may_shrink = crash.steps > 0 && (!shrunk.minimal || towards == Towards::preemptions);
  if (options.shrink_time_max > std::chrono::nanoseconds::zero() && may_shrink) {
    CrashTrial trial(isolated, crash);
    shrunk = shrink(trial, crash.schedule, options.shrink_time_max, towards);
    if (towards == Towards::preemptions && !shrunk.preemptions && isolated.order_of(crash).empty())
      result.notes.emplace_back("the order of its steps is not known, and so not its preemptions either");
  }
  tell_how_small(shrunk, options, finding, result);
}

void find_what_decides(Isolated& isolated, const Attempt& crash, const Options& options, Finding& finding) {
  const bool told = finding.trace.choices.size() == finding.schedule.size();
  if (options.shrink_time_max == std::chrono::nanoseconds::zero() || crash.steps == 0 || !told) return;
  CrashTrial trial(isolated, crash);
  tell_what_decides(explain_order(trial, finding.schedule, options.shrink_time_max, keeps_order(options)),
                    finding);
}

}  // namespace

void explain_crash(const sim::Scenario& scenario, const Options& options, const sim::Schedule& schedule,
                   const Ending& ending, std::uint64_t run, Exploration& result) {
  Isolated isolated(scenario, options.settings(), options);
  const Provenance provenance(options, run);
  Finding finding;
  finding.run = run;
  finding.deviations_found = sim::deviations(schedule);
  finding.deviations = finding.deviations_found;
  finding.schedule = schedule;
  const Attempt crash = isolated.follow(schedule);
  if (!crash.crashed() || crash.ending != ending) {
    finding.trace = unsteady(ending, crash, options.settings());
  } else {
    finding.schedule = crash.schedule;
    make_small(isolated, crash, options, finding, result);
    const Attempt small = isolated.follow(finding.schedule);
    if (small.crashed() && small.like(crash)) {
      finding.trace = isolated.record(finding.schedule, small, provenance);
      finding.signature = crash.ending.in_words() + " " + std::to_string(crash.spawned);
      find_what_decides(isolated, small, options, finding);
    } else {
      finding.trace = unsteady(ending, small, options.settings());
    }
  }
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
