#pragma once

/// What the scenarios of historic.hpp share: tasks that may be cancelled, a room that holds only so many, and
/// who waits for a primitive that is built on futures.

#include <coweave/core/scope.hpp>
#include <coweave/core/task.hpp>

#include <deque>
#include <vector>

namespace coweave::bench::historic {

/// The tasks of a scenario.
class Crew {
 public:
  /// Starts a task into which a cancellation may be injected. `name` is for reports.
  const Task<>& start(Coro<void> work, const char* name);

  /// Waits until every task has ended. One that ended cancelled is as good as any; an error is thrown on.
  Coro<void> ended();

  /// Fails the run unless exactly those ended cancelled that were asked to stop. For tasks whose code never
  /// catches CancelledError for good, once they have ended.
  void require_obedience() const;

  [[nodiscard]] const std::vector<Task<>>& tasks() const noexcept { return tasks_; }
  /// How many have ended cancelled.
  [[nodiscard]] std::size_t cancelled() const;

 private:
  std::vector<Task<>> tasks_;
};

/// Waits until `task` has ended, cancelled or not; an error is thrown on.
Coro<void> ended(Task<> task);

/// What a lock or a semaphore guards.
class Room {
 public:
  explicit Room(int places = 1) noexcept : places_(places) {}
  /// Fails the run if it is full.
  void enter();
  void leave() noexcept { --inside_; }

 private:
  int places_;
  int inside_ = 0;
};

/// Stays in the room, and releases what guards it when it goes out of scope.
template <class Guard>
class Visit {
 public:
  Visit(Guard& guard, Room& room) : held_(guard), room_(room) { room.enter(); }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit() { room_.leave(); }

 private:
  Scope<Guard> held_;
  Room& room_;
};

/// The futures of those who wait, in order of arrival.
template <class T = void>
using Line = std::deque<Future<T>>;

/// Whether who awaits `turn` was woken. It may have been cancelled since.
[[nodiscard]] inline bool was_woken(const AnyFuture& turn) { return turn.done() && !turn.cancelled(); }

/// The first in line who still sleeps; the end if nobody does.
template <class T>
[[nodiscard]] auto first_asleep(Line<T>& line) {
  auto turn = line.begin();
  while (turn != line.end() && turn->done()) ++turn;
  return turn;
}

}  // namespace coweave::bench::historic
