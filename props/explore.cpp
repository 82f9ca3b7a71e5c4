#include <coweave/props/explore.hpp>

#include <coweave/props/conduct.hpp>
#include <coweave/props/counterexample/explainer.hpp>
#include <coweave/props/coverage/census.hpp>
#include <coweave/props/coverage/marks.hpp>
#include <coweave/props/coverage/progress.hpp>
#include <coweave/props/deadline.hpp>
#include <coweave/props/monitors/witness.hpp>
#include <coweave/props/one_run.hpp>
#include <coweave/props/replay.hpp>
#include <coweave/props/watchdog.hpp>
#include <coweave/props/workers/crash.hpp>
#include <coweave/props/workers/division.hpp>
#include <coweave/props/workers/workers.hpp>
#include <coweave/sim/policies/policy_name.hpp>
#include <coweave/sim/search/measure.hpp>
#include <coweave/sim/search/search.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>

namespace coweave {

namespace {

void require_not_negative(const char* option, std::chrono::nanoseconds value) {
  if (value < std::chrono::nanoseconds::zero())
    throw std::invalid_argument(std::string("the option ") + option +
                                " is negative: " + std::to_string(value.count()) + " ns");
}

class Explorer {
 public:
  Explorer(const sim::Scenario& scenario, Options options)
      : scenario_(scenario),
        options_(std::move(options)),
        simulation_(options_.settings()),
        witness_(options_.monitors, options_.races),
        watch_(simulation_, who(options_), options_.step_wall_time_max),
        explainer_(simulation_, scenario_, options_, result_),
        one_run_(simulation_, scenario_, watch_, explainer_),
        progress_(options_),
        deadline_(options_.wall_time_max) {
    result_.name = options_.name;
    witness_.watch(simulation_);
    simulation_.set_fault_odds(options_.fault_odds);
    if (deadline_.bounded() && options_.workers == 0)  // workers are ended from here
      one_run_.let_interrupt([this] { return deadline_.passed(); });
  }

  Exploration explore(std::unique_ptr<sim::Policy> policy) {
    is_systematic_ = policy->enumerates() || policy->search();
    if (options_.workers == 0) {
      run_here(*policy);
      if (const sim::Search* search = policy->search(); search && ended_) drop(search->dropped());
      for (const detail::Counted& mark : one_run_.marks().marks()) marks_.add(mark);
      result_.coverage = census_.coverage(*policy);
      tell_what_is_left(*policy);
    } else {
      detail::Division division(one_run_, std::move(policy), options_.runs);
      run_in_workers(division);
      result_.coverage = census_.coverage(division.policy());
      tell_what_is_left(division.policy());
    }
    if (std::string complaint = watch_.complaint(); !complaint.empty())
      (result_.finding ? result_.notes.emplace_back() : result_.blocked) = std::move(complaint);
    detail::judge_marks(marks_, options_, result_);
    return std::move(result_);
  }

 private:
  using RunEnd = detail::RunEnd;
  using Part = detail::Part;
  using Workers = detail::Workers;

  static std::string who(const Options& options) {
    return "scenario '" + options.name + "', policy " + options.policy + ", seed " +
           std::to_string(options.seed);
  }

  void run_here(sim::Policy& decides) {
    sim::Measure policy(decides);
    for (std::uint64_t run = 1; run <= options_.runs; ++run) {
      if (!policy.begin_run(run)) return exhausted(decides.covers_all());
      const RunEnd end = one_run_.run(policy, run);
      if (end.kind == RunEnd::Kind::interrupted) return stop_within(run);
      count(end.record);
      if (end.kind == RunEnd::Kind::failed)
        explainer_.explain({*end.failure, end.schedule, end.record.steps}, run);
      if (end.kind != RunEnd::Kind::passed) return;
      census_.add(end.record, policy);
      progress_.update(result_, census_, policy);
      if (out_of_time()) return;
    }
  }

