#pragma once

/// A waiter: what a suspended task waits for, embedded in the awaiting coroutine frame.
///
/// Each `co_await` that suspends is a waiter. It stands in the list of the primitive (or future, or timer)
/// that will wake it, in order of arrival, and it knows how to leave: woken, cancelled, or destroyed with its
/// frame. Waking never resumes: it marks the waiter and puts its task into the ready queue.
///
///     idle --begin--> pending --wake--> woken      --step--> await_resume returns
///                     pending --cancel_wait--> cancelled --step--> await_resume throws CancelledError
///
/// A waiter that was woken can still be cancelled before its task runs; then the task, not the waiter,
/// carries the request (`interrupted()` covers both), and `await_resume` must pass on what it was woken for.

#include <coweave/core/handle.hpp>
#include <coweave/core/observer.hpp>
#include <coweave/core/text.hpp>

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coweave {

class TaskBase;

namespace detail {

struct PromiseBase;

/// What an awaiter of ours is about to do, as far as it knows before it does it.
struct Pending {
  Access access = Access::unknown;
  ObjectRef object = {};
  /// It would suspend, and whoever wakes it wakes everybody else who waits for the same: a scheduling point
  /// anyway.
  bool waits = false;
  /// It would suspend, and stand in line behind others.
  bool contends = false;
  /// Others can see who stands in line for it, so when one joins that matters.
  bool line_shows = false;
  /// Not an await that could ever suspend: a scheduling point only if accesses are.
  bool only_access = false;
};

class Waiter : protected DoneNode {
 public:
  /// Marks an awaitable that `Coro` awaits as it is, without a proxy.
  using coweave_awaiter = void;

  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  /// A request to stop waiting. True: accepted, and the task has been put into the ready queue. False: too
  /// late, or this wait cannot be ended; the task keeps the request.
  virtual bool cancel_wait(std::string_view message, std::source_location at);

  /// The task that gets such a request instead, because it is what is awaited; null: this wait takes it.
  [[nodiscard]] virtual TaskBase* awaited_task() const noexcept { return nullptr; }

  /// Called at the start of the step that the wake-up caused. False: what the task was woken for is gone, and
  /// the waiter has queued again.
  virtual bool proceed() { return true; }

  /// What the task waits for, for reports.
  [[nodiscard]] virtual WaitDescription describe() const = 0;

 protected:
  enum class State : std::uint8_t { idle, pending, woken, cancelled };

  Waiter() = default;
  ~Waiter() {
    if (!alone()) unlink();
  }

  /// Starts to wait: from now on the task is suspended. Call it last in `await_suspend`.
  void begin(PromiseBase& promise);
  /// The same for a task that is put into the ready queue at once.
  void begin_queued(TaskBase& task) noexcept;
  /// Waits again, from `proceed()`.
  void begin_again() noexcept { state_ = State::pending; }

  /// Puts the task into the ready queue, if it still waits. False: it was woken or cancelled already.
  bool wake();

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] TaskBase& task() const noexcept;
  /// Whether the task has to see CancelledError instead of what it waited for.
  [[nodiscard]] bool interrupted() const noexcept;
  /// Throws the CancelledError that is due.
  [[noreturn]] void throw_cancelled();
  /// For a waiter that has something to do before it may throw: takes the request that is due, if one is, and
  /// its message. The waiter can then wait again; a later request is a new one.
  [[nodiscard]] bool take_request(Text& message);
  /// The request that the task carries is answered by an exception that is about to be thrown anyway.
  void drop_request() noexcept;

 private:
  friend class WaiterList;
  friend class coweave::TaskBase;

  /// Tells that somebody found that the task does not wait any more.
  void observe_passed_over() const;

  Text message_;
  State state_ = State::idle;
};

/// The waiters of a primitive in order of arrival.
class WaiterList {
 public:
  WaiterList() = default;
  ~WaiterList() {
    while (!head_.alone()) head_.following->unlink();
  }

  [[nodiscard]] bool empty() const noexcept { return head_.alone(); }
  void push_back(Waiter& waiter) noexcept { head_.insert_before(waiter); }

  /// Whether a waiter stands in the list that has not been cancelled.
  [[nodiscard]] bool any_not_cancelled() const noexcept;
  [[nodiscard]] bool any_pending() const noexcept;

  /// Wakes the first waiter if it is pending; it stays in the list until its task runs.
  bool wake_first();
  /// Takes waiters off the front until one is pending, and wakes that one.
  bool take_and_wake();
  /// The same; who is taken off stands in `called` until its task runs.
  bool take_and_wake(WaiterList& called);
  /// Wakes the first `count` pending waiters, in order, passing over the others; they stay in the list until
  /// their tasks run. Returns how many there were.
  std::size_t wake(std::size_t count);
  /// Wakes every pending waiter, in order; they stay in the list until their tasks run.
  void wake_all();

  /// The loop whose tasks stand in the list; null if none does.
  [[nodiscard]] const Loop* loop() const noexcept;

  /// Calls `visit(waiter)` for each waiter, in order.
  template <class Visit>
  void for_each(Visit visit) {
    for (Link* link = head_.following; link != &head_; link = link->following) visit(waiter_of(*link));
  }

 private:
  static Waiter& waiter_of(Link& link) noexcept { return static_cast<Waiter&>(static_cast<DoneNode&>(link)); }
  static const Waiter& waiter_of(const Link& link) noexcept {
    return static_cast<const Waiter&>(static_cast<const DoneNode&>(link));
  }

  Link head_;
};

}  // namespace detail
}  // namespace coweave
