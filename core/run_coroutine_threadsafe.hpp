#pragma once

/// Starting a coroutine on a loop from another thread, as asyncio's `run_coroutine_threadsafe`.

#include <coweave/core/errors.hpp>
#include <coweave/core/event_loop.hpp>
#include <coweave/core/outcome.hpp>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

namespace coweave {

namespace detail {

/// What the waiting thread and the loop share. The task belongs to the loop's thread.
template <class T>
struct ThreadsafeCall {
  explicit ThreadsafeCall(EventLoop& loop_in) : loop(loop_in) {}

  /// The first outcome counts. False: there was one.
  bool finish(Outcome<T> with) {
    const std::lock_guard lock(mutex);
    if (outcome) return false;
    outcome.emplace(std::move(with));
    finished.notify_all();
    return true;
  }

  EventLoop& loop;
  Task<T> task;
  std::mutex mutex;  // guards what follows
  std::condition_variable finished;
  std::optional<Outcome<T>> outcome;
};

/// Held by what the loop has of a call: when it lets go without an outcome, nobody is to wait any longer.
template <class T>
struct ThreadsafeEnd {
  explicit ThreadsafeEnd(std::shared_ptr<ThreadsafeCall<T>> call_in) noexcept : call(std::move(call_in)) {}
  ThreadsafeEnd(const ThreadsafeEnd&) = delete;
  ThreadsafeEnd& operator=(const ThreadsafeEnd&) = delete;
  ~ThreadsafeEnd() {
    call->task = {};
    call->finish(Outcome<T>(std::make_exception_ptr(CancelledError())));
  }
  std::shared_ptr<ThreadsafeCall<T>> call;
};

}  // namespace detail

/// What a thread holds of a coroutine that it gave to a loop, as `concurrent.futures.Future`. Dropping it
/// changes nothing. For threads other than the loop's, which would wait for itself. The loop must not be
/// destroyed before.
template <class T>
class ThreadsafeFuture {
 public:
  explicit ThreadsafeFuture(std::shared_ptr<detail::ThreadsafeCall<T>> call) noexcept
      : call_(std::move(call)) {}

  [[nodiscard]] bool done() const {
    const std::lock_guard lock(call_->mutex);
    return call_->outcome.has_value();
  }

  /// Blocks until the coroutine has ended; gives its result, once, or throws its exception (CancelledError if
  /// it was cancelled, or the loop closed before it ended).
  T result() {
    std::unique_lock lock(call_->mutex);
    call_->finished.wait(lock, [this] { return call_->outcome.has_value(); });
    return take();
  }
  /// The same, but throws TimeoutError if that takes longer than `time`; the coroutine goes on.
  template <class Rep, class Period>
  T result(std::chrono::duration<Rep, Period> time) {
    std::unique_lock lock(call_->mutex);
    if (!call_->finished.wait_for(lock, time, [this] { return call_->outcome.has_value(); }))
      throw TimeoutError();
    return take();
  }

  /// Ends the wait at once with CancelledError, whatever the coroutine does, and asks its task to stop, which
  /// hears of it on its loop. False if it has ended.
  bool cancel() const {
    if (!call_->finish(Outcome<T>(std::make_exception_ptr(CancelledError())))) return false;
    try {
      call_->loop.call_soon_threadsafe([call = call_] {
        if (call->task.valid()) call->task.state().cancel();
      });
    } catch (const RuntimeError&) {  // the loop is closed, and the task gone
    }
    return true;
  }

 private:
  T take() {
    if constexpr (std::is_void_v<T>) {
      call_->outcome->value();
    } else {
      return std::forward<T>(call_->outcome->value());
    }
  }

  std::shared_ptr<detail::ThreadsafeCall<T>> call_;
};

/// Runs `coroutine` as a task of `loop`, from any thread but the loop's. Throws RuntimeError if the loop is
/// closed.
template <class T>
ThreadsafeFuture<T> run_coroutine_threadsafe(Coro<T> coroutine, EventLoop& loop,
                                             std::source_location at = std::source_location::current()) {
  auto call = std::make_shared<detail::ThreadsafeCall<T>>(loop);
  auto end = std::make_shared<detail::ThreadsafeEnd<T>>(call);
  loop.call_soon_threadsafe([end = std::move(end), coroutine = std::move(coroutine), at]() mutable {
    detail::ThreadsafeCall<T>& begun = *end->call;
    begun.task = create_task(std::move(coroutine), {}, at);
    begun.task.add_done_callback([end = std::move(end)](const Future<T>& task) {
      if (task.cancelled()) {
        end->call->finish(Outcome<T>(std::make_exception_ptr(task.state().make_cancelled_error())));
      } else if (const std::exception_ptr exception = task.exception()) {
        end->call->finish(Outcome<T>(exception));
      } else if constexpr (std::is_void_v<T>) {
        end->call->finish(Outcome<T>(std::in_place));
      } else {
        try {
          end->call->finish(Outcome<T>(std::in_place, task.result()));
        } catch (...) {  // of the result's copy
          end->call->finish(Outcome<T>(std::current_exception()));
        }
      }
    });
  });
  return ThreadsafeFuture<T>(std::move(call));
}

}  // namespace coweave
