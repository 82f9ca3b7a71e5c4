#include <coweave/core/barrier.hpp>

#include <coweave/core/errors.hpp>

namespace coweave {

Barrier::Barrier(std::int64_t parties, const char* name)
    : Object("Barrier", name), parties_(static_cast<std::size_t>(parties)) {
  if (parties < 1) throw ValueError("parties must be > 0");
}

Barrier::~Barrier() { report_if_in_use(waiters_); }

void Barrier::reset(std::source_location at) {
  observe(Verb::reset, at);
  state_ = count_ > 0 ? State::resetting : State::filling;
  waiters_.wake_all();
}

void Barrier::abort(std::source_location at) {
  observe(Verb::abort, at);
  state_ = State::broken;
  waiters_.wake_all();
}

void Barrier::leave() {
  observe(Verb::leave);
  if (--count_ > 0) return;
  if (state_ != State::broken) state_ = State::filling;
  waiters_.wake_all();
}

/// The task with this number will not pass: those behind it move up.
void Barrier::close_gap(std::size_t index) {
  waiters_.for_each([index](detail::Waiter& waiter) {
    auto& wait = static_cast<Wait&>(waiter);
    if (wait.place_ == Wait::Place::inside && wait.index_ > index) --wait.index_;
  });
}

bool Barrier::Wait::await_ready() {
  barrier_.observe(Verb::wait);
  barrier_.require_same_loop(barrier_.waiters_);
  return arrive();
}

/// Goes inside if the barrier lets it. False: it has to wait, inside or outside.
bool Barrier::Wait::arrive() {
  if (barrier_.state_ == Barrier::State::broken) {
    place_ = Place::refused;
    return true;
  }
  if (barrier_.state_ != Barrier::State::filling) return false;
  place_ = Place::inside;
  index_ = barrier_.count_++;
  if (barrier_.count_ < barrier_.parties_) return false;
  barrier_.state_ = Barrier::State::draining;
  barrier_.waiters_.wake_all();
  return true;
}

bool Barrier::Wait::proceed() {
  if (interrupted()) return true;
  barrier_.observe_touch(Access::write);
  // It arrives now, and not when it came; whoever was there before it is known to it from now on.
  if (place_ == Place::outside && barrier_.state_ == Barrier::State::filling)
    barrier_.observe_touch(Access::read);
  if (place_ == Place::inside ? barrier_.state_ != Barrier::State::filling : arrive()) return true;
  unlink();
  barrier_.waiters_.push_back(*this);
  begin_again();
  return false;
}

std::size_t Barrier::Wait::await_resume() {
  if (state() != State::idle) {
    unlink();
    if (interrupted()) {
      give_up();
      throw_cancelled();
    }
  }
  if (place_ == Place::refused) throw BrokenBarrierError("Barrier aborted");
  const bool passed = barrier_.state_ == Barrier::State::draining;
  barrier_.leave();
  if (!passed) throw BrokenBarrierError("Abort or reset of barrier");
  return index_;
}

Barrier::Wait::~Wait() {
  if (alone()) return;
  unlink();
  give_up();
}

/// Leaves before its time. What it may have been woken for another task hears, as from asyncio's condition.
void Barrier::Wait::give_up() {
  barrier_.observe_touch(Access::write);
  barrier_.waiters_.wake(1);
  if (place_ != Place::inside) return;
  if (barrier_.state_ == Barrier::State::filling) barrier_.close_gap(index_);
  barrier_.leave();
}

WaitDescription Barrier::Wait::describe() const {
  WaitDescription wait;
  wait.action = "wait";
  wait.object = barrier_.reference();
  const bool filling = barrier_.state_ == Barrier::State::filling;
  const bool broken = barrier_.state_ == Barrier::State::broken;
  wait.could_go = state() == State::pending && (place_ == Place::inside ? !filling : filling || broken);
  return wait;
}

}  // namespace coweave
