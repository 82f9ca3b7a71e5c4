#include <coweave/core/event.hpp>

namespace coweave {

Event::~Event() { report_if_in_use(waiters_); }

void Event::set(std::source_location at) {
  observe(Verb::set, at);
  if (set_) return;
  set_ = true;
  waiters_.wake_all();
}

void Event::clear(std::source_location at) noexcept {
  observe(Verb::clear, at);
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
