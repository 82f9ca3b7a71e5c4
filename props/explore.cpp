#include <coweave/props/explore.hpp>

#include <coweave/props/deadline.hpp>
#include <coweave/props/replay.hpp>
#include <coweave/props/shrink.hpp>
#include <coweave/props/trace_files.hpp>
#include <coweave/props/watchdog.hpp>
#include <coweave/sim/policy_name.hpp>
#include <coweave/sim/recorder.hpp>
#include <coweave/sim/replay.hpp>
#include <coweave/traces/names.hpp>
#include <coweave/traces/site.hpp>

#include <bit>
#include <memory>
#include <stdexcept>
#include <utility>

namespace coweave {

namespace {

std::string describe(const std::optional<sim::Choice>& choice, const char* what_if_none) {
  if (!choice) return what_if_none;
  constexpr const char* labels[] = {"next", "cancel", "random", "late"};
  return std::string("a choice '") + labels[static_cast<std::size_t>(choice->kind())] + "' of " +
         std::to_string(choice->options());
}

std::string describe(const sim::Divergence& divergence) {
  return "choice " + std::to_string(divergence.position + 1) + " should be " +
         describe(divergence.expected, "the end of the schedule") + ", and is " +
         describe(divergence.found, "the end of the run");
}

/// " at bank.cpp:12: balance == 100", as far as it is known when the failure is found.
std::string in_words(const sim::Failure& failure) {
  const traces::Site at = sim::to_site(failure.at);
  std::string text = " (" + std::string(traces::to_string(failure.kind)) + ")";
  if (at.known()) text += " at " + traces::to_string(at);
  return failure.message.empty() ? text : text + ": " + failure.message;
}

/// The same scenario under the same choices did something else.
traces::Verdict nondeterministic(std::string difference, const traces::Verdict& seen) {
  traces::Verdict verdict;
  verdict.kind = traces::VerdictKind::nondeterminism;
  verdict.message = "the same choices gave another run: " + difference +
                    ". Something besides the schedule decides what the scenario does: state kept between "
                    "runs, addresses, hash "
                    "order, the clock, real threads, or uninitialised memory.";
  verdict.step = seen.step;
  verdict.time_ns = seen.time_ns;
  return verdict;
}

void require_not_negative(const char* option, std::chrono::nanoseconds value) {
  if (value < std::chrono::nanoseconds::zero())
    throw std::invalid_argument(std::string("the option ") + option +
                                " is negative: " + std::to_string(value.count()) + " ns");
}

/// A run that failed.
struct Found {
  sim::Failure failure;
  sim::Schedule schedule;
  std::uint64_t steps;
};

constexpr std::uint64_t endless_steps_max = 1'000;

class Explorer {
 public:
  Explorer(const sim::Scenario& scenario, Options options)
      : scenario_(scenario),
        options_(std::move(options)),
        simulation_(options_.settings()),
        watch_(simulation_, who(options_), options_.step_wall_time_max) {
    result_.name = options_.name;
  }

  Exploration explore(sim::Policy& policy) {
    const detail::Deadline deadline(options_.wall_time_max);
    for (std::uint64_t run = 1; run <= options_.runs; ++run) {
      if (!policy.begin_run(run)) {
        result_.exhausted = policy.covers_all();
        if (std::string caveat = policy.caveat(); !caveat.empty()) result_.notes.push_back(std::move(caveat));
        break;
      }
      watch_.run_begins(run);
      const sim::Failure* failure = simulation_.run(scenario_, policy);
      result_.runs = run;
      result_.steps += simulation_.steps();
      if (failure) {
        Found found{*failure, simulation_.schedule(), simulation_.steps()};
        keep_beginning_of_endless(found);
        explain(found, run);
        break;
      }
      // Runs 1, 2, 4, 8, … are done twice, to see that nothing but the choices decides.
      if (std::has_single_bit(run) && !policy.gave_up() && !repeat(run)) break;
      if (!watch_.complaint().empty()) break;
      if (deadline.passed()) {
        result_.notes.push_back("stopped at the bound on wall time, " +
                                duration_text(options_.wall_time_max));
        break;
      }
    }
    if (std::string complaint = watch_.complaint(); !complaint.empty())
      (result_.finding ? result_.notes.emplace_back() : result_.blocked) = std::move(complaint);
    return std::move(result_);
  }

