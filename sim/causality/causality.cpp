#include <coweave/sim/causality/causality.hpp>

#include <coweave/sim/entry.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace coweave::sim {

namespace {

void forget(std::vector<Clock>& clocks) {
  for (Clock& clock : clocks) std::fill(clock.begin(), clock.end(), 0);
}

bool gives(Verb verb) noexcept {
  switch (verb) {
    case Verb::release:
    case Verb::set:
    case Verb::notify:
    case Verb::leave:
    case Verb::reset:
    case Verb::abort:
    case Verb::put:
    case Verb::task_done:
    case Verb::shutdown:
    case Verb::result:
    case Verb::exception:
    case Verb::cancel:
      return true;
    default:
      return false;
  }
}

bool is_shared(const ObjectRef& object) noexcept {
  return object.kind[0] == 'S' && object.kind[1] == 'h' && std::strcmp(object.kind, "Shared") == 0;
}

/// Whether a task stands in the line of a lock, so that who wakes it is whoever happened to have it.
bool waits_for_lock(const detail::Handle& handle) {
  if (handle.kind() != HandleKind::task) return false;
  const detail::Waiter* waiter = static_cast<const TaskBase&>(handle).waiting();
  return waiter && !waiter->awaited_task() && is_lock(waiter->describe().object);
}

bool takes(Verb verb) noexcept {
  return verb == Verb::acquire || verb == Verb::wait || verb == Verb::get || verb == Verb::read;
}

}  // namespace

bool is_lock(const ObjectRef& object) noexcept {
  if (!object.kind || (object.kind[0] != 'L' && object.kind[0] != 'C')) return false;
  return std::strcmp(object.kind, "Lock") == 0 || std::strcmp(object.kind, "Condition.lock") == 0;
}

void Causality::begin_run(Loop& loop) {
  loop_ = &loop;
  forget(tasks_);
  forget(objects_);
  std::fill(acquired_.begin(), acquired_.end(), Moment{});
  waiting_count_ = 0;
  handle_ = nullptr;
  lock_released_ = false;
  of_handles_ = 0;
}

// What is asked for by everything that is heard is inline.

[[gnu::always_inline]] inline std::uint32_t Causality::actor() const noexcept {
  const TaskBase* task = loop_->current_task();
  return task ? task->serial() : 0;
}

/// A task is in its first moment when it is first heard of.
[[gnu::always_inline]] inline Clock& Causality::of_task(std::uint32_t serial) {
  Clock& clock = coweave::sim::entry(tasks_, serial);
  std::uint32_t& own = coweave::sim::entry(clock, serial);
  if (own == 0) [[unlikely]]
    own = 1;
  return clock;
}

[[gnu::always_inline]] inline Clock* Causality::running() {
  if (const std::uint32_t serial = actor(); serial != 0) return &of_task(serial);
  return handle_ ? &of_handle_ : nullptr;
}

std::uint32_t Causality::entry(std::uint32_t of) {
  const Clock* clock = running();
  return clock && of < clock->size() ? (*clock)[of] : 0;
}

const Clock* Causality::known() { return running(); }

Moment Causality::now() {
  const std::uint32_t self = actor();
  return {self, self != 0 ? of_task(self)[self] : entry(0)};
}

inline void Causality::told() {
  if (const std::uint32_t serial = actor(); serial != 0) {
    ++of_task(serial)[serial];
  } else if (handle_) {
    coweave::sim::entry(of_handle_, 0) = ++of_handles_;
  }
}

void Causality::task_created(const TaskBase& task) {
  coweave::sim::entry(parents_, task.serial()) = task.parent();
  if (task.parent() != 0) of_task(task.parent());
  Clock& child = of_task(task.serial());
  if (task.parent() != 0) {
    join(child, of_task(task.parent()));
    ++of_task(task.parent())[task.parent()];
  } else if (handle_) {
    join(child, of_handle_);
    told();
  }
}

/// Whoever created the task goes on only after its first step.
void Causality::eager_step_ended(const TaskBase& task) {
  if (task.parent() == 0) return;
  of_task(task.parent());
  join(of_task(task.parent()), of_task(task.serial()));
  ++of_task(task.serial())[task.serial()];
}

