#pragma once

/// Tasks that end together, as asyncio's `TaskGroup`.
///
///     auto body = [&](TaskGroup& group) -> Coro<void> {
///       group.create_task(fetch(1));
///       group.create_task(fetch(2));
///       co_return;
///     };
///     co_await TaskGroup::run(body);
///
/// `run` runs the body in the caller's task and returns when it and every task of the group have ended. If
/// one of them fails, the others and the body are cancelled, and `run` throws an ExceptionGroup of all
/// errors, in the order in which they came, that of the body last. A task that ends cancelled is no error.

#include <coweave/core/callable.hpp>
#include <coweave/core/done_handle.hpp>
#include <coweave/core/errors.hpp>
#include <coweave/core/exception_group.hpp>
#include <coweave/core/task.hpp>

#include <exception>
#include <memory>
#include <source_location>
#include <type_traits>
#include <utility>
#include <vector>

namespace coweave {

class TaskGroup {
 public:
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Schedules a coroutine as a task of the group. Throws RuntimeError, and lets go of the coroutine, if the
  /// group is shutting down or all of it has ended.
  template <class T>
  Task<T> create_task(Coro<T> coroutine, TaskOptions options = {},
                      std::source_location at = std::source_location::current()) {
    admit(coroutine);
    std::unique_ptr<Child> child = make_child(coroutine);
    Task<T> task = coweave::create_task(std::move(coroutine), options, at);
    adopt(std::move(child), task.base());
    return task;
  }

  /// Cancels every task of the group and then the body; `run` waits for them and returns as if they had ended
  /// by themselves, without CancelledError. Idempotent; without effect once all have ended. Errors are thrown
  /// all the same, and so is a cancellation that comes from elsewhere. May be called by the body, by a task
  /// or by a callback. asyncio has it from Python 3.15 on.
  void cancel(std::source_location at = std::source_location::current());

  /// `co_await TaskGroup::run(body)`: `body(group)` must return a Coro<T>, and T is the result. The callable
  /// is kept for as long as its coroutine runs. Suspends when the body does, and at the end only if tasks
  /// still run; then the last of them wakes it. Cancelled, it cancels body and tasks, waits for them, and
  /// throws CancelledError unless there are errors to report; a further cancellation does not cancel the
  /// tasks again. Throws RuntimeError if `cancel()` ended the body before it gave its result. Destroyed while
  /// suspended, it lets go of the tasks.
  template <class Body>
  static std::invoke_result_t<std::decay_t<Body>&, TaskGroup&> run(Body&& body) {
    COWEAVE_REQUIRE_SAFE_CALLABLE(Body);
    return run_body<typename std::invoke_result_t<std::decay_t<Body>&, TaskGroup&>::value_type>(
        std::decay_t<Body>(std::forward<Body>(body)));
  }

 private:
  /// Hears of the end of one task. Lives as long as the task is in the group.
  struct Child final : detail::DoneHandle, detail::Link, detail::Recycled {
    explicit Child(TaskGroup& group) noexcept;
    ~Child();
    void join(TaskBase& task) noexcept;
    static void ended(Handle& handle, Action action);
    TaskGroup& group;
    detail::Ref<FutureBase> task;
  };

  /// The parent waits for the last task to end.
  class AllEnded final : public detail::Waiter {
   public:
    explicit AllEnded(TaskGroup& group) noexcept : group_(group) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> coroutine) {
      group_.waiting_ = this;
      begin(coroutine.promise());
    }
    void await_resume();
    void last_ended();
    [[nodiscard]] WaitDescription describe() const override;

   private:
    TaskGroup& group_;
  };

  /// How to leave the group, made before any task is in it: then there is always the memory to do it.
  class Leaving {
   public:
    explicit Leaving(Coro<void> coroutine) noexcept : coroutine_(std::move(coroutine)) {}
    Leaving(const Leaving&) = delete;
    Leaving& operator=(const Leaving&) = delete;
    ~Leaving() { coroutine_.close(); }
    [[nodiscard]] Coro<void> take() noexcept { return std::move(coroutine_); }

   private:
    Coro<void> coroutine_;
  };

  TaskGroup();
  ~TaskGroup();

  template <class T, class Body>
  static Coro<T> run_body(Body body) {
    TaskGroup group;
    detail::Slot<T> result;
    std::exception_ptr error;
    Leaving leaving(group.leave(error));
    try {
      if constexpr (std::is_void_v<T>) {
        co_await body(group);
      } else {
        result.set(co_await body(group));
      }
    } catch (...) {
      error = std::current_exception();
    }
    const bool has_result = !error;
    co_await leaving.take();
    if (!std::is_void_v<T> && !has_result)
      throw RuntimeError("the TaskGroup was cancelled before its body gave a result");
    co_return result.take();
  }

  void admit(detail::CoroBase& coroutine) const;
  /// Made before its task, so that no task is outside of the group for want of memory.
  std::unique_ptr<Child> make_child(detail::CoroBase& coroutine);
  void adopt(std::unique_ptr<Child> child, TaskBase& task);
  void child_ended(Child& child);
  void abort(std::source_location at = {});
  void cancel_parent(std::source_location at = {});
  Coro<void> leave(std::exception_ptr& body_error);

  TaskBase* parent_;
  detail::Link children_;  // of Child, in order of creation
  std::vector<std::exception_ptr> errors_;
  AllEnded* waiting_ = nullptr;
  bool exiting_ = false;
  bool aborting_ = false;
  bool parent_cancel_requested_ = false;
};

}  // namespace coweave
