#include <coweave/core/condition.hpp>

#include <coweave/core/errors.hpp>

#include <limits>
#include <string>

namespace coweave {

Condition::~Condition() {
  report_if_in_use(!members_.alone());
  while (!members_.alone()) members_.following->unlink();
}

void Condition::notify(std::size_t count, std::source_location at) {
  require_locked("notify", at);
  observe(Verb::notify, at);
  waiters_.wake(count);
}

void Condition::notify_all(std::source_location at) { notify(std::numeric_limits<std::size_t>::max(), at); }

void Condition::require_locked(const char* what, std::source_location at) const {
  if (lock_.locked_) [[likely]]
    return;
  lock_.observe(Verb::read, at);
  throw RuntimeError("cannot " + std::string(what) + " on un-acquired lock");
}

void Condition::enter(Wait& wait) {
  observe(Verb::wait);
  lock_.release({});
  waiters_.push_back(wait);
  members_.insert_before(wait.membership_);
}

/// Somebody leaves who may have been notified.
void Condition::pass_on() {
  observe(Verb::notify);
  waiters_.wake(1);
}

bool Condition::Wait::proceed() {
  unlink();
  const bool asked_to_stop = take_request(request_);
  cancelled_ = cancelled_ || asked_to_stop;
  if (acquiring_) {
    if (!asked_to_stop) {
      lock_.take(&task());
      return true;
    }
    lock_.observe_touch(Access::write);
    if (!lock_.locked_) lock_.waiters_.wake_first();
  }
  acquiring_ = true;
  if (lock_.free_for_newcomer()) {
    lock_.take(&task());
    return true;
  }
  lock_.waiters_.push_back(*this);
  lock_.observe_line();
  begin_again();
  return false;
}

bool Condition::Wait::await_resume() {
  const bool condition_lives = !membership_.alone();
  membership_.unlink();
  if (!cancelled_) return true;
  if (condition_lives) condition_.pass_on();
  throw CancelledError(std::string(request_.view()));
}

Condition::Wait::~Wait() {
  if (!alone()) {
    unlink();
    if (acquiring_ && !lock_.locked_) lock_.waiters_.wake_first();
  }
  if (membership_.alone()) return;
  membership_.unlink();
  condition_.pass_on();
}

WaitDescription Condition::Wait::describe() const {
  WaitDescription wait;
  if (acquiring_) {
    wait.action = "acquire";
    wait.object = lock_.reference();
    wait.holder = lock_.holder_;
    wait.could_go = !lock_.locked_ && state() == State::pending;
  } else {
    wait.action = "wait";
    wait.object = condition_.reference();
  }
  return wait;
}

}  // namespace coweave
