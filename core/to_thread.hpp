#pragma once

/// Running blocking code beside the loop, as asyncio's `to_thread`.

#include <coweave/core/callable.hpp>
#include <coweave/core/outcome.hpp>
#include <coweave/core/task.hpp>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace coweave {

namespace detail {

/// A body that runs on a thread of the pool, or under simulation as a step of its own, and then reports to
/// the loop. It outlives the task that waits: a thread cannot be interrupted, and its result is then dropped.
class ThreadJob : public Handle {
 public:
  virtual ~ThreadJob() = default;
  /// Runs the body; keeps what it returns or throws.
  virtual void run_body() noexcept = 0;
  /// Hands the outcome to the loop's thread. Called once, after run_body, from any thread.
  void complete() noexcept;
  /// The loop ends before the body began.
  void abandon() noexcept { self_.reset(); }

  [[nodiscard]] Loop& loop() const noexcept { return *loop_; }

 protected:
  explicit ThreadJob(Loop& loop) noexcept;
  void submit(std::shared_ptr<ThreadJob> self);
  /// On the loop's thread: finishes the future unless it was cancelled.
  virtual void deliver() = 0;

 private:
  static void completed(Handle& handle, Action action);

  Loop* loop_;
  std::shared_ptr<ThreadJob> self_;  // until delivered
};

template <class Function, class T>
class ThreadJobOf final : public ThreadJob {
 public:
  ThreadJobOf(Loop& loop, Function function)
      : ThreadJob(loop), function_(std::move(function)), future_(create_future<T>()) {}

  static Future<T> start(Loop& loop, Function function) {
    auto job = std::make_shared<ThreadJobOf>(loop, std::move(function));
    Future<T> future = job->future_;
    job->submit(job);
    return future;
  }

  void run_body() noexcept override {
    try {
      if constexpr (std::is_void_v<T>) {
        function_();
        outcome_.emplace(std::in_place);
      } else {
        outcome_.emplace(std::in_place, function_());
      }
    } catch (...) {
      outcome_.emplace(std::current_exception());
    }
  }

 private:
  void deliver() override {
    const Future<T> future = std::move(future_);
    if (future.done()) return;
    if (!outcome_->ok()) {
      future.set_exception(outcome_->exception());
    } else if constexpr (std::is_void_v<T>) {
      future.set_result();
    } else {
      future.set_result(std::move(outcome_->value()));
    }
  }

  Function function_;
  Future<T> future_;
  std::optional<Outcome<T>> outcome_;
};

}  // namespace detail

/// `co_await to_thread(function)`: runs `function()` on another thread and gives what it returns. Under
/// simulation the body runs in one piece at a point that the policy chooses. Cancelling gives CancelledError
/// at once; a body that has begun runs to its end and its outcome is dropped.
template <class Function>
auto to_thread(Function&& function) {
  COWEAVE_REQUIRE_SAFE_CALLABLE(Function);
  using Body = std::decay_t<Function>;
  using T = std::invoke_result_t<Body&>;
  return detail::ThreadJobOf<Body, T>::start(Loop::current(), Body(std::forward<Function>(function)));
}

}  // namespace coweave
