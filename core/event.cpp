#include <coweave/core/event.hpp>

namespace coweave {

Event::~Event() { report_if_in_use(waiters_); }

void Event::set() {
  observe(Verb::set);
  if (set_) return;
  set_ = true;
  waiters_.wake_all();
}

void Event::clear() noexcept {
  observe(Verb::clear);
  set_ = false;
}

WaitDescription Event::Wait::describe() const {
  WaitDescription wait;
  wait.action = "wait";
  wait.object = event_.reference();
  wait.could_go = event_.set_ && state() == State::pending;
  return wait;
}

}  // namespace coweave
