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

TimerWaiter::TimerWaiter(PromiseBase& promise, Duration delay) : alarm_(*this, task_of(promise)) {
  Loop& loop = task_of(promise).loop();
  const Duration now = loop.time();
  loop.arm(alarm_, delay > Duration::max() - now ? Duration::max() : now + delay);
  begin(promise);
}

TimerWaiter::~TimerWaiter() {
  // As in asyncio the timer goes when the sleep ends, for whatever reason.
  if (alarm_.armed() || alarm_.queued()) task().loop().forget(alarm_);
}

void TimerWaiter::Alarm::ring(Handle& handle, Action action) {
  TimerWaiter& sleeper = static_cast<Alarm&>(handle).sleeper;
  if (action == Action::run && sleeper.state() == State::pending) sleeper.wake();
}

WaitDescription TimerWaiter::describe() const {
  WaitDescription wait;
  wait.action = "sleep";
  wait.due_ns = alarm_.when().count();
  return wait;
}

void SleepAwaiter::wait(PromiseBase& promise) {
  waits_ = true;
  ::new (static_cast<void*>(&waiter_)) TimerWaiter(promise, delay_);
}

}  // namespace coweave::detail
