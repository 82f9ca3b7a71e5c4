#include <coweave/sim/causality/causality.hpp>

#include <coweave/sim/entry.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace coweave::sim {

namespace {

bool is_shared(const ObjectRef& object) noexcept {
  return object.kind[0] == 'S' && object.kind[1] == 'h' && std::strcmp(object.kind, "Shared") == 0;
}

/// Whether a task stands in the line of that object.
bool waits_for(const detail::Handle& handle, const ObjectId* object) {
  if (handle.kind() != HandleKind::task) return false;
  const detail::Waiter* waiter = static_cast<const TaskBase&>(handle).waiting();
  return waiter && !waiter->awaited_task() && waiter->describe().object.id == object;
}

bool knows_anything(const Clock& clock) noexcept {
  return std::any_of(clock.begin(), clock.end(), [](std::uint32_t number) { return number != 0; });
}

bool is_barrier(const ObjectRef& object) noexcept {
  return object.kind[0] == 'B' && std::strcmp(object.kind, "Barrier") == 0;
}

}  // namespace

void Causality::begin_run(Loop& loop) {
  loop_ = &loop;
  for (Clock& clock : tasks_) forget(clock);
  for (Clock& clock : objects_) forget(clock);
  for (Held& held : held_) held.begin_run();
  for (Flag& flag : flags_) flag.begin_run();
  taken_.clear();
  for (Items& items : items_) items.clear();
  asked_.begin_run();
  handle_ = nullptr;
  passed_on_ = nullptr;
  set_ = done_ = 0;
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

[[gnu::always_inline]] inline Moment Causality::moment() {
  const std::uint32_t self = actor();
  return {self, self != 0 ? of_task(self)[self] : entry(0)};
}

Moment Causality::now() { return moment(); }

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
  if (passed_on_ && waits_for(handle, passed_on_)) return;
  if (handle.kind() == HandleKind::task) {
    const std::uint32_t serial = handle.owner();
    Clock& woken = of_task(serial);
    if (set_ != 0) join(woken, objects_[set_]);
    const Clock* by = running();
    if (!by || by == &woken) return;
    join(woken, *by);
    return told();
  }
  Clock& known = asked_.of(handle);
  if (const std::uint32_t owner = handle.owner(); owner != 0 && !is_function(handle.kind())) {
    // It wants that to run since some time; it is not known when, so until now.
    Clock& wants = of_task(owner);
    join(known, wants);
    if (owner != actor()) ++wants[owner];
  }
  if (const Clock* by = running()) {
    join(known, *by);
    told();
  }
}

/// Whatever is no function knows what its owner does until it is woken.
void Causality::wanted(const detail::Handle& handle) {
  const Clock* by = running();
  if (!by || (!is_function(handle.kind()) && handle.owner() == actor())) return;
  join(asked_.of(handle), *by);
  told();
}

void Causality::dropped(const detail::Handle& handle) { asked_.drop(handle); }

void Causality::step_begins(const detail::Handle& handle) {
  passed_on_ = nullptr;
  set_ = done_ = 0;
  if (handle.kind() == HandleKind::task) return;
  handle_ = &handle;
  owner_ = handle.owner();
  kind_ = handle.kind();
  forget(of_handle_);
  asked_.take(handle, of_handle_);
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
  passed_on_ = nullptr;
  set_ = 0;
  const std::uint32_t done = std::exchange(done_, 0);
  if (!running() || !object.kind || is_shared(object)) return moment();
  take(verb, object);
  const Moment then = moment();
  give(verb, object, done);
  return then;
}

void Causality::take(Verb verb, const ObjectRef& object) {
  switch (verb) {
    case Verb::acquire:
      return acquired(object);
    case Verb::get:
      return got(object);
    case Verb::put:
      return coweave::sim::entry(items_, loop_->number_of(object)).take_place(*running(), object.free);
    case Verb::read:
    case Verb::wait:
      return found(loop_->number_of(object));
    default:
      return;
  }
}

