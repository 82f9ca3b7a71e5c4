#pragma once

/// Giving way and waiting for time to pass, as asyncio's `sleep`.

#include <coweave/core/alarm.hpp>
#include <coweave/core/delay.hpp>
#include <coweave/core/task.hpp>

#include <chrono>
#include <coroutine>
#include <type_traits>
#include <utility>

namespace coweave {

namespace detail {

/// Waits for a timer: it fires in one iteration, and the task resumes in the next.
class TimerWaiter final : public Waiter {
 public:
  TimerWaiter(PromiseBase& promise, Duration delay);
  ~TimerWaiter();

  void settle() {
    if (interrupted()) throw_cancelled();
  }
  [[nodiscard]] WaitDescription describe() const override;

 private:
  void time_is_up() { wake(); }

  Alarm<TimerWaiter, &TimerWaiter::time_is_up> alarm_;
};

/// `sleep` of a delay that is not positive gives up exactly one iteration, and is too frequent to pay for a
/// waiter: that is made only for a positive one.
class [[nodiscard]] SleepAwaiter {
 public:
  using coweave_awaiter = void;

  explicit SleepAwaiter(Duration delay) noexcept : delay_(delay) {}
  SleepAwaiter(const SleepAwaiter&) = delete;
  SleepAwaiter& operator=(const SleepAwaiter&) = delete;
  ~SleepAwaiter() {
    if (waits_) [[unlikely]]
      waiter_.~TimerWaiter();
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> coroutine) {
    task_ = &task_of(coroutine.promise());
    if (delay_ > Duration::zero()) {
      wait(coroutine.promise());
    } else {
      task_->loop().enqueue(*task_);
    }
  }
  void await_resume() {
    if (waits_) [[unlikely]] {
      waiter_.settle();
    } else if (task_->must_cancel()) [[unlikely]] {
      task_->throw_request();
    }
  }

 private:
  void wait(PromiseBase& promise);

  Duration delay_;
  TaskBase* task_ = nullptr;
  bool waits_ = false;
  union {
    TimerWaiter waiter_;
  };
};

/// `sleep` that gives something when it is over.
template <class T>
class [[nodiscard]] SleepWithResult : public SleepAwaiter {
 public:
  template <class Result>
  SleepWithResult(Duration delay, Result&& result)
      : SleepAwaiter(delay), result_(std::forward<Result>(result)) {}

  T await_resume() {
    SleepAwaiter::await_resume();
    return std::move(result_);
  }

 private:
  T result_;
};

}  // namespace detail

/// Suspends the task for `delay` of the loop's time; always suspends, and gives up exactly one iteration if
/// the delay is zero or less. Cancelling it, or destroying it while suspended, cancels the timer. A delay in
/// floating-point seconds that is NaN throws ValueError; one that exceeds 292 years counts as 292 years.
template <class Rep, class Period>
[[nodiscard]] detail::SleepAwaiter sleep(std::chrono::duration<Rep, Period> delay) {
  return detail::SleepAwaiter(detail::to_duration(delay));
}

/// The same; awaiting it gives `result`.
template <class Rep, class Period, class Result>
[[nodiscard]] detail::SleepWithResult<std::decay_t<Result>> sleep(std::chrono::duration<Rep, Period> delay,
                                                                  Result&& result) {
  return {detail::to_duration(delay), std::forward<Result>(result)};
}

}  // namespace coweave
