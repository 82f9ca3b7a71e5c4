#pragma once

/// What happened before what because the synchronisation says so, and not because this schedule had it so:
/// vector clocks over what the layer reports while a run goes on.
///
/// Edges are: to a task from whoever created it, woke it, or requested its cancellation; from what a step
/// gives to an object (release, set, put, notify, …) to what is later taken from it (acquire, wait, get, …);
/// from the end of a task or future to whoever takes its outcome. Accesses to a `Shared` are no edges. Where
/// it is not known which of several gave what was taken, all did: an order is rather found too often than too
/// rarely, so what is called unordered is.
///
/// A lock has no order of its own: whoever takes it first does so by luck, unless it was taken before the
/// other could even ask. So it can be left out, apart from that case.

#include <coweave/core/observer.hpp>
#include <coweave/core/task.hpp>
#include <coweave/sim/causality/clock.hpp>

#include <cstdint>
#include <vector>

namespace coweave::sim {

/// A moment of a task: its number among the moments of the task.
struct Moment {
  std::uint32_t actor = 0;  ///< serial number of the task; 0: of what no task does
  std::uint32_t number = 0;
};

/// Whether `object` is a Lock, be it the own one of a Condition.
[[nodiscard]] bool is_lock(const ObjectRef& object) noexcept;

/// What locks order.
enum class LocksOrder : std::uint8_t {
  acquisitions,  ///< who takes a lock comes after whoever released it before, in this schedule
  necessities,   ///< only if the lock was taken before what the other knows of when it takes it
};

class Causality {
 public:
  explicit Causality(LocksOrder locks = LocksOrder::acquisitions) noexcept : locks_(locks) {}

  void begin_run(Loop& loop);

  // As the layer and the simulation report it.
  void task_created(const TaskBase& task);
  void eager_step_ended(const TaskBase& task);
  void step_begins(const detail::Handle& handle);
  void step_ended();
  void woken(const detail::Handle& handle);
  void cancel_requested(const TaskBase& task);
  /// Gives the moment of the operation: it knows of what it takes, and is known by whoever takes what it
  /// gives.
  Moment operation(Verb verb, const ObjectRef& object);
  void looked_at(const FutureBase& future);

  /// What is known to what runs, until it is told of anything else; null: it knows nothing.
  [[nodiscard]] const Clock* known();
  /// The present moment of what runs.
  [[nodiscard]] Moment now();
  /// Whether `earlier`, a moment of this run, happened before what happens now.
  [[nodiscard]] bool knows(Moment earlier) { return earlier.number <= entry(earlier.actor); }

 private:
  /// Of a handle that is no task, and is ready.
  struct Waiting {
    const detail::Handle* handle;
    Clock clock;
  };

  /// Of a lock whose acquisitions order nothing.
  void lock_used(Verb verb, std::uint32_t lock);
  [[nodiscard]] std::uint32_t actor() const noexcept;
  /// Of what runs; null: the loop itself does.
  [[nodiscard]] Clock* running();
  [[nodiscard]] std::uint32_t entry(std::uint32_t of);
  Clock& of_task(std::uint32_t serial);
  /// What runs has told something to another: what it does from now on is not known there.
  void told();

  const LocksOrder locks_;
  Loop* loop_ = nullptr;
  std::vector<Clock> tasks_;            // by serial number
  std::vector<Clock> objects_;          // by number
  std::vector<Moment> acquired_;        // by number of a lock: when it was last taken
  std::vector<std::uint32_t> parents_;  // by serial number
  std::vector<Waiting> waiting_;
  std::size_t waiting_count_ = 0;
  bool lock_released_ = false;              // and whoever is woken next may be woken by that
  const detail::Handle* handle_ = nullptr;  // that runs and is no task
  std::uint32_t owner_ = 0;
  HandleKind kind_ = HandleKind::task;
  Clock of_handle_;
  std::uint32_t of_handles_ = 0;  // moments of all handles that are no tasks
};

}  // namespace coweave::sim
