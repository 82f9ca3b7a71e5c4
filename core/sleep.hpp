#pragma once

/// Giving way and waiting for time to pass, as asyncio's `sleep`.

#include <coweave/core/errors.hpp>
#include <coweave/core/task.hpp>

#include <chrono>
#include <concepts>
#include <coroutine>

namespace coweave {

namespace detail {

/// `sleep` of a delay that is not positive gives up exactly one iteration; of a positive one, the timer fires
/// in one iteration and the task resumes in the next.
class [[nodiscard]] SleepAwaiter final : public Waiter {
 public:
  explicit SleepAwaiter(Duration delay) noexcept : delay_(delay) {}
  ~SleepAwaiter() {
    if (state() != State::idle) [[unlikely]]
      stop_timer();
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> coroutine) {
    if (delay_ > Duration::zero()) {
      wait(coroutine.promise());
    } else {
      give_way(coroutine.promise());
    }
  }
  void await_resume() {
    if (interrupted()) [[unlikely]]
      throw_cancelled();
  }

  [[nodiscard]] WaitDescription describe() const override;

 private:
  struct WakeUp final : Timer {
    WakeUp() noexcept : Timer(&fire, HandleKind::timer) {}
    static void fire(Handle& handle, Action action);
    SleepAwaiter* sleeper = nullptr;

    void belong_to(const TaskBase& task) noexcept { owner_ = task.serial(); }
  };

  void give_way(PromiseBase& promise) {
    TaskBase& giving = task_of(promise);
    handle = &giving;
    giving.loop().enqueue(giving);
  }
  void wait(PromiseBase& promise);
  void stop_timer() noexcept;

  Duration delay_;
  union {  // only a wait has a timer; giving way is too frequent to pay for one
    WakeUp timer_;
  };
};

Duration checked_delay(double seconds);

}  // namespace detail

/// Suspends the task for `delay` of the loop's time; always suspends. Cancelling it cancels the timer. A delay
/// in floating-point seconds that is NaN throws ValueError; one that exceeds 292 years counts as 292 years.
template <class Rep, class Period>
[[nodiscard]] detail::SleepAwaiter sleep(std::chrono::duration<Rep, Period> delay) {
  if constexpr (std::floating_point<Rep>) {
    return detail::SleepAwaiter(detail::checked_delay(std::chrono::duration<double>(delay).count()));
  } else {
    return detail::SleepAwaiter(std::chrono::duration_cast<Duration>(delay));
  }
}

}  // namespace coweave
