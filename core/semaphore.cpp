#include <coweave/core/semaphore.hpp>

#include <coweave/core/errors.hpp>

namespace coweave {

Semaphore::Semaphore(const char* kind, std::int64_t value, std::int64_t bound, const char* name)
    : Object(kind, name), value_(value), bound_(bound) {
  if (value < 0) throw ValueError("Semaphore initial value must be >= 0");
}

Semaphore::~Semaphore() { report_if_in_use(waiters_); }

void Semaphore::release(std::source_location at) {
  if (value_ >= bound_) {
    observe(Verb::read, at);
    throw ValueError("BoundedSemaphore released too many times");
  }
  ++value_;
  observe(Verb::release, at, value_);
  wake_next();
}

/// Keeps a permit for the first in line.
bool Semaphore::wake_next() {
  if (waiters_.wake(1) == 0) return false;
  --value_;
  return true;
}

/// Whoever came while a woken task stood in line had to queue, though permits were free.
void Semaphore::wake_admissible() {
  while (value_ > 0 && wake_next()) {
  }
}

bool Semaphore::Acquire::await_ready() {
  if (semaphore_.taken()) {
    semaphore_.require_same_loop(semaphore_.waiters_);
    return false;
  }
  --semaphore_.value_;
  semaphore_.observe(Verb::acquire, {}, semaphore_.value_);
  return true;
}

void Semaphore::Acquire::await_resume() {
  if (state() == State::idle) return;  // taken without waiting
  unlink();
  if (interrupted()) {
    semaphore_.observe_touch(Access::write);
    give_back();
    throw_cancelled();
  }
  semaphore_.observe(Verb::acquire, {}, semaphore_.value_);
  semaphore_.wake_admissible();
}

/// Leaves the line without a permit.
void Semaphore::Acquire::give_back() {
  if (state() == State::woken) ++semaphore_.value_;
  semaphore_.wake_admissible();
}

Semaphore::Acquire::~Acquire() {
  if (alone()) return;
  unlink();
  give_back();
}

Scope<Semaphore> Semaphore::ScopedAcquire::await_resume() {
  Acquire::await_resume();
  return Scope<Semaphore>(semaphore_, at_);
}

WaitDescription Semaphore::Acquire::describe() const {
  WaitDescription wait;
  wait.action = "acquire";
  wait.object = semaphore_.reference();
  wait.could_go = semaphore_.value_ > 0 && state() == State::pending;
  return wait;
}

}  // namespace coweave
