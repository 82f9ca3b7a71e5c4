#include <coweave/sim/causality/causality.hpp>

#include <coweave/sim/entry.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace coweave::sim {

namespace {

void forget(Clock& clock) { std::fill(clock.begin(), clock.end(), 0); }

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

/// Whether it is called, or run in a thread, for whoever asked for that and goes on beside it.
bool is_function(HandleKind kind) noexcept {
  return kind == HandleKind::call || kind == HandleKind::done || kind == HandleKind::thread ||
         kind == HandleKind::returned;
}

/// That it has as a function, from 1; 0: it is none, or nobody knows who asked for it.
std::uint32_t ordinal_of(const detail::Handle& handle) noexcept {
  return is_function(handle.kind()) ? handle.ordinal() : 0;
}

bool is_barrier(const ObjectRef& object) noexcept {
  return object.kind[0] == 'B' && std::strcmp(object.kind, "Barrier") == 0;
}

}  // namespace

void Causality::begin_run(Loop& loop) {
  loop_ = &loop;
  for (Clock& clock : tasks_) forget(clock);
  for (Clock& clock : objects_) forget(clock);
  for (Held& held : held_) {
    held.holders.begin_run();
    held.acquired = {};
    for (Sections& sections : held.told) sections.count = 0;
  }
  taken_.clear();
  for (Items& items : items_) items.clear();
  waiting_count_ = 0;
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
  Waiting* entry = waiting(handle);
  if (!entry) entry = &add_waiting(handle);
  if (const std::uint32_t owner = handle.owner(); owner != 0 && !is_function(handle.kind())) {
    // It wants that to run since some time; it is not known when, so until now.
    Clock& wants = of_task(owner);
    join(entry->clock, wants);
    if (owner != actor()) ++wants[owner];
  }
  if (const Clock* by = running()) {
    join(entry->clock, *by);
    told();
  }
}

/// Whatever is no function knows what its owner does until it is woken.
void Causality::wanted(const detail::Handle& handle) {
  const Clock* by = running();
  if (!by || (!is_function(handle.kind()) && handle.owner() == actor())) return;
  join(add_waiting(handle).clock, *by);
  told();
}

void Causality::dropped(const detail::Handle& handle) {
  if (Waiting* entry = waiting(handle)) remove(*entry);
}

Causality::Waiting* Causality::waiting(const detail::Handle& handle) noexcept {
  const std::uint32_t ordinal = ordinal_of(handle);
  for (std::size_t place = 0; place < waiting_count_; ++place) {
    Waiting& entry = waiting_[place];
    if (entry.ordinal != ordinal) continue;
    if (ordinal != 0 ? entry.owner == handle.owner() : entry.handle == &handle) return &entry;
  }
  return nullptr;
}

Causality::Waiting& Causality::add_waiting(const detail::Handle& handle) {
  Waiting& entry = coweave::sim::entry(waiting_, waiting_count_++);
  entry.handle = &handle;
  entry.owner = handle.owner();
  entry.ordinal = ordinal_of(handle);
  forget(entry.clock);
  return entry;
}

void Causality::remove(Waiting& entry) noexcept { std::swap(entry, waiting_[--waiting_count_]); }

void Causality::step_begins(const detail::Handle& handle) {
  passed_on_ = nullptr;
  set_ = done_ = 0;
  if (handle.kind() == HandleKind::task) return;
  handle_ = &handle;
  owner_ = handle.owner();
  kind_ = handle.kind();
  forget(of_handle_);
  if (Waiting* entry = waiting(handle)) {
    std::swap(of_handle_, entry->clock);
    remove(*entry);
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
    case Verb::read:
      found(loop_->number_of(object));
      [[fallthrough]];
    case Verb::wait:
      return join(*running(), coweave::sim::entry(objects_, loop_->number_of(object)));
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
      return forget(coweave::sim::entry(objects_, loop_->number_of(object)));
    case Verb::notify:
      return notified();
    case Verb::put:
      coweave::sim::entry(items_, loop_->number_of(object)).put(*running());
      passed_on_ = object.id;
      break;
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

const Holders& Causality::holders(std::uint32_t number) { return coweave::sim::entry(held_, number).holders; }

/// Whoever takes a lock, or a permit, and knows that another had it, or all of them, could not have been
/// first: what that did until it gave any back is over.
void Causality::acquired(const ObjectRef& object) {
  const std::uint32_t number = loop_->number_of(object);
  Held& held = coweave::sim::entry(held_, number);
  const bool was_taken = !held.holders.all().empty();
  held.holders.acquired(actor(), object.free);
  if (!was_taken && !held.holders.all().empty()) taken_.push_back(number);
  join(*running(), coweave::sim::entry(objects_, number));
  if (!held.holders.is_signal()) join_known_sections(held);
  if (held.holders.is_held_alone_by(actor())) held.acquired = moment();
  passed_on_ = object.id;
}

void Causality::join_known_sections(Held& held) {
  for (const Sections& sections : held.told) {
    const auto end = sections.all.begin() + static_cast<std::ptrdiff_t>(sections.count);
    const auto unknown = std::upper_bound(
        sections.all.begin(), end, entry(sections.actor),
        [](std::uint32_t known, const Section& section) { return known < section.acquired; });
    if (unknown != sections.all.begin()) join(*running(), std::prev(unknown)->released);
  }
}

/// Whoever finds that nobody has it, and knows that somebody had, knows that this is over.
void Causality::found(std::uint32_t number) {
  if (number >= held_.size()) return;
  Held& held = held_[number];
  if (!held.holders.is_signal() && held.holders.all().empty()) join_known_sections(held);
}

/// Whoever knows that it began has been told in it, or else knows its end.
void Causality::end_section(Held& held) {
  const Moment end = moment();
  if (held.acquired.actor != end.actor || held.acquired.number == end.number) return;
  auto own = std::find_if(held.told.begin(), held.told.end(),
                          [&](const Sections& sections) { return sections.actor == end.actor; });
  if (own == held.told.end()) {
    held.told.push_back({end.actor});
    own = std::prev(held.told.end());
  }
  Section& section = coweave::sim::entry(own->all, own->count++);
  section.acquired = held.acquired.number;
  section.released = *running();
}

void Causality::released(const ObjectRef& object) {
  const std::uint32_t number = loop_->number_of(object);
  Held& held = coweave::sim::entry(held_, number);
  const bool kept_others_out = held.holders.is_held_alone_by(actor());
  const bool is_own = held.holders.released(actor(), object.free);
  if (held.holders.all().empty()) std::erase(taken_, number);
  if (kept_others_out) end_section(held);
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
  told();
  set_ = event;
}

/// Who puts an item wakes whoever waits for any, so that order is luck; that of the item itself is not.
void Causality::got(const ObjectRef& queue) {
  const std::uint32_t number = loop_->number_of(queue);
  Items& items = coweave::sim::entry(items_, number);
  const bool is_fifo = std::strcmp(queue.kind, "Queue") == 0;
  const bool is_lifo = std::strcmp(queue.kind, "LifoQueue") == 0;
  if (items.empty() || (!is_fifo && !is_lifo)) return join(*running(), coweave::sim::entry(objects_, number));
  join(*running(), is_fifo ? items.take_first() : items.take_last());
}

/// Whoever waits later than this finds under the lock that there is nothing to wait for.
void Causality::notified() {
  for (const std::uint32_t number : taken_) {
    if (held_[number].holders.is_held_by(actor())) join(coweave::sim::entry(objects_, number), *running());
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