 private:
  static std::string who(const Options& options) {
    return "scenario '" + options.name + "', policy " + options.policy + ", seed " +
           std::to_string(options.seed);
  }

  /// Runs `schedule` again; `failure` is how that ended, null if it passed. Says where the run left the
  /// schedule; empty if it did not.
  std::string follow(const sim::Schedule& schedule, const sim::Failure*& failure, sim::Recorder* recorder) {
    sim::StrictReplay policy(schedule);
    policy.begin_run(1);
    failure = simulation_.run(scenario_, policy, recorder);
    if (recorder) picture_ = failure ? failure->picture : std::string();
    return policy.divergence() ? describe(*policy.divergence()) : std::string();
  }

  /// Runs `schedule`, whose run ended in `expected` (null: it passed) after `steps` steps, again. Says what
  /// was different; empty if nothing was.
  std::string difference_of_repetition(const sim::Schedule& schedule, const sim::Failure* expected,
                                       std::uint64_t steps, sim::Recorder* recorder) {
    const sim::Failure* failure = nullptr;
    if (std::string left = follow(schedule, failure, recorder); !left.empty()) return left;
    const auto outcome = [](const sim::Failure* end) {
      return end ? "it failed" + in_words(*end) : "it passed";
    };
    if (outcome(failure) != outcome(expected))
      return "the first time " + outcome(expected) + ", and the second time " + outcome(failure);
    if (simulation_.steps() != steps)
      return "it took " + std::to_string(steps) + " steps the first time and " +
             std::to_string(simulation_.steps()) + " the second";
    return {};
  }

  /// Runs the schedule of the run that has just passed again. False: it did something else.
  bool repeat(std::uint64_t run) {
    const sim::Schedule schedule = simulation_.schedule();
    std::string difference = difference_of_repetition(schedule, nullptr, simulation_.steps(), nullptr);
    if (difference.empty()) return true;
    sim::Recorder recorder;
    const sim::Failure* failure = nullptr;
    follow(schedule, failure, &recorder);
    keep_nondeterministic(std::move(difference), recorder, schedule, run);
    return false;
  }

  /// Of a run without end the beginning is enough, under a lower bound on steps, which the trace carries.
  void keep_beginning_of_endless(Found& found) {
    const bool could_be_endless = found.failure.kind == traces::VerdictKind::livelock ||
                                  found.failure.kind == traces::VerdictKind::deadlock;
    if (!could_be_endless || found.steps <= endless_steps_max) return;
    simulation_.set_steps_max(endless_steps_max);
    sim::LooseReplay policy;
    policy.follow(found.schedule);
    policy.begin_run(1);
    const sim::Failure* failure = simulation_.run(scenario_, policy);
    if (!failure || failure->kind != found.failure.kind) return simulation_.set_steps_max(options_.steps_max);
    result_.notes.push_back("it went on for " + std::to_string(found.steps) + " steps; told are the first " +
                            std::to_string(endless_steps_max));
    found = {*failure, simulation_.schedule(), simulation_.steps()};
  }

