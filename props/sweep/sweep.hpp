#pragma once

/// Sweeps: what can go wrong at each await, tried at each await, one run each.
///
///     const Sweep result = sweep(transfers, cancellation, {.name = "bank"});
///     if (!result.passed()) std::cout << result.report();
///
/// A first run, into which nothing is injected, tells which awaits there are. Then the scenario runs again
/// for each of them, with a cancellation delivered exactly there; so also with time-outs, with exceptions at
/// marked points, and with a lack of memory. Nothing is drawn: the same sweep does the same runs, as many as
/// there are awaits, times a few. After each run holds what always has to hold: it ends, no task is left, no
/// exception is lost, every coroutine was awaited, and nothing is still held. Whatever else must hold the
/// scenario says itself, with COWEAVE_REQUIRE.
///
/// docs/sweeps.md shows what comes of it, and says what is not covered.

#include <coweave/props/coverage/expected_names.hpp>
#include <coweave/props/explore.hpp>
#include <coweave/props/monitors/expected.hpp>
#include <coweave/props/monitors/monitor.hpp>
#include <coweave/props/options.hpp>
#include <coweave/props/races/races.hpp>
#include <coweave/traces/trace.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace coweave {

using traces::SweepKind;

/// A request to cancel reaches a task at an await: those that the scenario gives to `sim::may_cancel`; all
/// tasks, also the root, if it gives none.
inline constexpr SweepKind cancellation = SweepKind::cancellation;
/// The time of a `timeout`, `wait_for`, `wait` or `as_completed` that is pending is up while a task is at an
/// await: the clock jumps to that time, as if all until then had been so slow.
inline constexpr SweepKind timeouts = SweepKind::timeouts;
/// A `fault` or `throw_point` is true.
inline constexpr SweepKind exceptions = SweepKind::exceptions;
/// The layer gets no memory for a coroutine frame, a task, a future or a callback: std::bad_alloc is thrown
/// where the program calls it.
inline constexpr SweepKind allocations = SweepKind::allocations;

/// When, while a task is at an await. The same for a task that has not yet begun.
enum class SweepWindow : std::uint8_t {
  waiting,  ///< it has just begun to wait
  before,   ///< in the step that wakes it, before that does anything
  after,    ///< in the step that wakes it, when that has done everything
  woken,    ///< at the last moment before it goes on
  between,  ///< at any other moment, with `everywhere`
  here,     ///< of a fault, or of memory: there is one moment only
};
inline constexpr std::size_t sweep_windows = 6;

/// "waiting", "before", …
[[nodiscard]] const char* to_string(SweepWindow window) noexcept;

/// An await, or another place, that the first run reached.
struct SweepPlace {
  std::string task;         ///< the identity of the task that is there; "~": none
  std::string name;         ///< and its name
  std::uint64_t visit = 0;  ///< which of the task's places it is, from 1
  traces::Site at;          ///< where that stands
  std::string what;         ///< what the task waits for, or what happens, in words: "acquire Lock 'door'"

  friend bool operator==(const SweepPlace&, const SweepPlace&) = default;
};

/// One injection, and what came of it.
struct SweepEntry {
  std::size_t place = 0;  ///< of `Sweep::places`
  SweepWindow window = SweepWindow::here;
  std::uint64_t order = 1;  ///< which of the swept orders, from 1
  std::uint64_t run = 0;    ///< that tried it; entries for which the injection is the same share a run
  std::optional<std::size_t> failure;  ///< of `Sweep::failures`; none: it passed
};

struct SweepOptions {
  /// Of the scenario: in reports, in traces, and to find the trace that COWEAVE_REPLAY names.
  std::string name = "scenario";

  /// The order around which is swept: asyncio's own, or that of another policy. What is injected is then the
  /// only thing that differs, as far as the program lets it.
  std::string policy = "fifo";
  std::uint64_t seed = 1;
  /// How many of the policy's runs are swept, one after another.
  std::uint64_t orders = 1;
  /// Around asyncio's own order, instead: every order with at most so many deviations from it, before and
  /// after what is injected. The number of runs grows with the product of awaits and choices for 1, and so
  /// on.
  std::uint32_t deviations_max = 0;
  /// Of cancellations and time-outs: not only in the windows of each await, but between any two steps. The
  /// number of runs is then quadratic.
  bool everywhere = false;
  /// Of the faults to sweep; empty: all.
  std::vector<std::string> fault_labels = {};

