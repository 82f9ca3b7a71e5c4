#pragma once

/// The observer of a loop: hears every operation on every synchronisation object, and what tasks do to each
/// other. Null in production and while exploring; the recorder of a simulation is one.

#include <cstdint>
#include <source_location>
#include <vector>

namespace coweave {

class FutureBase;
class TaskBase;
struct Note;

namespace detail {
class Handle;
}

/// Number of an object within a run, given at first observation; two runs on one loop differ in epoch.
struct ObjectId {
  std::uint32_t number = 0;
  std::uint32_t epoch = 0;
};

/// Where an object comes from: the same in every run in which the task that made it does the same.
struct Birth {
  std::uint32_t task = 0;     ///< serial number of the task that made it, 0: none did
  std::uint32_t ordinal = 0;  ///< its number among the objects of that task, from 1; 0: the task itself
};

/// What a primitive tells about itself. Objects are compared by `id`, which lives in the primitive.
struct ObjectRef {
  const char* kind = nullptr;  ///< "Lock", "Queue", …; null: no object
  const char* name = nullptr;  ///< what the program called it, null: nothing
  ObjectId* id = nullptr;
  Birth birth = {};            ///< all 0: not known
  std::int64_t free = -1;      ///< after it: permits of a semaphore, places of a queue with a bound
  bool has_condition = false;  ///< of a lock that is acquired or released: a `Condition` was made on it
};

/// How an operation uses its object.
enum class Access : std::uint8_t {
  unknown,  ///< not known before it is done: it may do anything
  none,     ///< it uses no object
  read,     ///< it finds the object as others that read find it, and leaves it so
  write
};

/// What a step does to an object, in asyncio's words.
enum class Verb : std::uint8_t {
  read,
  write,
  update,  ///< reads and writes in one
  acquire,
  release,
  wait,
  set,
  clear,
  notify,
  leave,  ///< a task leaves the barrier where it waited
  reset,
  abort,
  put,
  get,
  task_done,
  shutdown,
  result,
  exception,
  cancel
};

/// "acquire", "release", …
const char* to_string(Verb verb) noexcept;

/// Only a read leaves its object as it was.
[[nodiscard]] constexpr Access access_of(Verb verb) noexcept {
  return verb == Verb::read ? Access::read : Access::write;
}

/// Why a suspended task does not run, as far as the thing that it waits for knows.
struct WaitDescription {
  const char* action = "";             ///< what it awaits, in words: "acquire", "get", "sleep", "task"
  ObjectRef object;                    ///< that it waits on, if it is an object
  std::vector<const TaskBase*> tasks;  ///< that it waits for, if it waits for tasks
  std::uint32_t holder = 0;            ///< serial number of the task that holds the object, 0: nobody
  bool could_go = false;               ///< what it waits for holds already: its wake-up got lost
  std::int64_t due_ns = -1;            ///< when a timer ends the wait, -1: none does
};

/// What an observer can hear, a bit for each verb of an operation and for each other kind of event: nobody
/// pays for what no one wants to hear.
using Heard = std::uint32_t;

namespace heard {
[[nodiscard]] constexpr Heard of(Verb verb) noexcept { return Heard{1} << static_cast<unsigned>(verb); }
inline constexpr Heard operations = (of(Verb::cancel) << 1U) - 1;
inline constexpr Heard tasks = operations + 1;  ///< that are created or end, eager steps, cancellations
inline constexpr Heard wakes = tasks << 1U;     ///< wanted or not, woken, forgotten, passed over
inline constexpr Heard uses = tasks << 2U;      ///< objects that are touched, and lines
inline constexpr Heard looks = tasks << 3U;     ///< at futures
inline constexpr Heard notes = tasks << 4U;
inline constexpr Heard all = (notes << 1U) - 1;
}  // namespace heard

class Observer {
 public:
  /// What it wants to hear. It is asked before it hears anything of a run.
  [[nodiscard]] virtual Heard hears() const noexcept { return heard::all; }
  virtual void task_created(const TaskBase& task) = 0;
  virtual void task_finished(const TaskBase& task) = 0;
  /// The first step of `task` runs inside the running step.
  virtual void eager_step_begins(const TaskBase& task) = 0;
  virtual void eager_step_ended(const TaskBase& task) = 0;
  /// Whoever runs wants `handle`, which is no task, to run some time.
  virtual void wanted(const detail::Handle&) {}
  /// It does not want that any more.
  virtual void unwanted(const detail::Handle&) {}
  /// `handle` was put into the ready queue.
  virtual void woken(const detail::Handle& handle) = 0;
  /// The running step did `verb` to `object`. Whether that reads or writes follows from the verb: see
  /// `access_of`. `at` is of line 0 if the operation was awaited: then it is where the task's await is.
  virtual void operation(Verb verb, const ObjectRef& object, std::source_location at) = 0;
  /// `at` is of line 0 if the program did not ask for it itself.
  virtual void cancel_requested(const TaskBase& task, std::source_location at) = 0;
  /// Whoever runs looks at `future`: whether it is done, and if it is, how.
  virtual void looked_at(const FutureBase&) {}
  /// The running step uses `object` in a way that the program did not ask for by an operation; which object,
  /// is not known if its kind is null.
  virtual void touched(Access, const ObjectRef&) {}
  /// The task that runs will stand in the line of `object`, and was the last to come.
  virtual void lined_up(const ObjectRef&) {}
  /// Whoever runs would have woken `task`, and found that it does not wait there any more.
  virtual void passed_over(const TaskBase&) {}
  /// `handle` was taken out of the ready queue and will not run.
  virtual void forgotten(const detail::Handle&) {}
  virtual void noted(const Note& note) = 0;

 protected:
  ~Observer() = default;
};

}  // namespace coweave
