#pragma once

/// The trace: what one run leaves behind, as plain data.
///
/// A trace is a value. The simulation fills it, `write_trace` gives it its canonical bytes, `read_trace`
/// gives it back or says what is wrong, and every rendering is a pure function of it. It holds no
/// addresses, no absolute paths and no wall-clock times, so the same run gives the same trace everywhere.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coweave::traces {

/// The name of the document's format, and the version of it that this library writes and reads.
inline constexpr std::string_view trace_format = "coweave-trace";
inline constexpr int trace_version = 1;

/// A place in the source: the file relative to its project, and the line from 1. Line 0: unknown.
struct Site {
  std::string file;
  std::uint32_t line = 0;

  [[nodiscard]] bool known() const { return line != 0; }
  friend bool operator==(const Site&, const Site&) = default;
};

/// How a run ended. The names in the document are those of the enumerators.
enum class VerdictKind : std::uint8_t {
  passed,
  assertion,         ///< a COWEAVE_REQUIRE did not hold
  exception,         ///< the root task ended with an exception
  deadlock,          ///< nothing can run any more and the root task is not done
  livelock,          ///< the bound on steps or on virtual time was reached
  leaked_task,       ///< the root task is done and another task is not
  never_awaited,     ///< a coroutine was created and dropped without having been started
  never_retrieved,   ///< a task or future failed and nobody looked at its exception
  nondeterminism,    ///< the same choices gave another run
  task_bound,        ///< the bound on live tasks was reached
  non_linearizable,  ///< a history of calls is not consistent with its sequential model
  invariant,         ///< a monitor or a condition on the state was broken
  crash,             ///< the process ended in the middle of a step
  still_held,        ///< a lock, a permit or an item was taken and never given back (found by sweeps)
};

/// One resolved nondeterminism.
struct Choice {
  std::uint64_t step = 0;     ///< the step that it decides about, from 1
  std::string label;          ///< what is decided: "next", "cancel", "random:" or "fault:" and a label, …
  std::uint32_t options = 0;  ///< how many there were, at least 2
  std::uint32_t taken = 0;    ///< which was taken, below `options`; 0 is asyncio's own order
  std::string picked;         ///< stable identity of what was taken, empty if it has none
  /// Of `next`, with more scheduling points than asyncio's own: the task that ran last, if it could have gone
  /// on and was not taken; else empty.
  std::string preempted = {};
  Site at = {};  ///< of a fault: where it stands

  friend bool operator==(const Choice&, const Choice&) = default;
};

/// One task of the run. Its identity is the path of spawn indices from the root task: "0", "0.2", "0.2.0".
struct Task {
  std::string id;
  std::string name;
  Site spawned;

  friend bool operator==(const Task&, const Task&) = default;
};

/// One synchronisation object that the run touched. Ids count from 1 in order of first use.
struct Object {
  std::uint32_t id = 0;
  std::string kind;  ///< "Lock", "Queue", "Future", …
  std::string name;  ///< what the program called it, empty if nothing

  friend bool operator==(const Object&, const Object&) = default;
};

/// What an event tells. The names in the document are those of the enumerators.
enum class EventKind : std::uint8_t {
  run,        ///< the actor begins a step
  operation,  ///< the actor did `text` ("acquire", "release", "put", …) to `object`
  await,      ///< the actor suspends: `text` says on what, `object` or `target` which, `at` where
  wake,       ///< the actor made `target` ready
  spawn,      ///< the actor created the task `target`
  cancel,     ///< the actor requested the cancellation of `target`
  inject,     ///< the simulation injected `text` ("cancel", "timeout", "fault:" and a label) into `target`
  note,       ///< the program said `text`
  finish,     ///< the actor ended: `text` is "returned", "cancelled" or "raised …"
  clock,      ///< nothing was ready: virtual time moved to `time_ns`
  fail,       ///< the failure happened here: `text` is its message
};

/// One thing that happened. An actor is a task ("0.1"), something that runs on a task's behalf ("0.1!timer",
/// "0.1!callback#2"), or the loop itself ("~").
struct Event {
  std::uint64_t step = 0;    ///< the step in which it happened, from 1; 0: before the first
  std::int64_t time_ns = 0;  ///< virtual time since the run began
  std::string actor;
  EventKind kind = EventKind::run;
  std::uint32_t object = 0;  ///< id of an entry of `objects`, 0: none
  std::string target;        ///< identity of another actor, empty: none
  std::string text;
  Site at;

  friend bool operator==(const Event&, const Event&) = default;
};

