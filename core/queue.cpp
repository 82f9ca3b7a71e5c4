#include <coweave/core/queue.hpp>

namespace coweave::detail {

QueueBase::QueueBase(const char* kind, std::size_t maxsize, const char* name)
    : Object(kind, name), finished_(name), maxsize_(maxsize) {}

QueueBase::~QueueBase() {
  gone_ = true;
  report_if_in_use(!getters_.empty() || !putters_.empty() || !called_.empty());
}

void QueueBase::task_done(std::source_location at) {
  if (unfinished_ == 0) {
    observe(Verb::read, at);
    throw ValueError("task_done() called too many times");
  }
  observe(Verb::task_done, at);
  if (--unfinished_ == 0) finished_.set(at);
}

void QueueBase::shutdown(bool immediate, std::source_location at) {
  observe(Verb::shutdown, at);
  shut_down_ = true;
  if (immediate) {
    while (size() > 0) {
      drop_item();
      if (unfinished_ > 0 && --unfinished_ == 0) finished_.set(at);
    }
  }
  while (getters_.take_and_wake(called_)) {
  }
  while (putters_.take_and_wake(called_)) {
  }
}

void QueueBase::require_room(std::source_location at) const {
  if (!shut_down_ && !is_full()) return;
  observe(Verb::read, at);
  if (shut_down_) throw QueueShutDown();
  throw QueueFull();
}

void QueueBase::require_item(std::source_location at) const {
  if (size() > 0) return;
  observe(Verb::read, at);
  if (shut_down_) throw QueueShutDown();
  throw QueueEmpty();
}

void QueueBase::item_added(std::source_location at) noexcept {
  if (unfinished_++ == 0) finished_.clear(at);
  if (Loop::observed(heard::of(Verb::put))) [[unlikely]]
    observe(Verb::put, at, maxsize_ == 0 ? -1 : static_cast<std::int64_t>(maxsize_ - size()));
  getters_.take_and_wake(called_);
}

void QueueBase::item_taken(std::source_location at) noexcept {
  observe(Verb::get, at);
  putters_.take_and_wake(called_);
}

bool QueueBase::Wait::can_go() const noexcept { return satisfied() || queue_.shut_down_; }

bool QueueBase::Wait::proceed() {
  if (interrupted()) return true;
  if (alone()) {  // the queue is gone, which it has reported: only a cancellation ends this
    begin_again();
    return false;
  }
  if (can_go()) return true;
  unlink();
  begin_again();
  line_.push_back(*this);
  queue_.observe_line();
  return false;
}

void QueueBase::Wait::settle() {
  if (state() == State::idle) return;
  const bool queue_lives = !alone();
  unlink();
  if (!interrupted()) return;
  if (queue_lives) {
    queue_.observe_touch(Access::write);
    pass_on();
  }
  throw_cancelled();
}

void QueueBase::Wait::pass_on() {
  if (state() == State::woken && satisfied()) line_.take_and_wake(queue_.called_);
}

WaitDescription QueueBase::Wait::describe() const {
  WaitDescription wait;
  wait.action = action_;
  if (alone()) return wait;  // the queue is gone
  wait.object = queue_.reference();
  wait.could_go = state() == State::pending && !queue_.gone_ && can_go();
  return wait;
}

}  // namespace coweave::detail
