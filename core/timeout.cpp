#include <coweave/core/timeout.hpp>

#include <coweave/core/check.hpp>

#include <string>

namespace coweave {

const char* to_string(Timeout::State state) noexcept {
  switch (state) {
    case Timeout::State::created:
      return "created";
    case Timeout::State::active:
      return "active";
    case Timeout::State::expiring:
      return "expiring";
    case Timeout::State::expired:
      return "expired";
    case Timeout::State::finished:
      return "finished";
  }
  return "?";
}

/// CPython's Timeout.__aenter__.
void Timeout::enter() {
  if (state_ != State::created) throw RuntimeError("Timeout has already been entered");
  task_ = Loop::current().current_task();
  COWEAVE_INTERNAL_CHECK(task_, "a coroutine runs inside a task");
  // A request that is still to be delivered will arrive in the block, so it is not one of those before it.
  requests_at_entry_ = task_->cancelling() - (task_->must_cancel() ? 1 : 0);
  state_ = State::active;
  task_->loop().sign(alarm_);
  arm();
}

void Timeout::reschedule(std::optional<Duration> when) {
  if (state_ == State::created) throw RuntimeError("Timeout has not been entered");
  task_->observe_touch(Access::write);
  if (state_ != State::active)
    throw RuntimeError(std::string("Cannot change state of ") + to_string(state_) + " Timeout");
  when_ = when;
  disarm();
  if (Observer* observer = task_->loop().observer(heard::wakes)) [[unlikely]]
    observer->wanted(alarm_);
  arm();
}

void Timeout::arm() {
  if (!when_) return;
  Loop& loop = task_->loop();
  if (*when_ <= loop.time()) {
    loop.enqueue(alarm_);
  } else {
    loop.arm(alarm_, *when_);
  }
}

void Timeout::disarm() noexcept {
  alarm_.disarm(task_->loop());
  if (Observer* observer = task_->loop().observer(heard::wakes)) [[unlikely]]
    observer->unwanted(alarm_);
}

void Timeout::expire() {
  COWEAVE_INTERNAL_CHECK(state_ == State::active, "a limit expires only while its block runs");
  task_->request_cancel({});
  state_ = State::expiring;
}

/// CPython's Timeout.__aexit__.
void Timeout::leave(std::exception_ptr error) {
  disarm();
  if (state_ == State::active) {
    state_ = State::finished;
    if (error) std::rethrow_exception(error);
    return;
  }
  state_ = State::expired;
  const bool nobody_else = task_->uncancel() <= requests_at_entry_;
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const CancelledError&) {
    if (nobody_else) throw TimeoutError(std::move(error));
    throw;
  }
}

}  // namespace coweave
