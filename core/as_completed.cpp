#include <coweave/core/as_completed.hpp>

#include <coweave/core/task.hpp>

namespace coweave::detail {

void Completions::detach() noexcept {
  for (Child& child : children()) child.leave();
  alarm_.disarm(loop_);
}

/// CPython's `_AsCompletedIterator.__init__`.
void Completions::start(std::span<FutureBase* const> futures, Delay timeout) {
  const std::vector<bool> duplicate = find_duplicates(futures);
  children_ = std::make_unique<Child[]>(futures.size());
  for (std::size_t place = 0; place < futures.size(); ++place) {
    if (duplicate[place]) continue;
    Child& child = children_[size_++];
    child.completions = this;
    child.place = place;
    child.awaited = true;
    child.listen(*futures[place]);
  }
  left_ = awaited_ = size_;
  const auto when = timeout.after(loop_.time());
  if (size_ == 0 || !when) return;
  loop_.sign(alarm_);
  loop_.arm(alarm_, *when);
}

void Completions::Child::ended(Handle& handle, Action action) {
  auto& child = static_cast<Child&>(handle);
  if (action == Action::run) child.completions->child_ended(child);
}

void Completions::child_ended(Child& child) {
  observe_touch(Access::read);
  if (!child.awaited) return;  // the end of the time was first
  child.awaited = false;
  --awaited_;
  put(child.place);
  if (awaited_ == 0) alarm_.disarm(loop_);
}

void Completions::time_is_up() {
  for (Child& child : children()) {
    if (!child.awaited) continue;
    child.awaited = false;
    child.stop_listening();
    put(timed_out);
  }
  awaited_ = 0;
}

void Completions::put(std::size_t place) {
  observe_touch(Access::write);
  done_.push_back(std::move(place));
  line_.take_and_wake();
}

bool Completions::Next::proceed() {
  if (interrupted() || completions_.done_.size() > 0) return true;
  begin_again();
  completions_.observe_touch(Access::write);
  completions_.line_.push_back(*this);
  return false;
}

std::size_t Completions::Next::await_resume() {
  completions_.observe_touch(Access::write);
  if (state() != State::idle && interrupted()) {
    if (!alone()) unlink();
    // The wake-up that it consumed is another's.
    if (state() == State::woken && completions_.done_.size() > 0) completions_.line_.take_and_wake();
    throw_cancelled();
  }
  const std::size_t place = completions_.done_.front();
  completions_.done_.pop_front();
  return place;
}

WaitDescription Completions::Next::describe() const {
  WaitDescription wait;
  for (const Child& child : completions_.children()) {
    if (child.awaited && !child.future()->done()) child.future()->describe_awaited(wait);
  }
  wait.action = "as_completed";
  wait.could_go = completions_.done_.size() > 0 && state() == State::pending;
  if (completions_.alarm_.armed()) wait.due_ns = completions_.alarm_.when().count();
  return wait;
}

}  // namespace coweave::detail
