#include <coweave/core/waiter.hpp>

#include <coweave/core/errors.hpp>
#include <coweave/core/task.hpp>

#include <string>
#include <utility>

namespace coweave::detail {

void Waiter::begin(PromiseBase& promise) {
  TaskBase& task = task_of(promise);
  handle = &task;
  state_ = State::pending;
  task.waiting_ = this;
  // A request that came while the task was running is applied where it suspends.
  if (task.must_cancel_ && cancel_wait(task.texts_.message(), {})) [[unlikely]]
    drop_request();
}

void Waiter::begin_queued(TaskBase& task) noexcept {
  handle = &task;
  state_ = State::pending;
  task.waiting_ = this;
}

bool Waiter::cancel_wait(std::string_view message, std::source_location) {
  if (state_ != State::pending) return false;
  state_ = State::cancelled;
  message_ = Text(message);
  task().loop().enqueue(task());
  return true;
}

bool Waiter::wake() {
  if (state_ != State::pending) {
    observe_passed_over();
    return false;
  }
  state_ = State::woken;
  task().loop().enqueue(task());
  return true;
}

void Waiter::observe_passed_over() const {
  if (Observer* observer = task().loop().observer(heard::wakes)) [[unlikely]]
    observer->passed_over(task());
}

void Waiter::throw_cancelled() {
  if (state_ != State::cancelled) task().throw_request();
  drop_request();
  throw CancelledError(std::string(message_.view()));
}

bool Waiter::take_request(Text& message) {
  if (!interrupted()) return false;
  message = state_ == State::cancelled ? std::move(message_) : Text(task().texts_.message());
  drop_request();
  return true;
}

void Waiter::drop_request() noexcept { task().must_cancel_ = false; }

const Loop* WaiterList::loop() const noexcept {
  return empty() ? nullptr : &waiter_of(*head_.following).task().loop();
}

bool WaiterList::any_not_cancelled() const noexcept {
  for (const Link* link = head_.following; link != &head_; link = link->following) {
    if (waiter_of(*link).state_ != Waiter::State::cancelled) return true;
    waiter_of(*link).observe_passed_over();
  }
  return false;
}

bool WaiterList::any_pending() const noexcept {
  for (const Link* link = head_.following; link != &head_; link = link->following) {
    if (waiter_of(*link).state_ == Waiter::State::pending) return true;
  }
  return false;
}

bool WaiterList::wake_first() { return !empty() && waiter_of(*head_.following).wake(); }

bool WaiterList::take_and_wake() {
  while (!empty()) {
    Waiter& first = waiter_of(*head_.following);
    first.unlink();
    if (first.wake()) return true;
  }
  return false;
}

bool WaiterList::take_and_wake(WaiterList& called) {
  while (!empty()) {
    Waiter& first = waiter_of(*head_.following);
    first.unlink();
    called.push_back(first);
    if (first.wake()) return true;
  }
  return false;
}

std::size_t WaiterList::wake(std::size_t count) {
  std::size_t woken = 0;
  for (Link* link = head_.following; link != &head_ && woken < count; link = link->following) {
    if (waiter_of(*link).wake()) ++woken;
  }
  return woken;
}

void WaiterList::wake_all() {
  for (Link* link = head_.following; link != &head_; link = link->following) {
    waiter_of(*link).wake();
  }
}

}  // namespace coweave::detail
