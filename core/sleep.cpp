#include <coweave/core/sleep.hpp>

#include <cmath>
#include <limits>
#include <new>

namespace coweave::detail {

Duration checked_delay(double seconds) {
  if (std::isnan(seconds)) throw ValueError("Invalid delay: NaN (not a number)");
  const double nanoseconds = seconds * 1e9;
  if (nanoseconds >= static_cast<double>(std::numeric_limits<Duration::rep>::max())) return Duration::max();
  if (nanoseconds <= 0) return Duration::zero();
  return Duration(static_cast<Duration::rep>(nanoseconds));
}

void SleepAwaiter::wait(PromiseBase& promise) {
  Loop& loop = task_of(promise).loop();
  const Duration now = loop.time();
  ::new (static_cast<void*>(&timer_)) WakeUp();
  timer_.sleeper = this;
  timer_.belong_to(task_of(promise));
  loop.arm(timer_, delay_ > Duration::max() - now ? Duration::max() : now + delay_);
  begin(promise);
}

void SleepAwaiter::stop_timer() noexcept {
  if (timer_.armed() || timer_.queued()) task().loop().forget(timer_);
  timer_.~WakeUp();
}

WaitDescription SleepAwaiter::describe() const {
  WaitDescription wait;
  wait.action = "sleep";
  wait.due_ns = timer_.when().count();
  return wait;
}

void SleepAwaiter::WakeUp::fire(Handle& handle, Action action) {
  SleepAwaiter& sleeper = *static_cast<WakeUp&>(handle).sleeper;
  if (action == Action::run && sleeper.state() == State::pending) sleeper.wake();
}

}  // namespace coweave::detail
