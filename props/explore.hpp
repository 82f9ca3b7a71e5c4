#pragma once

/// Exploring a scenario: many runs under one policy, until a failure, a bound, or exhaustion.
///
///     const Exploration result = explore(transfers, {.name = "bank", .runs = 10'000});
///     if (!result.passed()) std::cout << result.report();
///
/// A failure is replayed at once (a difference is itself a failure, `nondeterminism`), shrunk, replayed again
/// with the recorder on, and told as a trace and a report.

#include <coweave/props/coverage/coverage.hpp>
#include <coweave/props/coverage/expected_names.hpp>
#include <coweave/props/coverage/marks.hpp>
#include <coweave/props/monitors/expected.hpp>
#include <coweave/props/options.hpp>
#include <coweave/sim/simulation.hpp>
#include <coweave/traces/trace.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace coweave {

/// What makes the difference: the schedule that is the nearest to a failing one, and passes.
struct Neighbour {
  std::uint64_t step = 0;     ///< of the failing run, from 1; it passes if this one ...
  std::uint64_t before = 0;   ///< ... comes before this one, which was earlier
  bool brings_along = false;  ///< with the step comes what was injected or drawn in it, or right behind it
  bool alone = false;         ///< all other steps come as they did, and all that was decided with them
  std::string newcomer = {};  ///< if the failing run ended before the step, which then is 0: who takes it
};

/// The same where no order of steps is the difference: a choice of another kind, taken otherwise.
struct OtherwiseTaken {
  std::uint64_t choice = 0;  ///< of the failing run, from 0
  std::uint32_t taken = 0;   ///< the option with which it passes
};

/// Which of the decisions of a failing run matter: those of who goes on; under a policy that keeps asyncio's
/// order, those of anything else.
struct Decisions {
  std::uint64_t all = 0;                  ///< that had more than one option
  std::vector<std::uint64_t> irrelevant;  ///< the steps of those where any other option would do: it fails in
                                          ///< the same way; from 1, in order
  bool of_order = true;                   ///< of who goes on
};

/// What was found, made small and explained.
struct Finding {
  traces::Trace trace;               ///< of the minimal run
  sim::Schedule schedule;            ///< its choices
  std::uint64_t run = 0;             ///< the run that failed first, from 1
  std::size_t deviations_found = 0;  ///< of that run
  std::size_t deviations = 0;        ///< of the minimal one
  std::optional<Neighbour> neighbour;
  std::optional<OtherwiseTaken> otherwise;        ///< if there is no such neighbour
  std::optional<Decisions> decisions;             ///< if there was the time to try each of them
  std::optional<std::uint64_t> preemptions = {};  ///< of the minimal one, instead of deviations its size:
                                                  ///< with more scheduling points than asyncio's own
  bool minimal = false;  ///< proved: no schedule of a smaller size fails in the same way
  std::uint64_t shrink_runs = 0;
  std::uint64_t shrink_runs_to_it = 0;  ///< of these, those until it was found; the others made it no smaller
  std::string signature;                ///< tells failures of one kind apart (see sim::signature_of)
  std::string hint;                     ///< for people; not in the trace, because compilers differ in it
  std::string picture;       ///< an SVG document that shows a history that is not linearizable; else empty
  std::string trace_path;    ///< where the trace was written, empty: nowhere
  std::string picture_path;  ///< and the picture
};

class Exploration {
 public:
  std::string name;
  std::uint64_t runs = 0;
  std::uint64_t given_up = 0;      ///< of these, how many could only repeat what had been, and were given up
  std::uint64_t steps = 0;         ///< of all runs together
  Coverage coverage;               ///< what there is to see, and how much of it was seen
  std::vector<Mark> marks;         ///< that runs came by, by place; before them what was expected in vain
  std::vector<FaultPoint> faults;  ///< that runs came by, by place
  std::vector<NotedRace> races;    ///< that were noted, by place
  bool marks_missed = false;       ///< one of them never held, and the options require them all
  std::vector<ExpectedPattern> patterns;  ///< that monitors must see to have anything to say, as written
  bool patterns_missed = false;           ///< one of them never occurred, and the options require them all
  std::vector<ExpectedName> names;        ///< that the options give; empty if it failed
  bool exhausted = false;                 ///< the search came to its end: what `whole` says was run
  std::string whole = "every schedule";   ///< or all that the policy tells apart
  std::uint64_t cases = 0;                ///< generated inputs of a property; 0: not a property
  bool replayed = false;                  ///< a trace was replayed instead of exploring
  std::uint64_t corpus_replayed = 0;      ///< traces of the corpus that were replayed first
  std::uint64_t corpus_in_part = 0;       ///< of these, or of the one that was replayed: not followed in full
  std::string recorded;            ///< the one that fails again: the path of its file; empty: none does
  std::vector<std::string> notes;  ///< for people, a line each: what of a trace was not followed, …
  std::optional<Finding> finding;
  std::string blocked;     ///< which step took too much real time, and so ended the search; empty: none did
  std::string unfinished;  ///< what a sweep did not try because the time was up, or that no run came to its
                           ///< end until then; empty: nothing

  [[nodiscard]] bool passed() const noexcept {
    return !finding && blocked.empty() && unfinished.empty() && !marks_missed && !patterns_missed;
  }
  /// What a person reads: of a failure the minimal interleaving, the verdict and the command that replays it;
  /// else a line that says what was tried.
  [[nodiscard]] std::string report() const;
  /// What somebody should look at though it passed, a line each: marks that never held, patterns of monitors
  /// that never occurred, names in the options that nothing had, races that were noted. Empty: nothing, or it
  /// did not pass. `report` has it too.
  [[nodiscard]] std::string warnings() const;
};

/// Explores; if there is a corpus, first what it knows of the scenario. The environment overrides `options`
/// (see `with_environment`). Throws std::invalid_argument for wrong options, std::runtime_error for a trace
/// that cannot be read or written.
Exploration explore(const sim::Scenario& scenario, Options options = {});

namespace detail {

/// Tells `result` that the bound on wall time ended it, `where`: if no run came to its end, it has not
/// passed.
void end_for_time(const Options& options, const std::string& where, Exploration& result);

/// Tells `result`, complete but for its marks, patterns and names, what was counted of them, and what of that
/// is not as `options` want it.
void judge_marks(const MarkTally& tally, const Options& options, Exploration& result);

/// `explore` without a look at the environment, and without writing a trace; under `policy`, or if that is
/// null the one of the options.
Exploration search(const sim::Scenario& scenario, const Options& options,
                   std::unique_ptr<sim::Policy> policy = nullptr);

}  // namespace detail
}  // namespace coweave