  void run_in_workers(detail::Division& division) {
    std::uint32_t count_of_workers = options_.workers;
    if (!division.possible() && count_of_workers > 1) {
      count_of_workers = 1;
      if (options_.runs > 1 && options_.policy != "fifo")  // one run cannot be shared anyway
        result_.notes.push_back("a run of policy " + options_.policy +
                                " may depend on all before it: one worker did them all");
    }
    Workers workers(count_of_workers, division, simulation_,
                    [this](detail::BlackBox& box) { watch_.begin_in_copy([&box] { box.note_hang(); }); });
    bool covers_all = true;
    Part part;
    detail::Ending ending;
    while (result_.runs < options_.runs) {
      if (out_of_time()) return;
      const Workers::Came came = workers.next(patience(), part, ending);
      progress_.update(result_, census_, division.policy());
      if (came == Workers::Came::nothing_yet) continue;
      if (came == Workers::Came::end) break;
      const std::uint64_t runs_left = options_.runs - result_.runs;
      add_marks(part, runs_left);
      for (const detail::RunRecord& run : part.runs) {
        if (result_.runs == options_.runs) return;
        count(run);
        census_.add(run, division.policy());
      }
      if (part.then == Part::Then::end) covers_all = covers_all && part.exhausted;
      if (part.then == Part::Then::more || part.then == Part::Then::end) continue;
      if (result_.runs < options_.runs) end_with(part, ending);
      return;
    }
    if (result_.runs == options_.runs) return;
    exhausted(covers_all);
    drop(workers.dropped());
  }

  /// A run in a worker did not pass: it is done again here, unless that would end this process too.
  void end_with(const Part& part, const detail::Ending& ending) {
    detail::RunRecord last;
    last.steps = part.steps;
    count(last);
    const std::uint64_t run = result_.runs;
    switch (part.then) {
      case Part::Then::crashed:
        if (!part.kept) return detail::keep_crash(options_, ending, run, result_);
        return detail::explain_crash(scenario_, options_, part.schedule, ending, run, result_);
      case Part::Then::failed:
        return explainer_.explain(part.schedule, part.steps, run);
      case Part::Then::another:
        if (explainer_.repeat(part.schedule, part.steps, run))
          explainer_.differed(
              "a run in a worker process passed, and did something else the second time; here it "
              "does the same each time",
              part.schedule, run);
        return;
      default:
        result_.blocked = "step " + std::to_string(part.steps) + " of run " + std::to_string(run) +
                          ", or one before it, took more than " + duration_text(options_.step_wall_time_max) +
                          " of real time: code under simulation must not block. The exploration ended there";
    }
  }

  /// Those that the first `runs` runs of `part` came by.
  void add_marks(const Part& part, std::uint64_t runs) {
    std::vector<detail::Counted> sums = part.marks;
    for (detail::Counted& sum : sums) sum.seen = sum.held = sum.armed = 0;
    for (const detail::MarksOfRun& seen : part.marks_seen) {
      if (seen.run >= runs) break;
      sums[seen.mark].seen += seen.seen;
      sums[seen.mark].held += seen.held;
      sums[seen.mark].armed += seen.armed;
    }
    for (const detail::Counted& sum : sums) {
      if (sum.seen > 0) marks_.add(sum);
    }
  }

  void count(const detail::RunRecord& run) {
    ++result_.runs;
    result_.steps += run.steps;
    if (run.gave_up) ++result_.given_up;
    left_out_ = left_out_ || run.left_out;
  }

  void exhausted(bool covers_all) {
    ended_ = true;
    result_.exhausted = covers_all && !left_out_;
  }

  /// A search that has come to its end had no room for what these words say.
  void drop(std::string words) {
    dropped_ = std::move(words);
    result_.exhausted = result_.exhausted && dropped_.empty();
  }

  /// Of a search that found nothing: what it has not shown.
  void tell_what_is_left(const sim::Policy& policy) {
    if (result_.finding || !result_.blocked.empty() || !result_.unfinished.empty()) return;
    result_.whole = policy.whole();
    if (is_systematic_ && !ended_)
      result_.notes.emplace_back("the search did not come to its end: what is left may fail");
    if (is_systematic_ && ended_ && !result_.exhausted)
      result_.notes.emplace_back("the search came to its end, but left something out");
    if (left_out_) result_.notes.push_back(policy.left_out_in_words());
    if (!dropped_.empty()) result_.notes.push_back(dropped_);
    if (std::string caveat = policy.caveat(); !caveat.empty()) result_.notes.push_back(std::move(caveat));
  }

  bool out_of_time() {
    if (!deadline_.passed()) return false;
    stop("");
    return true;
  }
  void stop_within(std::uint64_t run) {
    stop(", within run " + std::to_string(run) + ", which is not counted");
  }
  void stop(const std::string& where) { detail::end_for_time(options_, where, result_); }

