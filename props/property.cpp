#include <coweave/props/property.hpp>

#include <coweave/props/conduct.hpp>
#include <coweave/props/deadline.hpp>
#include <coweave/props/replay.hpp>
#include <coweave/sim/policies/policy_name.hpp>
#include <coweave/sim/random.hpp>
#include <coweave/sim/recording/replay.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace coweave::detail {

namespace {

constexpr std::uint32_t size_max = 100;  // rapidcheck's own default
constexpr std::uint64_t number_max = std::numeric_limits<std::uint64_t>::max() / size_max;
constexpr std::uint64_t unbounded = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t cases_unless_told = 100;

class PropertyRunner {
 public:
  PropertyRunner(Input& input, Options options, std::optional<std::uint64_t> runs_of_a_case)
      : input_(input), options_(std::move(options)), search_(options_), deadline_(options_.wall_time_max) {
    if (options_.cases == 0) throw std::invalid_argument("property() needs at least one case");
    if (options_.runs == unbounded) {  // new inputs as long as there is time, not one input for all of it
      search_.runs = runs_of_a_case.value_or(Options{}.runs / cases_unless_told);
      cases_ = unbounded;
    } else {
      const std::uint64_t cases = runs_of_a_case ? options_.runs / *runs_of_a_case : cases_unless_told;
      const std::uint64_t most = std::max<std::uint64_t>(1, options_.runs);
      cases_ = std::clamp<std::uint64_t>(options_.cases.value_or(cases), 1, most);
      search_.runs = std::max<std::uint64_t>(1, options_.runs / cases_);
    }
    search_.shrink_time_max = std::chrono::nanoseconds(0);
    search_.expected_marks.clear();  // of all cases together
    search_.require_marks = false;
    search_.require_patterns = false;
  }

  Exploration run() {
    Exploration all;
    all.name = options_.name;
    MarkTally marks;
    for (std::uint64_t number = 0; number < cases_; ++number) {
      traces::Generated generated;
      sim::Random seeds;
      seeds.reseed(options_.seed, number);
      generated.seed = seeds.next();
      generated.size = size_of(number);
      input_.generate(generated.seed, generated.size);
      search_.seed = seeds.next();
      search_.wall_time_max = deadline_.left();
      Exploration found = search(input_.scenario(false), search_);
      all.cases = number + 1;
      all.runs += found.runs;
      all.given_up += found.given_up;
      all.steps += found.steps;
      for (const Mark& mark : found.marks)
        marks.add({mark.label, mark.at, Counted::Kind::mark, mark.seen, mark.held});
      for (const FaultPoint& fault : found.faults)
        marks.add({fault.label, fault.at, Counted::Kind::fault, fault.seen, fault.fired, fault.armed});
      for (const NotedRace& race : found.races)
        marks.add({race.what, race.at, Counted::Kind::race, race.times});
      for (std::size_t pattern = 0; pattern < found.patterns.size(); ++pattern) {
        if (found.patterns[pattern].occurred)
          marks.add({std::to_string(pattern), {}, Counted::Kind::pattern, 1});
      }
      for (const ExpectedName& name : found.names) {
        if (name.seen) marks.add({name.name, {}, Counted::Kind::named, 1});
      }
      if (found.finding) {
        explain(all, std::move(*found.finding), std::move(generated));
        break;
      }
      if (!found.blocked.empty()) {
        all.blocked = std::move(found.blocked);
        break;
      }
      if (deadline_.passed()) {
        detail::end_for_time(options_, "", all);
        break;
      }
    }
    if (!all.finding && all.blocked.empty() && all.unfinished.empty()) {
      const std::string caveat = sim::make_policy(options_.policy, options_.seed)->caveat();
      if (!caveat.empty()) all.notes.push_back(caveat);
    }
    judge_marks(marks, options_, all);
    return all;
  }

