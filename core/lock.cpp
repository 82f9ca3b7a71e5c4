#include <coweave/core/lock.hpp>

#include <coweave/core/errors.hpp>

namespace coweave {

Lock::~Lock() { report_if_in_use(waiters_); }

void Lock::take(const TaskBase* task) noexcept {
  locked_ = true;
  holder_ = task ? task->serial() : 0;
  observe_use(Verb::acquire);
}

void Lock::observe_use(Verb verb, std::source_location at) const {
  if (Observer* observer = Loop::observed(heard::of(verb))) [[unlikely]] {
    ObjectRef object = reference();
    object.has_condition = has_condition_;
    observer->operation(verb, object, at);
  }
}

void Lock::release(std::source_location at) {
  if (!locked_) {
    observe(Verb::read, at);
    throw RuntimeError("Lock is not acquired.");
  }
  locked_ = false;
  holder_ = 0;
  observe_use(Verb::release, at);
  waiters_.wake_first();
}

bool Lock::Acquire::await_ready() {
  if (lock_.free_for_newcomer()) {
    lock_.take(Loop::current().current_task());
    return true;
  }
  lock_.require_same_loop(lock_.waiters_);
  return false;
}

void Lock::Acquire::await_resume() {
  if (state() == State::idle) return;  // taken without waiting
  unlink();
  if (interrupted()) {
    lock_.observe_touch(Access::write);
    // Whether this one was woken or merely stood first: if the lock is free, the next in line must know.
    if (!lock_.locked_) lock_.waiters_.wake_first();
    throw_cancelled();
  }
  lock_.take(&task());
}

Lock::Acquire::~Acquire() {
  if (alone()) return;
  unlink();
  if (!lock_.locked_) lock_.waiters_.wake_first();
}

Scope<Lock> Lock::ScopedAcquire::await_resume() {
  Acquire::await_resume();
  return Scope<Lock>(lock_, at_);
}

WaitDescription Lock::Acquire::describe() const {
  WaitDescription wait;
  wait.action = "acquire";
  wait.object = lock_.reference();
  wait.holder = lock_.holder_;
  wait.could_go = !lock_.locked_ && state() == State::pending;
  return wait;
}

}  // namespace coweave