void Causality::woken(const detail::Handle& handle) {
  if (std::exchange(lock_released_, false) && waits_for_lock(handle)) return;
  if (handle.kind() == HandleKind::task) {
    const std::uint32_t serial = handle.owner();
    Clock& woken = of_task(serial);
    const Clock* by = running();
    if (!by || by == &woken) return;
    join(woken, *by);
    return told();
  }
  // Whoever wants it to run did so before; it is not known when, so until now.
  std::size_t place = 0;
  while (place < waiting_count_ && waiting_[place].handle != &handle) ++place;
  if (place == waiting_count_) {
    if (waiting_count_ == waiting_.size()) waiting_.emplace_back();
    ++waiting_count_;
  }
  Waiting& entry = waiting_[place];
  entry.handle = &handle;
  std::fill(entry.clock.begin(), entry.clock.end(), 0);
  if (handle.owner() != 0) join(entry.clock, of_task(handle.owner()));
  if (const Clock* by = running()) {
    join(entry.clock, *by);
    told();
  }
}

void Causality::step_begins(const detail::Handle& handle) {
  lock_released_ = false;
  if (handle.kind() == HandleKind::task) return;
  handle_ = &handle;
  owner_ = handle.owner();
  kind_ = handle.kind();
  std::fill(of_handle_.begin(), of_handle_.end(), 0);
  for (std::size_t place = 0; place < waiting_count_; ++place) {
    if (waiting_[place].handle != &handle) continue;
    std::swap(of_handle_, waiting_[place].clock);
    std::swap(waiting_[place], waiting_[--waiting_count_]);
    break;
  }
  told();
}

void Causality::step_ended() {
  if (!handle_) return;
  handle_ = nullptr;
  // A group or a gather notes that a child is done, and whoever waits for them all may not have to be woken.
  const bool counts = kind_ == HandleKind::group || kind_ == HandleKind::gather || kind_ == HandleKind::wait;
  if (!counts || owner_ == 0) return;
  if (const std::uint32_t parent = coweave::sim::entry(parents_, owner_); parent != 0)
    join(of_task(parent), of_handle_);
}

void Causality::cancel_requested(const TaskBase& task) {
  const Clock* by = running();
  Clock& asked = of_task(task.serial());
  if (!by || by == &asked) return;
  join(asked, *by);
  told();
}

Moment Causality::operation(Verb verb, const ObjectRef& object) {
  lock_released_ = false;
  Clock* self = running();
  if (!self || !object.kind || is_shared(object)) return now();
  if (locks_ == LocksOrder::necessities && is_lock(object)) {
    lock_used(verb, loop_->number_of(object));
    return now();
  }
  const bool gathers = verb == Verb::wait && std::strcmp(object.kind, "Barrier") == 0;
  const bool gives_now = gathers || gives(verb);
  if (!gives_now && !takes(verb)) return now();
  Clock& known = coweave::sim::entry(objects_, loop_->number_of(object));
  if (takes(verb)) join(*self, known);
  const Moment moment = now();
  if (gives_now) {
    join(known, *self);
    told();
  }
  return moment;
}

/// Whoever takes it and knows that it was taken could not have been first: what was done under it is over.
void Causality::lock_used(Verb verb, std::uint32_t lock) {
  Clock& known = coweave::sim::entry(objects_, lock);
  if (verb == Verb::release) {
    lock_released_ = true;
    known = *running();
    return told();
  }
  if (verb != Verb::acquire) return;
  Moment& acquired = coweave::sim::entry(acquired_, lock);
  if (acquired.number != 0 && knows(acquired)) join(*running(), known);
  acquired = now();
}

void Causality::looked_at(const FutureBase& future) {
  Clock* self = running();
  if (!self || !future.done()) return;
  if (const TaskBase* task = future.as_task()) {
    const std::uint32_t serial = task->serial();
    of_task(serial);
    self = running();
    if (serial != actor()) join(*self, tasks_[serial]);
    return;
  }
  // It must not get its number here: whether somebody looks at causes decides nothing.
  const ObjectId& id = *future.reference().id;
  if (id.epoch == loop_->epoch() && id.number != 0) join(*self, coweave::sim::entry(objects_, id.number));
}

}  // namespace coweave::sim