  /// Replays a failure at once, makes it small, and keeps it.
  void explain(const Found& found, std::uint64_t run) {
    const auto& [failure, schedule, steps] = found;
    sim::Recorder recorder;
    std::string difference = difference_of_repetition(schedule, &failure, steps, &recorder);
    if (!difference.empty()) {
      keep_nondeterministic(std::move(difference), recorder, schedule, run);
      return;
    }
    Finding finding;
    finding.hint = failure.hint;
    finding.signature = failure.signature;
    finding.deviations_found = sim::deviations(schedule);
    Shrunk shrunk{schedule, 0, finding.deviations_found == 0};
    if (options_.shrink_time_max > std::chrono::nanoseconds::zero() && finding.deviations_found > 0) {
      shrunk = shrink(simulation_, scenario_, schedule, failure, options_.shrink_time_max);
      difference = record_shrunk(shrunk.schedule, failure, recorder);
      if (!difference.empty()) {
        keep_nondeterministic(std::move(difference), recorder, shrunk.schedule, run);
        return;
      }
    }
    finding.deviations = sim::deviations(shrunk.schedule);
    finding.shrink_runs = shrunk.runs;
    finding.minimal = shrunk.minimal;
    if (!shrunk.minimal && shrunk.runs > 0)
      result_.notes.push_back("the time to shrink, " + duration_text(options_.shrink_time_max) +
                              ", was up before the failure was proved to be the smallest");
    finding.trace = std::move(recorder.trace());
    finding.schedule = std::move(shrunk.schedule);
    finding.picture = std::move(picture_);
    keep(std::move(finding), run);
  }

  /// Records the run of the shrunk schedule. Says so if it does not fail any more as `found` did.
  std::string record_shrunk(const sim::Schedule& schedule, const sim::Failure& found,
                            sim::Recorder& recorder) {
    const sim::Failure* failure = nullptr;
    if (std::string left = follow(schedule, failure, &recorder); !left.empty()) return left;
    return failure && failure->kind == found.kind && failure->signature == found.signature
               ? ""
               : "the first time it failed, and the second time it did not";
  }

  void keep_nondeterministic(std::string difference, sim::Recorder& recorder, const sim::Schedule& schedule,
                             std::uint64_t run) {
    Finding finding;
    finding.trace = std::move(recorder.trace());
    finding.trace.verdict = nondeterministic(std::move(difference), finding.trace.verdict);
    finding.schedule = schedule;
    finding.deviations = finding.deviations_found = sim::deviations(schedule);
    keep(std::move(finding), run);
  }

  void keep(Finding finding, std::uint64_t run) {
    finding.run = run;
    finding.trace.scenario = options_.name;
    finding.trace.policy = options_.policy;
    finding.trace.seed = options_.seed;
    finding.trace.run = run;
    result_.finding = std::move(finding);
  }

  const sim::Scenario& scenario_;
  Options options_;
  sim::Simulation simulation_;
  detail::Watch watch_;
  Exploration result_;
  std::string picture_;  ///< of the failure of the run that was recorded last
};

}  // namespace

namespace detail {

Exploration search(const sim::Scenario& scenario, const Options& options,
                   std::unique_ptr<sim::Policy> policy) {
  if (!scenario)
    throw std::invalid_argument("explore() needs a scenario: a callable that returns Coro<void>");
  if (options.runs == 0) throw std::invalid_argument("explore() needs at least one run");
  if (options.steps_max == 0 || options.tasks_max == 0)
    throw std::invalid_argument("explore() needs bounds of at least 1 on steps and tasks");
  require_not_negative("virtual_time_max", options.virtual_time_max);
  require_not_negative("step_cost", options.step_cost);
  require_not_negative("jitter", options.jitter);
  require_not_negative("wall_time_max", options.wall_time_max);
  require_not_negative("step_wall_time_max", options.step_wall_time_max);
  require_not_negative("shrink_time_max", options.shrink_time_max);
  if (!policy) policy = sim::make_policy(options.policy, options.seed);
  return Explorer(scenario, options).explore(*policy);
}

}  // namespace detail

Exploration explore(const sim::Scenario& scenario, Options options) {
  options = with_environment(std::move(options));
  detail::make_trace_dir(options);
  std::vector<std::string> notes;
  const std::optional<traces::Trace> trace = detail::trace_to_replay(options, notes);
  Exploration result =
      trace ? replay(scenario, *trace, options.replay_mode, options) : detail::search(scenario, options);
  result.notes.insert(result.notes.begin(), notes.begin(), notes.end());
  detail::write_finding(result, options);
  return result;
}

}  // namespace coweave
