#include <coweave/props/counterexample/explainer.hpp>

#include <coweave/props/counterexample/provenance.hpp>
#include <coweave/props/counterexample/straighten.hpp>
#include <coweave/props/workers/child.hpp>
#include <coweave/sim/policies/policy_name.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/sim/recording/replay.hpp>
#include <coweave/sim/search/message.hpp>
#include <coweave/traces/names.hpp>
#include <coweave/traces/site.hpp>
#include <coweave/traces/words.hpp>

#include <optional>
#include <string_view>
#include <utility>

namespace coweave::detail {

namespace {

std::string to_message(const Shrunk& shrunk) {
  std::string message;
  put(message, shrunk.runs);
  put(message, shrunk.minimal);
  put(message, shrunk.runs_to_it);
  put(message, shrunk.preemptions);
  put(message, shrunk.too_long);
  put(message, shrunk.in_time);
  put_all(message, shrunk.schedule);
  return message;
}

Shrunk shrunk_from(const std::string& message) {
  const char* from = message.data();
  Shrunk shrunk;
  shrunk.runs = get<std::uint64_t>(from);
  shrunk.minimal = get<bool>(from);
  shrunk.runs_to_it = get<std::uint64_t>(from);
  shrunk.preemptions = get<std::optional<std::uint64_t>>(from);
  shrunk.too_long = get<bool>(from);
  shrunk.in_time = get<bool>(from);
  get_all(from, shrunk.schedule);
  return shrunk;
}

std::string to_message(const Explained& explained) {
  const Decisions decisions = explained.decisions.value_or(Decisions{});
  std::string message;
  const Neighbour neighbour = explained.neighbour.value_or(Neighbour{});
  put(message, explained.neighbour.has_value());
  put(message, neighbour.step);
  put(message, neighbour.before);
  put(message, neighbour.brings_along);
  put(message, neighbour.alone);
  put(message, std::string_view(neighbour.newcomer));
  put(message, explained.otherwise);
  put(message, explained.decisions.has_value());
  put(message, decisions.all);
  put_all(message, decisions.irrelevant);
  put(message, decisions.of_order);
  return message;
}

Explained explained_from(const std::string& message) {
  const char* from = message.data();
  Explained explained;
  const bool has_neighbour = get<bool>(from);
  Neighbour neighbour;
  neighbour.step = get<std::uint64_t>(from);
  neighbour.before = get<std::uint64_t>(from);
  neighbour.brings_along = get<bool>(from);
  neighbour.alone = get<bool>(from);
  neighbour.newcomer = get_text(from);
  if (has_neighbour) explained.neighbour = std::move(neighbour);
  explained.otherwise = get<std::optional<OtherwiseTaken>>(from);
  const bool decided = get<bool>(from);
  Decisions decisions;
  decisions.all = get<std::uint64_t>(from);
  get_all(from, decisions.irrelevant);
  decisions.of_order = get<bool>(from);
  if (decided) explained.decisions = std::move(decisions);
  return explained;
}

constexpr std::uint64_t endless_steps_max = 1'000;

std::string describe(const std::optional<sim::Choice>& choice, const char* what_if_none) {
  if (!choice) return what_if_none;
  return std::string("a choice '") + sim::to_string(choice->kind()) + "' of " +
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

}  // namespace

void tell_how_small(const Shrunk& shrunk, const Options& options, Finding& finding, Exploration& result) {
  finding.schedule = shrunk.schedule;
  finding.deviations = sim::deviations(shrunk.schedule);
  finding.shrink_runs = shrunk.runs;
  finding.shrink_runs_to_it = shrunk.runs_to_it;
  finding.minimal = shrunk.minimal;
  finding.preemptions = shrunk.preemptions;
  if (shrunk.preemptions && !shrunk.minimal) {
    result.notes.emplace_back("it is not proved that no schedule with fewer preemptions fails in this way");
  } else if (shrunk.too_long) {
    result.notes.push_back("it is too long to be brought to the fewest preemptions: more than " +
                           traces::counted(straightened_choices_max, "choice"));
  } else if (shrunk.in_time) {
    result.notes.emplace_back("it is not proved that no schedule with fewer deviations fails in this way");
  } else if (!shrunk.minimal && shrunk.runs > 0) {
    result.notes.push_back("the time to shrink, " + duration_text(options.shrink_time_max) +
                           ", was up before the failure was proved to be the smallest");
  }
}

void tell_what_decides(Explained explained, Finding& finding) {
  finding.neighbour = std::move(explained.neighbour);
  finding.otherwise = explained.otherwise;
  finding.decisions = std::move(explained.decisions);
  if (!finding.decisions || finding.decisions->of_order) return;
  for (std::uint64_t& choice : finding.decisions->irrelevant) choice = finding.trace.choices[choice].step;
}

/// Runs `schedule` again; `failure` is how that ended, null if it passed. Says where the run left the
/// schedule; empty if it did not.
std::string Explainer::follow(const sim::Schedule& schedule, const sim::Failure*& failure,
                              sim::Recorder* recorder) {
  sim::StrictReplay policy(schedule);
  policy.begin_run(1);
  failure = simulation_.run(scenario_, policy, recorder);
  if (recorder) picture_ = failure ? failure->picture : std::string();
  return policy.divergence() ? describe(*policy.divergence()) : std::string();
}

/// Runs `schedule`, whose run ended in `expected` (null: it passed) after `steps` steps, again. Says what
/// was different; empty if nothing was.
std::string Explainer::difference_of_repetition(const sim::Schedule& schedule, const sim::Failure* expected,
                                                std::uint64_t steps, sim::Recorder* recorder) {
  const sim::Failure* failure = nullptr;
  if (std::string left = follow(schedule, failure, recorder); !left.empty()) return left;
  const auto outcome = [](const sim::Failure* end) {
    return end ? "it failed" + in_words(*end) : "it passed";
  };
  if (outcome(failure) != outcome(expected))
    return "the first time " + outcome(expected) + ", and the second time " + outcome(failure);
  if (simulation_.steps() != steps)
    return "it took " + traces::counted(steps, "step") + " the first time and " +
           std::to_string(simulation_.steps()) + " the second";
  return {};
}

void Explainer::explain(const sim::Schedule& schedule, std::uint64_t steps, std::uint64_t run) {
  const sim::Failure* failure = nullptr;
  const std::string left = follow(schedule, failure, nullptr);
  if (!left.empty() || !failure)
    return differed("in a worker process it failed, and here it " +
                        (left.empty() ? "passed" : "went another way: " + left),
                    schedule, run);
  explain({*failure, schedule, steps}, run);
}

void Explainer::differed(std::string difference, const sim::Schedule& schedule, std::uint64_t run) {
  sim::Recorder recorder;
  const sim::Failure* failure = nullptr;
  follow(schedule, failure, &recorder);
  keep_nondeterministic(std::move(difference), recorder, schedule, run);
}

bool Explainer::repeat(const sim::Schedule& schedule, std::uint64_t steps, std::uint64_t run) {
  std::string difference = difference_of_repetition(schedule, nullptr, steps, nullptr);
  if (difference.empty()) return true;
  differed(std::move(difference), schedule, run);
  return false;
}

/// Of a run without end the beginning is enough, under a lower bound on steps, which the trace carries.
void Explainer::keep_beginning_of_endless(Found& found) {
  const bool could_be_endless = found.failure.kind == traces::VerdictKind::livelock ||
                                found.failure.kind == traces::VerdictKind::deadlock;
  if (!could_be_endless || found.steps <= endless_steps_max) return;
  simulation_.set_steps_max(endless_steps_max);
  sim::LooseReplay policy;
  policy.follow(found.schedule);
  policy.begin_run(1);
  const sim::Failure* failure = simulation_.run(scenario_, policy);
  if (!failure || failure->kind != found.failure.kind) return simulation_.set_steps_max(options_.steps_max);
  result_.notes.push_back("it went on for " + traces::counted(found.steps, "step") + "; told are the first " +
                          std::to_string(endless_steps_max));
  found = {*failure, simulation_.schedule(), simulation_.steps()};
}

/// Replays a failure at once, makes it small, and keeps it.
void Explainer::explain(Found found, std::uint64_t run) {
  keep_beginning_of_endless(found);
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
  const bool may_shrink =
      finding.deviations_found > 0 || options_.scheduling_points != traces::SchedulingPoints::suspensions;
  if (options_.shrink_time_max > std::chrono::nanoseconds::zero() && may_shrink) {
    shrunk = make_small(schedule, failure);
    difference = record_shrunk(shrunk.schedule, failure, recorder);
    if (!difference.empty()) {
      keep_nondeterministic(std::move(difference), recorder, shrunk.schedule, run);
      return;
    }
  }
  tell_how_small(shrunk, options_, finding, result_);
  finding.trace = std::move(recorder.trace());
  if (options_.shrink_time_max > std::chrono::nanoseconds::zero())
    tell_what_decides(find_neighbour(finding.schedule, failure), finding);
  finding.picture = std::move(picture_);
  keep(std::move(finding), run);
}

/// Where workers keep the program from ending this process, so does the shrinker: what it tries may crash.
Shrunk Explainer::make_small(const sim::Schedule& schedule, const sim::Failure& failure) {
  const auto here = [&] {
    return shrink(simulation_, scenario_, schedule, failure, options_.shrink_time_max, keeps_order());
  };
  if (options_.workers == 0) return here();
  std::string text;
  const Ending ending = in_child([&] { return to_message(here()); }, std::chrono::nanoseconds(0), text);
  if (ending == Ending{}) return shrunk_from(text);
  result_.notes.push_back("it was not made small: a schedule that was tried ended its process, which " +
                          ending.in_words());
  return {schedule, 0, false};
}

/// Whether the policy does not vary who goes on, so that what is told must not either.
bool Explainer::keeps_order() const { return sim::wants_jitter(options_.policy); }

Explained Explainer::find_neighbour(const sim::Schedule& schedule, const sim::Failure& failure) {
  const auto here = [&] {
    TrialHere trial(simulation_, scenario_, failure);
    return explain_order(trial, schedule, options_.shrink_time_max, keeps_order());
  };
  if (options_.workers == 0) return here();
  std::string text;
  if (in_child([&] { return to_message(here()); }, std::chrono::nanoseconds(0), text) != Ending{}) return {};
  return explained_from(text);
}

/// Records the run of the shrunk schedule. Says so if it does not fail any more as `found` did.
std::string Explainer::record_shrunk(const sim::Schedule& schedule, const sim::Failure& found,
                                     sim::Recorder& recorder) {
  const sim::Failure* failure = nullptr;
  if (std::string left = follow(schedule, failure, &recorder); !left.empty()) return left;
  return failure && failure->kind == found.kind && failure->signature == found.signature
             ? ""
             : "the first time it failed, and the second time it did not";
}

void Explainer::keep_nondeterministic(std::string difference, sim::Recorder& recorder,
                                      const sim::Schedule& schedule, std::uint64_t run) {
  Finding finding;
  finding.trace = std::move(recorder.trace());
  finding.trace.verdict = nondeterministic(std::move(difference), finding.trace.verdict);
  finding.schedule = schedule;
  finding.deviations = finding.deviations_found = sim::deviations(schedule);
  keep(std::move(finding), run);
}

void Explainer::keep(Finding finding, std::uint64_t run) {
  finding.run = run;
  Provenance(options_, run).put_on(finding.trace);
  result_.finding = std::move(finding);
}

}  // namespace coweave::detail