  /// How long to wait for what workers say.
  [[nodiscard]] std::chrono::milliseconds patience() const {
    constexpr std::chrono::milliseconds most{100};
    if (!deadline_.bounded()) return most;
    return std::min(most, std::chrono::ceil<std::chrono::milliseconds>(deadline_.left()));
  }

  const sim::Scenario& scenario_;
  Options options_;
  sim::Simulation simulation_;
  detail::MonitorWitness witness_;
  detail::Watch watch_;
  Exploration result_;
  detail::Explainer explainer_;
  detail::OneRun one_run_;
  detail::Census census_;
  detail::MarkTally marks_;
  detail::Progress progress_;
  detail::Deadline deadline_;
  bool is_systematic_ = false;
  bool ended_ = false;     // all that the policy knows was tried
  bool left_out_ = false;  // but for tasks that go on for long
  std::string dropped_;    // and for this
};

}  // namespace

namespace detail {

void end_for_time(const Options& options, const std::string& where, Exploration& result) {
  const std::string bound = "stopped at the bound on wall time, " + duration_text(options.wall_time_max);
  if (result.runs == 0) {
    result.unfinished = bound + ": no run came to its end, so nothing is known";
  } else {
    result.notes.push_back(bound + where);
  }
}

namespace {

std::vector<ExpectedName> expected_names(const MarkTally& tally, const Options& options,
                                         const Exploration& result) {
  std::vector<ExpectedName> names;
  for (const std::string& label : options.fault_labels) {
    const bool seen = std::any_of(result.faults.begin(), result.faults.end(),
                                  [&](const FaultPoint& fault) { return fault.label == label; });
    names.push_back({"fault '" + label + "'", "fault_labels", seen});
  }
  if (!options.races.any()) return names;
  for (const std::string& name : options.races.silent) {
    const std::string variable = variable_called(name);
    names.push_back({variable, "races.silent", tally.saw(variable)});
  }
  return names;
}

}  // namespace

void judge_marks(const MarkTally& tally, const Options& options, Exploration& result) {
  result.marks = tally.marks(options.expected_marks);
  result.faults = tally.faults();
  result.races = tally.races();
  result.patterns = patterns_expected_by(options.monitors);
  for (std::size_t pattern = 0; pattern < result.patterns.size(); ++pattern)
    result.patterns[pattern].occurred = tally.occurred(pattern);
  const bool passed = result.passed();
  if (passed) result.names = expected_names(tally, options, result);
  result.marks_missed = options.require_marks && passed && !all_held(result.marks);
  result.patterns_missed = options.require_patterns && passed && !all_occurred(result.patterns);
}

Exploration search(const sim::Scenario& scenario, const Options& options,
                   std::unique_ptr<sim::Policy> policy) {
  if (!scenario)
    throw std::invalid_argument("explore() needs a scenario: a callable that returns Coro<void>");
  if (options.runs == 0) throw std::invalid_argument("explore() needs at least one run");
  if (options.steps_max == 0 || options.tasks_max == 0)
    throw std::invalid_argument("explore() needs bounds of at least 1 on steps and tasks");
  if (options.workers > workers_max)
    throw std::invalid_argument("explore() takes at most " + std::to_string(workers_max) + " workers, got " +
                                std::to_string(options.workers));
  if (options.fault_odds.armed == 0)
    throw std::invalid_argument("explore() needs fault_odds.armed of at least 1; faults_max = 0 is for none");
  require_not_negative("virtual_time_max", options.virtual_time_max);
  require_not_negative("step_cost", options.step_cost);
  require_not_negative("jitter", options.jitter);
  require_not_negative("wall_time_max", options.wall_time_max);
  require_not_negative("step_wall_time_max", options.step_wall_time_max);
  require_not_negative("shrink_time_max", options.shrink_time_max);
  if (!policy) policy = sim::make_policy(options.policy, options.seed);
  return Explorer(scenario, options).explore(std::move(policy));
}

}  // namespace detail

Exploration explore(const sim::Scenario& scenario, Options options) {
  return detail::conduct(
      {.search = [&](const Options& wanted) { return detail::search(scenario, wanted); },
       .replay = [&](const traces::Trace& trace, ReplayMode mode,
                     const Options& wanted) { return replay(scenario, trace, mode, wanted); }},
      std::move(options));
}

}  // namespace coweave
