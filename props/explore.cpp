#include <coweave/props/explore.hpp>

#include <coweave/props/deadline.hpp>
#include <coweave/props/shrink.hpp>
#include <coweave/sim/recorder.hpp>
#include <coweave/sim/replay.hpp>
#include <coweave/traces/file.hpp>
#include <coweave/traces/read.hpp>

#include <array>
#include <bit>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace coweave {

namespace {

std::string describe(const std::optional<sim::Choice>& choice, const char* what_if_none) {
  if (!choice) return what_if_none;
  constexpr const char* labels[] = {"next", "cancel", "random"};
  return std::string("a choice '") + labels[static_cast<std::size_t>(choice->kind())] + "' of " +
         std::to_string(choice->options());
}

std::string describe(const sim::Divergence& divergence) {
  return "choice " + std::to_string(divergence.position + 1) + " should be " +
         describe(divergence.expected, "the end of the schedule") + ", and is " +
         describe(divergence.found, "the end of the run");
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

class Explorer {
 public:
  Explorer(const sim::Scenario& scenario, Options options)
      : scenario_(scenario), options_(std::move(options)), simulation_(options_.settings()) {
    result_.name = options_.name;
  }

  Exploration explore() {
    const std::unique_ptr<sim::Policy> policy = sim::make_policy(options_.policy, options_.seed);
    const detail::Deadline deadline(options_.wall_time_max);
    for (std::uint64_t run = 1; run <= options_.runs; ++run) {
      if (!policy->begin_run(run)) {
        result_.exhausted = true;
        break;
      }
      const sim::Failure* failure = simulation_.run(scenario_, *policy);
      result_.runs = run;
      result_.steps += simulation_.steps();
      if (failure) {
        explain(*failure, run);
        break;
      }
      // Runs 1, 2, 4, 8, … are done twice, to see that nothing but the choices decides.
      if (std::has_single_bit(run) && !repeat(run)) break;
      if (deadline.bounded() && deadline.passed()) break;
    }
    return std::move(result_);
  }

  Exploration replay(const traces::Trace& trace) {
    sim::Schedule schedule;
    for (const traces::Choice& told : trace.choices) {
      const sim::ChoiceKind kind = told.label == "next"     ? sim::ChoiceKind::next
                                   : told.label == "cancel" ? sim::ChoiceKind::cancel
                                                            : sim::ChoiceKind::random;
      schedule.emplace_back(kind, told.options, told.taken);
    }
    sim::Recorder recorder;
    const std::optional<sim::Divergence> divergence = record(recorder, schedule);
    result_.runs = 1;
    result_.steps = simulation_.steps();
    result_.replayed = true;
    traces::Trace seen = std::move(recorder.trace());
    seen.scenario = trace.scenario;
    seen.policy = trace.policy;
    seen.seed = trace.seed;
    seen.run = trace.run;
    seen.generated = trace.generated;
    std::string difference = divergence ? describe(*divergence) : identity_difference(trace, seen);
    if (!difference.empty()) {
      traces::Verdict verdict;
      verdict.kind = traces::VerdictKind::nondeterminism;
      verdict.message = "the run does not follow the trace: " + difference +
                        ". The program is not the one that the trace was recorded with.";
      verdict.step = seen.verdict.step;
      verdict.time_ns = seen.verdict.time_ns;
      seen.verdict = std::move(verdict);
    }
    if (seen.verdict.kind == traces::VerdictKind::passed) return std::move(result_);
    Finding finding;
    finding.run = trace.run;
    finding.deviations = finding.deviations_found = sim::deviations(schedule);
    finding.trace = std::move(seen);
    result_.finding = std::move(finding);
    return std::move(result_);
  }

 private:
  /// Follows `schedule` with the recorder on.
  std::optional<sim::Divergence> record(sim::Recorder& recorder, const sim::Schedule& schedule) {
    sim::StrictReplay policy(schedule);
    policy.begin_run(1);
    simulation_.run(scenario_, policy, &recorder);
    return policy.divergence();
  }

  static std::string identity_difference(const traces::Trace& expected, const traces::Trace& seen) {
    for (std::size_t index = 0; index < expected.choices.size() && index < seen.choices.size(); ++index) {
      const traces::Choice& was = expected.choices[index];
      const traces::Choice& is = seen.choices[index];
      if (was.picked == is.picked && was.label == is.label) continue;
      return "choice " + std::to_string(index + 1) + " ('" + was.label + "', step " +
             std::to_string(was.step) + ") should pick " + was.picked + ", and there stands " +
             (is.label != was.label ? "'" + is.label + "'" : is.picked);
    }
    return {};
  }

  /// Runs the schedule of the run that has just passed again. False: it did something else.
  bool repeat(std::uint64_t run) {
    const sim::Schedule schedule = simulation_.schedule();
    const std::uint64_t steps = simulation_.steps();
    sim::StrictReplay policy(schedule);
    policy.begin_run(1);
    const sim::Failure* failure = simulation_.run(scenario_, policy);
    std::string difference;
    if (policy.divergence()) {
      difference = describe(*policy.divergence());
    } else if (failure) {
      difference = "the first time it passed, and now it failed: " + failure->message;
    } else if (simulation_.steps() != steps) {
      difference = "it took " + std::to_string(steps) + " steps the first time and " +
                   std::to_string(simulation_.steps()) + " the second";
    } else {
      return true;
    }
    sim::Recorder recorder;
    record(recorder, schedule);
    Finding finding;
    finding.trace = std::move(recorder.trace());
    finding.trace.verdict = nondeterministic(std::move(difference), finding.trace.verdict);
    finding.deviations = finding.deviations_found = sim::deviations(schedule);
    keep(std::move(finding), run);
    return false;
  }

  void explain(const sim::Failure& found, std::uint64_t run) {
    const sim::Failure failure = found;
    const sim::Schedule schedule = simulation_.schedule();
    const std::uint64_t steps = simulation_.steps();

    Finding finding;
    finding.hint = failure.hint;
    finding.deviations_found = sim::deviations(schedule);

    sim::Recorder recorder;
    const std::optional<sim::Divergence> divergence = record(recorder, schedule);
    std::string difference;
    if (divergence) {
      difference = describe(*divergence);
    } else if (recorder.trace().verdict.kind != failure.kind || recorder.trace().verdict.step != steps) {
      difference = "the first time it failed at step " + std::to_string(steps) +
                   ", the second time at step " + std::to_string(recorder.trace().verdict.step);
    }
    if (!difference.empty()) {
      finding.trace = std::move(recorder.trace());
      finding.trace.verdict = nondeterministic(std::move(difference), finding.trace.verdict);
      finding.deviations = finding.deviations_found;
      keep(std::move(finding), run);
      return;
    }

    Shrunk shrunk{schedule, 0, finding.deviations_found == 0};
    if (options_.shrink_time_max > std::chrono::nanoseconds::zero() && finding.deviations_found > 0) {
      shrunk = shrink(simulation_, scenario_, schedule, failure, options_.shrink_time_max);
      record(recorder, shrunk.schedule);
    }
    finding.deviations = sim::deviations(shrunk.schedule);
    finding.shrink_runs = shrunk.runs;
    finding.minimal = shrunk.minimal;
    finding.trace = std::move(recorder.trace());
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
  Exploration result_;
};

Options options_of(const traces::Trace& trace) {
  Options options;
  options.name = trace.scenario;
  options.steps_max = trace.settings.steps_max;
  options.virtual_time_max = std::chrono::nanoseconds(trace.settings.time_max_ns);
  options.tasks_max = trace.settings.tasks_max;
  options.step_cost = std::chrono::nanoseconds(trace.settings.step_cost_ns);
  options.cancellations_max = trace.settings.cancellations_max;
  options.leaks_allowed = trace.settings.leaks_allowed;
  return options;
}

/// "two users: bob" as part of a file name: "two-users-bob".
std::string file_name(const std::string& name) {
  std::string file;
  for (const char character : name) {
    const bool plain = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
                       (character >= '0' && character <= '9');
    if (plain) {
      file += character;
    } else if (!file.empty() && file.back() != '-') {
      file += '-';
    }
  }
  while (file.ends_with('-')) file.pop_back();
  return (file.empty() ? "scenario" : file) + ".json";
}

}  // namespace

namespace detail {

Exploration search(const sim::Scenario& scenario, const Options& options) {
  if (!scenario)
    throw std::invalid_argument("explore() needs a scenario: a callable that returns Coro<void>");
  if (options.runs == 0) throw std::invalid_argument("explore() needs at least one run");
  if (options.steps_max == 0 || options.tasks_max == 0)
    throw std::invalid_argument("explore() needs bounds of at least 1 on steps and tasks");
  return Explorer(scenario, options).explore();
}

void write_finding(Finding& finding, const std::string& directory) {
  std::filesystem::create_directories(directory);
  finding.trace_path = (std::filesystem::path(directory) / file_name(finding.trace.scenario)).string();
  if (const auto error = traces::write_trace_file(finding.trace, finding.trace_path))
    throw std::runtime_error("the trace could not be written: " + traces::to_string(*error));
}

std::optional<traces::Trace> trace_to_replay(const Options& options) {
  if (options.replay.empty()) return std::nullopt;
  traces::ReadResult read = traces::read_trace_file(options.replay);
  if (!read)
    throw std::runtime_error("COWEAVE_REPLAY=" + options.replay + ": " + traces::to_string(read.error));
  if (read.trace->scenario != options.name) return std::nullopt;
  return std::move(read.trace);
}

}  // namespace detail

Exploration explore(const sim::Scenario& scenario, Options options) {
  options = with_environment(std::move(options));
  if (const auto trace = detail::trace_to_replay(options)) return replay(scenario, *trace);
  Exploration result = detail::search(scenario, options);
  if (result.finding && !options.trace_dir.empty()) detail::write_finding(*result.finding, options.trace_dir);
  return result;
}

Exploration replay(const sim::Scenario& scenario, const traces::Trace& trace) {
  return Explorer(scenario, options_of(trace)).replay(trace);
}

}  // namespace coweave