  Exploration replay(const traces::Trace& trace, ReplayMode mode) {
    if (trace.generated.empty())
      throw std::runtime_error("the trace of '" + trace.scenario +
                               "' is not of a property: it has no generated arguments");
    const traces::Generated& generated = trace.generated.front();
    input_.generate(generated.seed, generated.size);
    for (const std::uint32_t shrink : generated.shrinks) {
      if (!input_.look_at_shrink(shrink)) refuse(trace);
      input_.accept();
    }
    if (input_.arguments() != generated.arguments) refuse(trace);
    return coweave::replay(input_.scenario(false), trace, mode, options_);
  }

 private:
  /// Inputs grow from case to case; again and again if nothing but time bounds the cases.
  [[nodiscard]] std::uint32_t size_of(std::uint64_t number) const {
    return static_cast<std::uint32_t>(cases_ > number_max ? number % size_max : number * size_max / cases_);
  }

  [[noreturn]] static void refuse(const traces::Trace& trace) {
    throw std::runtime_error("the generators no longer make the arguments of the trace of '" +
                             trace.scenario +
                             "': the property's signature or rapidcheck has changed since it was recorded");
  }

  void explain(Exploration& all, Finding found, traces::Generated generated) {
    const Deadline deadline(options_.shrink_time_max);
    if (deadline.bounded()) {
      while (!deadline.passed() && shrink_once(found, generated, deadline)) {
      }
      if (deadline.passed())
        all.notes.push_back("the time to shrink, " + duration_text(options_.shrink_time_max) +
                            ", was up before the input was proved to be the smallest");
    }
    generated.arguments = input_.arguments();
    Options once = search_;
    once.runs = 1;
    once.shrink_time_max = options_.shrink_time_max;
    once.wall_time_max = std::chrono::nanoseconds(0);
    Exploration again = search_from(found.schedule, input_.scenario(false), once);
    all.notes.insert(all.notes.end(), again.notes.begin(), again.notes.end());
    // It fails again, since only the schedule decides; a scenario that does not is told as it was found.
    Finding finding = again.finding ? std::move(*again.finding) : std::move(found);
    finding.run = all.runs;
    finding.trace.seed = options_.seed;
    finding.trace.run = all.runs;
    finding.trace.generated = {std::move(generated)};
    all.finding = std::move(finding);
  }

  /// Takes the first shrink of the input that fails in the same way, under the schedule that failed or fresh
  /// ones.
  bool shrink_once(Finding& found, traces::Generated& generated, const Deadline& deadline) {
    for (std::uint32_t index = 0; !deadline.passed() && input_.look_at_shrink(index); ++index) {
      Options attempt = search_;
      attempt.runs = std::max<std::uint64_t>(search_.runs, 100);
      attempt.wall_time_max = deadline.left();
      Exploration candidate = search_from(found.schedule, input_.scenario(true), attempt);
      if (!candidate.finding || candidate.finding->trace.verdict.kind != found.trace.verdict.kind ||
          candidate.finding->signature != found.signature)
        continue;
      input_.accept();
      generated.shrinks.push_back(index);
      found = std::move(*candidate.finding);
      return true;
    }
    return false;
  }

  /// Tries `schedule` as far as it fits, then what the options say.
  static Exploration search_from(const sim::Schedule& schedule, const sim::Scenario& scenario,
                                 const Options& options) {
    return detail::search(
        scenario, options,
        std::make_unique<sim::ReplayFirst>(schedule, sim::make_policy(options.policy, options.seed)));
  }

  Input& input_;
  Options options_;
  Options search_;  ///< of one case
  std::uint64_t cases_ = 0;
  Deadline deadline_;
};

}  // namespace

Exploration run_property(Input& input, Options options, std::optional<std::uint64_t> runs_of_a_case) {
  const auto runner = [&](const Options& wanted) { return PropertyRunner(input, wanted, runs_of_a_case); };
  return conduct({.search = [&](const Options& wanted) { return runner(wanted).run(); },
                  .replay = [&](const traces::Trace& trace, ReplayMode mode,
                                const Options& wanted) { return runner(wanted).replay(trace, mode); }},
                 std::move(options));
}

}  // namespace coweave::detail
