#pragma once

/// What happened before what because the synchronisation says so, and not because this schedule had it so:
/// vector clocks over what the layer reports while a run goes on.
///
/// Edges are: to a task from whoever created it, woke it, or requested its cancellation; to a function from
/// whoever asked for its call, as it was then; to what a time limit does from whoever moved it; from what a
/// step gives to an object (set, put, notify, …) to what is later taken from it (wait, get, …); from what
/// undoes that (clear, get) to whoever knows that it was done, and finds it undone; from the end of a task or
/// future to whoever takes its outcome. Accesses to a `Shared` are no edges. What is got from a Queue or
/// LifoQueue was given by the put of that item. Where it is not known which of several gave what was taken,
/// all did: an order is rather found too often than too rarely, so what is called unordered is.
///
/// Locks have no order of their own, and semaphores whose permits are given back by those who took them have
/// none either: whoever takes one first does so by luck. What stays is what cannot be otherwise: it was
/// taken, with all of its permits, before the other could even ask; somebody gave a permit who had taken
/// none; or under a lock a condition was notified, which whoever takes that lock next may look for, and
/// which all who held the lock before may have had a part in.

#include <coweave/core/observer.hpp>
#include <coweave/core/task.hpp>
#include <coweave/sim/causality/asked_calls.hpp>
#include <coweave/sim/causality/clock.hpp>
#include <coweave/sim/causality/holders.hpp>
#include <coweave/sim/causality/items.hpp>
#include <coweave/sim/causality/sections.hpp>

#include <cstdint>
#include <vector>

namespace coweave::sim {

class Causality {
 public:
  void begin_run(Loop& loop);

  // As the layer and the simulation report it.
  void task_created(const TaskBase& task);
  void eager_step_ended(const TaskBase& task);
  void step_begins(const detail::Handle& handle);
  void step_ended();
  void wanted(const detail::Handle& handle);
  void woken(const detail::Handle& handle);
  /// It will not run.
  void dropped(const detail::Handle& handle);
  void cancel_requested(const TaskBase& task);
  /// Gives the moment of the operation: it knows of what it takes, and is known by whoever takes what it
  /// gives.
  Moment operation(Verb verb, const ObjectRef& object);
  void looked_at(const FutureBase& future);
  /// What the layer does to an object besides operations.
  void touched(Access access, const ObjectRef& object);

  /// Who holds the lock or semaphore of that number, good until the next operation.
  [[nodiscard]] const Holders& holders(std::uint32_t number);

  /// What is known to what runs, until it is told of anything else; null: it knows nothing.
  [[nodiscard]] const Clock* known();
  /// The present moment of what runs.
  [[nodiscard]] Moment now();
  /// Whether `earlier`, a moment of this run, happened before what happens now.
  [[nodiscard]] bool knows(Moment earlier) { return earlier.number <= entry(earlier.actor); }

 private:
  void take(Verb verb, const ObjectRef& object);
  /// `done`: number of the queue of which an item was done just before; 0: of none.
  void give(Verb verb, const ObjectRef& object, std::uint32_t done);
  void acquired(const ObjectRef& object);
  void released(const ObjectRef& object);
  void found(std::uint32_t number);
  void set(std::uint32_t event, std::uint32_t done);
  void clear(const ObjectRef& event);
  void got(const ObjectRef& queue);
  void notified();
  [[nodiscard]] Moment moment();
  [[nodiscard]] std::uint32_t actor() const noexcept;
  /// Of what runs; null: the loop itself does.
  [[nodiscard]] Clock* running();
  [[nodiscard]] std::uint32_t entry(std::uint32_t of);
  Clock& of_task(std::uint32_t serial);
  /// What runs has told something to another: what it does from now on is not known there.
  void told();

  Loop* loop_ = nullptr;
  std::vector<Clock> tasks_;            // by serial number
  std::vector<Clock> objects_;          // by number: what they were given
  std::vector<Held> held_;              // by number
  std::vector<Flag> flags_;             // by number of an event
  std::vector<std::uint32_t> taken_;    // numbers of what somebody holds
  std::vector<Items> items_;            // by number of a queue
  std::vector<std::uint32_t> parents_;  // by serial number
  AskedCalls asked_;
  // By the last operation, until the next:
  const ObjectId* passed_on_ =
      nullptr;              // whoever waits for that is woken by luck, and learns when it takes it
  std::uint32_t set_ = 0;   // whoever is woken knows what that event was given
  std::uint32_t done_ = 0;  // the queue whose items were done

  const detail::Handle* handle_ = nullptr;  // that runs and is no task
  std::uint32_t owner_ = 0;
  HandleKind kind_ = HandleKind::task;
  Clock of_handle_;
  std::uint32_t of_handles_ = 0;  // moments of all handles that are no tasks
};

}  // namespace coweave::sim
