#pragma once

/// What an exploration is given: how to search, for how long, within which bounds.

#include <coweave/props/monitors/monitor.hpp>
#include <coweave/props/races/races.hpp>
#include <coweave/sim/choice.hpp>
#include <coweave/traces/trace.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace coweave {

/// How closely a replay keeps to its trace.
enum class ReplayMode : std::uint8_t {
  strict,      ///< stops at the first difference, and says what was expected and what stands there
  tolerant,    ///< matches by identity, skips what no longer applies, and says so
  continuing,  ///< follows the first choices of the trace, and explores from there on
};

using traces::SchedulingPoints;

struct Options {
  /// Of the scenario: in reports, in traces, and to find the trace that COWEAVE_REPLAY names.
  std::string name = "scenario";

  std::string policy = "portfolio";  ///< as docs/policies.md lists them: "surw", "pct:3", "dfs", …
  std::uint64_t seed = 1;            ///< the same seed explores the same schedules in the same order
  std::uint64_t runs = 10'000;  ///< at most so many runs, at least 1; a property shares them among its cases
  /// Of a property: inputs to generate, at least 1. None: 100, and of a state machine one for 20 runs.
  std::optional<std::uint64_t> cases = {};
  /// Processes that share the runs: what is found and counted is the same for any number of them. A run that
  /// ends its process (by a signal, `exit`, a sanitizer) is a failure, and leaves a trace. What a scenario
  /// leaves outside of itself stays in the process that ran it. 0: everything runs in this process
  std::uint32_t workers = 0;
  std::chrono::nanoseconds wall_time_max{0};  ///< at most so long; zero: no bound. Checked after every run

  /// Real time that one step may take. A longer one blocks: when it comes back the exploration ends, and has
  /// not passed; if it has not come back after as long again, the process tells what it was doing on standard
  /// error, and aborts. Zero: no bound. Neither verdicts nor traces depend on it
  std::chrono::nanoseconds step_wall_time_max = std::chrono::seconds(10);

  std::uint64_t steps_max = 100'000;  ///< a run with more steps is a livelock
  std::chrono::nanoseconds virtual_time_max = std::chrono::hours(24 * 365);  ///< beyond it, too
  std::uint64_t tasks_max = 10'000;       ///< more live tasks at once are a failure
  std::chrono::nanoseconds step_cost{0};  ///< virtual time that each step takes
  /// How late the loop may look at its timers, and a `to_thread` body may begin, at most. Each time it is a
  /// choice: not at all, or a hundredth, a tenth or all of it. Zero: it is always on time, unless the policy
  /// is `fifo+jitter`, which takes 100 ms then.
  std::chrono::nanoseconds jitter{0};
  std::uint32_t cancellations_max = 1;         ///< into tasks given to `sim::may_cancel`, per run
  std::uint32_t faults_max = 1;                ///< at points that say `fault`, per run; 0: none
  std::vector<std::string> fault_labels = {};  ///< of faults that may be injected; empty: of all
  sim::FaultOdds fault_odds = {};              ///< how likely they are, under policies that go by chance
  /// Where control can change: where code really suspends, at every await, or also at every access to a
  /// `Shared` and every `spawn`. What each is for: docs/policies.md.
  SchedulingPoints scheduling_points = SchedulingPoints::suspensions;
  bool leaks_allowed =
      false;  ///< tasks left when the scenario ends are cancelled as asyncio.run does, not reported

  /// Labels of `sometimes` that are told of also if no run comes by them.
  std::vector<std::string> expected_marks = {};
  /// Whether an exploration has not passed if a mark that it came by, or expected, never held.
  bool require_marks = false;

  /// What must hold in every run, of the order in which things happen: docs/monitors.md.
  std::vector<monitors::Monitor> monitors = {};
  /// Whether an exploration has not passed if a pattern never occurred that a monitor must see to have
  /// anything to say.
  bool require_patterns = false;
  /// What becomes of races for `Shared` variables: docs/races.md.
  Races races = {};

  /// Time for making a counterexample small. Zero: as it was found.
  std::chrono::nanoseconds shrink_time_max = std::chrono::seconds(5);
  /// Whether an exploration that takes a while tells on standard error how far it is.
  bool progress = true;
  std::string trace_dir = {};  ///< where the trace of a failure is written; empty: nowhere
  /// A folder of traces of failures that were found: those of this scenario are replayed before anything else
  /// is tried, tolerantly, and the trace of a new failure is added. Empty: that of `use_corpus`, if any;
  /// `no_corpus`: none.
  std::string corpus = {};
  /// Whether a failure is also told on standard error as GitHub's annotations of files and lines, and how the
  /// folder of the project is called in its repository, if it is not the repository itself: "services/shop".
  bool github = false;
  std::string github_folder = {};
  std::string summary = {};  ///< a file to which a summary in Markdown is appended; empty: none
  std::string replay = {};   ///< a trace to replay instead of exploring, if it is of this scenario
  ReplayMode replay_mode = ReplayMode::strict;
  /// Of a continuing replay: how many choices of the trace are followed; then `policy` goes on.
  std::size_t replay_choices = std::numeric_limits<std::size_t>::max();

  [[nodiscard]] traces::Settings settings() const;
};

/// At most so many processes share the runs of an exploration.
inline constexpr std::uint32_t workers_max = 256;

/// As the option `corpus`: not even that of `use_corpus`.
inline constexpr const char* no_corpus = "none";

/// `options` as the environment overrides them:
///   COWEAVE_SEED       a whole number, decimal or 0x…
///   COWEAVE_RUNS       a whole number, at least 1
///   COWEAVE_FOR        a duration: 500ms, 30s, 10m, 2h; without COWEAVE_RUNS it lifts the bound on runs
///   COWEAVE_WORKERS    how many processes share the runs, at most 256; 0: none but this one
///   COWEAVE_POLICY     the name of a policy
///   COWEAVE_POINTS     suspensions, awaits or accesses
///   COWEAVE_REPLAY     the path of a trace
///   COWEAVE_REPLAY_MODE  strict, tolerant, continue, or continue:12 for the first 12 choices of the trace
///   COWEAVE_TRACE_DIR  a directory for the traces of failures; made if it does not exist
///   COWEAVE_CORPUS     the folder of the corpus; none: without one
///   COWEAVE_REPORT     text; github, or github:services/shop if that is the folder of the project in its
///                      repository: failures are annotated, and a summary goes to $GITHUB_STEP_SUMMARY
///   COWEAVE_SUMMARY    a file to which a summary in Markdown is appended
/// Throws std::invalid_argument that names the variable, what is wrong with it and what it takes; also for a
/// variable that begins with COWEAVE_ and is none of these, nor one of coweave's own tests and scripts.
[[nodiscard]] Options with_environment(Options options);

/// A duration in words: "500ms", "30s", "10m", "2h". Throws std::invalid_argument.
[[nodiscard]] std::chrono::nanoseconds parse_duration(const std::string& text);

/// The other way round, in the largest unit that has no remainder; "1500us" and "1ns" too.
[[nodiscard]] std::string duration_text(std::chrono::nanoseconds duration);

}  // namespace coweave