void Causality::give(Verb verb, const ObjectRef& object, std::uint32_t done) {
  switch (verb) {
    case Verb::release:
      return released(object);
    case Verb::set:
      return set(loop_->number_of(object), done);
    case Verb::clear:
      return clear(object);
    case Verb::notify:
      return notified();
    case Verb::put:
      coweave::sim::entry(items_, loop_->number_of(object)).put(*running(), moment());
      passed_on_ = object.id;
      break;
    case Verb::get:
      coweave::sim::entry(items_, loop_->number_of(object)).got(*running());
      return told();
    case Verb::acquire:  // what is done under it is not known to whoever finds that it is taken
      return told();
    case Verb::task_done:
    case Verb::shutdown:
      done_ = loop_->number_of(object);
      break;
    case Verb::wait:
      if (!is_barrier(object)) return;
      break;
    case Verb::leave:
    case Verb::reset:
    case Verb::abort:
    case Verb::result:
    case Verb::exception:
    case Verb::cancel:
      break;
    default:
      return;
  }
  join(coweave::sim::entry(objects_, loop_->number_of(object)), *running());
  told();
}

const Holders& Causality::holders(std::uint32_t number) {
  return coweave::sim::entry(held_, number).holders();
}

void Causality::acquired(const ObjectRef& object) {
  const std::uint32_t number = loop_->number_of(object);
  Held& held = coweave::sim::entry(held_, number);
  const bool was_taken = !held.holders().all().empty();
  join(*running(), coweave::sim::entry(objects_, number));
  held.acquired(moment(), *running(), object.free);
  if (!was_taken && !held.holders().all().empty()) taken_.push_back(number);
  passed_on_ = object.id;
}

/// Somebody looks at an object, and learns what has come of what it knows to have been done.
void Causality::found(std::uint32_t number) {
  if (number < held_.size()) held_[number].found(*running());
  if (number < flags_.size()) flags_[number].found(*running());
  if (number < items_.size()) items_[number].found(*running());
  join(*running(), coweave::sim::entry(objects_, number));
}

void Causality::released(const ObjectRef& object) {
  const std::uint32_t number = loop_->number_of(object);
  Held& held = coweave::sim::entry(held_, number);
  const bool is_own = held.released(moment(), *running(), object.free);
  if (held.holders().all().empty()) std::erase(taken_, number);
  if (object.has_condition) held.leave(*running());
  if (!is_own) join(coweave::sim::entry(objects_, number), *running());
  told();
  passed_on_ = object.id;
}

/// An event that is set already is not set by this. That the last item of a queue is done, is known by all
/// that were.
void Causality::set(std::uint32_t event, std::uint32_t done) {
  Clock& known = coweave::sim::entry(objects_, event);
  if (knows_anything(known)) return;
  if (done != 0) join(known, objects_[done]);
  join(known, *running());
  coweave::sim::entry(flags_, event).set(moment());
  told();
  set_ = event;
}

void Causality::clear(const ObjectRef& event) {
  const std::uint32_t number = loop_->number_of(event);
  forget(coweave::sim::entry(objects_, number));
  if (std::strcmp(event.kind, "Event") != 0) return;  // nobody can ask the join of a queue
  coweave::sim::entry(flags_, number).cleared(*running());
  told();
}

/// Who puts an item wakes whoever waits for any, so that order is luck; that of the item itself is not.
void Causality::got(const ObjectRef& queue) {
  const std::uint32_t number = loop_->number_of(queue);
  Items& items = coweave::sim::entry(items_, number);
  const bool is_fifo = std::strcmp(queue.kind, "Queue") == 0;
  const bool is_lifo = std::strcmp(queue.kind, "LifoQueue") == 0;
  if (items.empty()) return join(*running(), coweave::sim::entry(objects_, number));
  const Clock& item = is_lifo ? items.take_last() : items.take_first();
  join(*running(), is_fifo || is_lifo ? item : coweave::sim::entry(objects_, number));
}

/// Whoever waits later than this finds under the lock that there is nothing to wait for, and so does whoever
/// is woken. That it is so may be the work of all who held the lock before: of readers who leave one by one
/// the last notifies.
void Causality::notified() {
  for (const std::uint32_t number : taken_) {
    const Held& held = held_[number];
    if (!held.holders().is_held_by(actor())) continue;
    join(coweave::sim::entry(objects_, number), *running());
    join(objects_[number], held.left());
  }
  told();
}

/// Of those who stand outside a barrier one arrives, and finds who came before.
void Causality::touched(Access access, const ObjectRef& object) {
  if (access != Access::read || !object.kind || !is_barrier(object) || !running()) return;
  join(*running(), coweave::sim::entry(objects_, loop_->number_of(object)));
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