/// One edge of the wait-for graph: a task, what it waits for, and who could end the wait.
struct Wait {
  std::string task;
  std::string what;                  ///< in words: "Lock 'left fork'", "task 'worker'"
  std::uint32_t object = 0;          ///< id of an entry of `objects`, 0: not an object
  std::string on_task;               ///< identity of the awaited task, empty: not a task
  std::vector<std::string> held_by;  ///< tasks that hold the object
  std::vector<Site> stack;           ///< the stack of awaits, leaf first

  friend bool operator==(const Wait&, const Wait&) = default;
};

/// Passed, or a failure with its kind, message, place and evidence.
struct Verdict {
  VerdictKind kind = VerdictKind::passed;
  std::string message;  ///< one line or more; empty when passed
  std::string task;     ///< the task concerned, empty: none in particular
  std::uint64_t step = 0;
  std::int64_t time_ns = 0;
  Site at;
  std::vector<Site> stack;         ///< stack of awaits of `task` when it failed, leaf first
  std::string shape;               ///< deadlock: "cycle", "lost_wakeup" or "nobody_can_wake"
  std::vector<std::string> cycle;  ///< deadlock: the tasks of the cycle, each waits for the next
  std::vector<Wait> waits;         ///< deadlock: the wait-for graph

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// Where control can change from one task to another. The names in the document are those of the enumerators;
/// each contains those before it.
enum class SchedulingPoints : std::uint8_t {
  suspensions,  ///< where code really suspends, as in asyncio
  awaits,       ///< every await of a primitive, a future or a task, also of one that is ready
  accesses,     ///< and every access to a Shared variable, and every awaited spawn: as with several threads
};

/// What a sweep injects: once a run, at each place in turn. The names in the document are those of the
/// enumerators.
enum class SweepKind : std::uint8_t {
  none,          ///< the run is of no sweep
  cancellation,  ///< a cancellation into a task
  timeouts,      ///< the end of the time that something may take
  exceptions,    ///< a fault at a point that the program marks
  allocations,   ///< a lack of memory
};

/// What shaped the run besides its choices. A replay uses these, not those of the program.
struct Settings {
  std::uint64_t steps_max = 0;          ///< bound on steps, at least 1
  std::int64_t time_max_ns = 0;         ///< bound on virtual time, at least 1
  std::uint64_t tasks_max = 0;          ///< bound on live tasks, at least 1
  std::int64_t step_cost_ns = 0;        ///< virtual time that each step takes
  std::int64_t jitter_ns = 0;           ///< how late the loop may be, at most; 0: it never is
  std::uint32_t cancellations_max = 0;  ///< injected cancellations per run
  bool leaks_allowed = false;           ///< tasks left at the end are cancelled, not reported
  SchedulingPoints scheduling_points = SchedulingPoints::suspensions;
  std::uint32_t faults_max = 1;                ///< injected faults per run
  std::vector<std::string> fault_labels = {};  ///< of those that may be injected; empty: of all
  SweepKind sweep = SweepKind::none;           ///< what may be injected, and where: see sim/simulation.hpp
  /// Of a run of a sweep: what may still be held at the end, as "Lock" or "Lock 'door'".
  std::vector<std::string> may_be_held = {};

  friend bool operator==(const Settings&, const Settings&) = default;
};

/// A generated argument of a property, as rapidcheck showed it.
struct Argument {
  std::string type;
  std::string value;

  friend bool operator==(const Argument&, const Argument&) = default;
};

/// How to generate the arguments of a property again: rapidcheck's seed and size, then which shrink was
/// taken at each level.
struct Generated {
  std::uint64_t seed = 0;
  std::uint32_t size = 0;
  std::vector<std::uint32_t> shrinks;
  std::vector<Argument> arguments;

  friend bool operator==(const Generated&, const Generated&) = default;
};

struct Trace {
  std::string scenario;    ///< the name that the exploration was given
  std::string policy;      ///< that made the choices
  std::uint64_t seed = 0;  ///< of the exploration
  std::uint64_t run = 0;   ///< which run of the exploration failed, from 1
  Settings settings;
  std::vector<Generated> generated;  ///< empty, or one entry when a property generated arguments
  std::vector<Task> tasks;           ///< in order of creation; empty when no events were recorded
  std::vector<Object> objects;       ///< in order of id
  std::vector<Choice> choices;       ///< all of them, in order
  std::vector<Event> events;         ///< in order; may be empty
  Verdict verdict;

  friend bool operator==(const Trace&, const Trace&) = default;
};

}  // namespace coweave::traces
