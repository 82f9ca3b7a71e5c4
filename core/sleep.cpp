#include <coweave/core/sleep.hpp>

#include <new>

namespace coweave::detail {

TimerWaiter::TimerWaiter(PromiseBase& promise, Duration delay)
    : alarm_(*this, HandleKind::timer, task_of(promise).serial()) {
  Loop& loop = task_of(promise).loop();
  loop.arm(alarm_, later(loop.time(), delay));
  begin(promise);
}

TimerWaiter::~TimerWaiter() {
  // As in asyncio the timer goes when the sleep ends, for whatever reason.
  alarm_.disarm(task().loop());
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