  /// Tasks left when the scenario ends are cancelled as asyncio.run does, and not reported.
  bool leaks_allowed = false;
  /// What may be held when the scenario has ended: "Lock", "Semaphore" or "Queue" for all of a kind, or one
  /// that has a name: "Lock 'door'". What is held without any injection is found out, and may be.
  std::vector<std::string> may_be_held = {};
  /// As of Options: what must hold in every run, also in those into which something is injected.
  std::vector<monitors::Monitor> monitors = {};
  bool require_patterns = false;
  Races races = {};
  /// As of Options, over all runs of the sweep together.
  std::vector<std::string> expected_marks = {};
  bool require_marks = false;

  /// As of Options, for each run.
  std::uint64_t steps_max = 100'000;
  std::chrono::nanoseconds virtual_time_max = std::chrono::hours(24 * 365);
  std::uint64_t tasks_max = 10'000;
  std::chrono::nanoseconds step_cost{0};
  SchedulingPoints scheduling_points = SchedulingPoints::suspensions;
  std::chrono::nanoseconds step_wall_time_max = std::chrono::seconds(10);
  /// The sweep takes at most so long; zero: no bound. Checked after every run. One that it ends has not tried
  /// everything, and so has not passed.
  std::chrono::nanoseconds wall_time_max{0};

  /// Time for making each counterexample small. Around asyncio's own order nothing can be left out.
  std::chrono::nanoseconds shrink_time_max = std::chrono::seconds(5);
  /// Where traces of failures are written; empty: nowhere.
  std::string trace_dir = {};
  /// A folder of traces that are replayed first, and that gets those of new failures: see Options.
  std::string corpus = {};
  /// A trace to replay instead of sweeping, if it is of this scenario, strictly or tolerantly.
  std::string replay = {};
  ReplayMode replay_mode = ReplayMode::strict;

  /// The same for a single run.
  [[nodiscard]] Options options() const;
};

class Sweep {
 public:
  std::string name;
  SweepKind kind = SweepKind::none;
  std::uint64_t runs = 0;
  std::uint64_t steps = 0;              ///< of all runs together
  std::vector<SweepPlace> places;       ///< in the order in which the first run came to them
  std::vector<SweepEntry> entries;      ///< in the order in which they were tried
  std::vector<Exploration> failures;    ///< each with its finding; those that fail alike count once
  std::vector<std::size_t> unprovoked;  ///< of `failures`: without any injection
  bool replayed = false;                ///< a trace was replayed instead of sweeping
  std::vector<std::string> notes;       ///< for people, a line each
  std::vector<Mark> marks;       ///< that runs came by, by place; before them what was expected in vain
  bool marks_missed = false;     ///< one of them never held, and the options require them all
  std::vector<NotedRace> races;  ///< that were noted, by place
  std::vector<ExpectedPattern> patterns;  ///< that monitors must see to have anything to say, as written
  bool patterns_missed = false;           ///< one of them never occurred, and the options require them all
  std::vector<ExpectedName> names;        ///< that the options give; empty if it failed
  std::string blocked;     ///< which step took too much real time, and so ended the sweep; empty: none did
  std::string unfinished;  ///< what was not tried because the time was up; empty: everything was tried

  /// Nothing failed, whatever was injected, and everything was tried that was to be.
  [[nodiscard]] bool passed() const noexcept {
    return failures.empty() && blocked.empty() && unfinished.empty() && !marks_missed && !patterns_missed;
  }
  /// For each place and window what broke: a line for each place, a column for each window, a letter for
  /// each failure. Places that differ in nothing but the number of the visit share a line.
  [[nodiscard]] std::string table() const;
  /// What a person reads: the table, and the report of each failure; if none failed, a line that says what
  /// was tried.
  [[nodiscard]] std::string report() const;
  /// As of an exploration.
  [[nodiscard]] std::string warnings() const;
};

/// Sweeps; if there is a corpus, it is replayed first, and gets what is found, as with `explore`. So with the
/// environment, but for what says which runs there are: COWEAVE_POLICY, COWEAVE_SEED, COWEAVE_RUNS,
/// COWEAVE_FOR and COWEAVE_WORKERS are without effect. Everything runs in this process. Throws
/// std::invalid_argument for wrong options, std::runtime_error for a trace that cannot be read or written.
Sweep sweep(const sim::Scenario& scenario, SweepKind kind, SweepOptions options = {});

}  // namespace coweave
