#include <coweave/props/sweep/sweep.hpp>

#include <coweave/props/ci/annotations.hpp>
#include <coweave/props/ci/summary.hpp>
#include <coweave/props/conduct.hpp>
#include <coweave/props/remarks.hpp>
#include <coweave/props/replay.hpp>
#include <coweave/props/sweep/sweeper.hpp>
#include <coweave/props/sweep/table.hpp>
#include <coweave/props/trace_files.hpp>
#include <coweave/sim/detectors/ledger.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <utility>

namespace coweave {

const char* to_string(SweepWindow window) noexcept {
  constexpr const char* words[] = {"waiting", "before", "after", "woken", "between", "here"};
  static_assert(std::size(words) == sweep_windows);
  return words[static_cast<std::size_t>(window)];
}

Options SweepOptions::options() const {
  Options options;
  options.name = name;
  options.policy = policy;
  options.seed = seed;
  options.wall_time_max = wall_time_max;
  options.step_wall_time_max = step_wall_time_max;
  options.steps_max = steps_max;
  options.virtual_time_max = virtual_time_max;
  options.tasks_max = tasks_max;
  options.step_cost = step_cost;
  options.fault_labels = fault_labels;
  options.scheduling_points = scheduling_points;
  options.leaks_allowed = leaks_allowed;
  options.monitors = monitors;
  options.require_patterns = require_patterns;
  options.races = races;
  options.expected_marks = expected_marks;
  options.require_marks = require_marks;
  options.shrink_time_max = shrink_time_max;
  options.progress = false;
  options.trace_dir = trace_dir;
  options.corpus = corpus;
  options.replay = replay;
  options.replay_mode = replay_mode;
  return options;
}

namespace {

void require_sense(const sim::Scenario& scenario, SweepKind kind, const SweepOptions& options) {
  if (!scenario) throw std::invalid_argument("sweep() needs a scenario: a callable that returns Coro<void>");
  if (kind == SweepKind::none || kind > SweepKind::allocations)
    throw std::invalid_argument(
        "sweep() needs something to sweep over: cancellation, timeouts, exceptions or allocations");
  if (options.orders == 0) throw std::invalid_argument("sweep() needs at least one order");
  if (options.deviations_max > 0 && (options.policy != "fifo" || options.orders != 1))
    throw std::invalid_argument("sweep() takes either deviations_max or other orders, not both");
  if (options.steps_max == 0 || options.tasks_max == 0)
    throw std::invalid_argument("sweep() needs bounds of at least 1 on steps and tasks");
  if (options.virtual_time_max <= std::chrono::nanoseconds::zero() ||
      options.step_cost < std::chrono::nanoseconds::zero())
    throw std::invalid_argument(
        "sweep() needs a positive virtual_time_max, and a step_cost that is not negative");
  for (const std::string& held : options.may_be_held) {
    if (!sim::ledger_kind(held.substr(0, held.find(' '))))
      throw std::invalid_argument(
          "may_be_held takes Lock, Semaphore and Queue, alone or with a name as in "
          "\"Lock 'door'\", and not \"" +
          held + "\"");
  }
}

/// `conducted`, which the environment has had its say in, but for what says which runs there are.
Options of_sweep(const SweepOptions& asked, Options conducted) {
  conducted.policy = asked.policy;
  conducted.seed = asked.seed;
  conducted.wall_time_max = asked.wall_time_max;
  conducted.workers = 0;
  return conducted;
}

/// `trace`, in whose run what is in `may_be_held` may be held too.
traces::Trace excused(traces::Trace trace, const std::vector<std::string>& may_be_held) {
  std::vector<std::string>& held = trace.settings.may_be_held;
  for (const std::string& one : may_be_held) {
    if (std::find(held.begin(), held.end(), one) == held.end()) held.push_back(one);
  }
  return trace;
}

/// What is told of a sweep as of an exploration: its first failure.
Exploration first_of(Sweep& result) {
  if (!result.failures.empty()) return std::move(result.failures.front());
  Exploration exploration;
  exploration.name = result.name;
  exploration.runs = result.runs;
  exploration.steps = result.steps;
  exploration.blocked = result.blocked;
  exploration.unfinished = result.unfinished;
  exploration.marks = result.marks;
  exploration.marks_missed = result.marks_missed;
  exploration.races = result.races;
  exploration.patterns = result.patterns;
  exploration.patterns_missed = result.patterns_missed;
  exploration.names = result.names;
  return exploration;
}

Sweep replayed(Exploration exploration, SweepKind kind) {
  Sweep result;
  result.name = exploration.name;
  result.kind = kind;
  result.runs = exploration.runs;
  result.steps = exploration.steps;
  result.replayed = true;
  result.blocked = exploration.blocked;
  result.notes = exploration.notes;
  if (exploration.finding) result.failures.push_back(std::move(exploration));
  return result;
}

/// What was swept, with what came of its first failure as it was told.
Sweep complete(Sweep result, Exploration first, const Options& options) {
  if (first.corpus_replayed > 0)
    result.notes.push_back(detail::corpus_in_words(first.corpus_replayed, first.corpus_in_part));
  if (result.failures.empty()) {
    result.notes.insert(result.notes.end(), first.notes.begin(), first.notes.end());
    return result;
  }
  result.failures.front() = std::move(first);
  for (std::size_t index = 1; index < result.failures.size(); ++index) {
    detail::write_finding(result.failures[index], options, detail::failure_letter(index));
    detail::annotate(result.failures[index], options);
  }
  return result;
}

}  // namespace

Sweep sweep(const sim::Scenario& scenario, SweepKind kind, SweepOptions asked) {
  require_sense(scenario, kind, asked);
  std::optional<Sweep> swept;
  Options options;
  Exploration first =
      detail::conduct({.search =
                           [&](const Options& conducted) {
                             options = of_sweep(asked, conducted);
                             swept = detail::sweep_here(scenario, kind, asked, options);
                             return first_of(*swept);
                           },
                       .replay =
                           [&](const traces::Trace& trace, ReplayMode mode, const Options& conducted) {
                             options = of_sweep(asked, conducted);
                             return replay(scenario, excused(trace, asked.may_be_held), mode, conducted);
                           },
                       .sweep = kind},
                      asked.options());
  Sweep result =
      swept ? complete(std::move(*swept), std::move(first), options) : replayed(std::move(first), kind);
  detail::summarise(detail::in_markdown(result), options, result.notes);
  return result;
}

}  // namespace coweave
