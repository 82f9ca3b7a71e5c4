#include <coweave/sim/attention.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/core/task.hpp>
#include <coweave/sim/entry.hpp>

#include <algorithm>

namespace coweave::sim {

using traces::SchedulingPoints;

void Attention::begin_run(SchedulingPoints points, bool for_policy, Observer* next) {
  points_ = points;
  for_policy_ = for_policy;
  pass_on_to(next);
  actors_.begin_run();
  count_ = 0;
  std::fill(have_to_wait_.begin(), have_to_wait_.end(), false);
}

namespace {

/// What an operation is of something that can run out.
Part part_of(Verb verb) noexcept {
  switch (verb) {
    case Verb::acquire:
      return Part::take;
    case Verb::release:
      return Part::give;
    case Verb::put:
      return Part::put;
    case Verb::get:
      return Part::get;
    default:
      return Part::none;
  }
}

/// The one of `turns`, by serial number of the task, that `handle` stands at; null: none.
[[gnu::always_inline]] inline const detail::Turn* turn_at(
    const std::vector<std::unique_ptr<detail::Turn>>& turns, const detail::Handle& handle) noexcept {
  if (handle.kind() != HandleKind::task || handle.owner() >= turns.size()) return nullptr;
  const detail::Turn* turn = turns[handle.owner()].get();
  return turn && static_cast<const TaskBase&>(handle).waiting() == turn ? turn : nullptr;
}

/// Whether a timer made `handle` ready.
bool is_timed(const detail::Handle& handle) noexcept {
  switch (handle.kind()) {
    case HandleKind::timer:
    case HandleKind::timeout:
      return true;
    case HandleKind::call:
      return static_cast<const detail::CallbackBase&>(handle).when() != Duration::zero();
    default:
      return false;
  }
}

}  // namespace

const detail::Turn* Attention::turn_of(const detail::Handle& handle) const noexcept {
  return turn_at(turns_, handle);
}

void Attention::make_room(std::size_t count) {
  handles_.resize(count);
  positions_.resize(count);
  candidates_.resize(count);
}

/// Written field by field where it stays: this is done for all that are ready, in every step.
[[gnu::always_inline]] inline void Attention::see(detail::Handle& handle, std::size_t position,
                                                  const detail::Turn* turn) {
  handles_[count_] = &handle;
  positions_[count_] = position;
  if (for_policy_) {
    Candidate& candidate = candidates_[count_];
    candidate.actor = actors_.number_of(handle);
    candidate.next.access = turn ? turn->access : Access::unknown;
    candidate.next.object = turn ? turn->object : 0;
    candidate.gave_way = turn != nullptr;
  }
  ++count_;
}

/// Whether `handle`, which stands at `turn`, would only stand in line, where nobody can see it.
[[gnu::always_inline]] inline bool would_line_up(const detail::Handle& handle, const detail::Turn& turn) {
  if (turn.only_access) return false;
  const detail::Pending pending = turn.pending();
  return pending.contends && !pending.line_shows && !static_cast<const TaskBase&>(handle).must_cancel();
}

void Attention::look(std::span<detail::Handle* const> ready, bool pass_over) {
  if (ready.size() > handles_.size()) [[unlikely]]
    make_room(2 * ready.size());
  count_ = 0;
  for (std::size_t position = 0; position < ready.size(); ++position) {
    detail::Handle& handle = *ready[position];
    const detail::Turn* turn = turn_at(turns_, handle);
    if (pass_over && turn && would_line_up(handle, *turn)) {
      if (for_policy_) entry(have_to_wait_, handle.owner()) = true;
      continue;
    }
    see(handle, position, turn);
  }
  if (count_ == 0) look(ready, false);
}

void Attention::step_begins(std::size_t index) {
  if (!for_policy_) return;
  taken_ = index;
  operations_.clear();
  created_.clear();
  woken_.clear();
  forgotten_.clear();
  self_ = actors_.object_of(candidates_[index].actor);
  is_timed_ = is_timed(*handles_[index]);
  judged_ = Judged::not_at_all;
  end_ = End::none;
  left_.clear();
  const detail::Handle& handle = *handles_[index];
  const bool is_task = handle.kind() == HandleKind::task && handle.owner() < have_to_wait_.size();
  had_to_wait_ = is_task && have_to_wait_[handle.owner()];
  if (had_to_wait_) have_to_wait_[handle.owner()] = false;
}

void Attention::ends(End end, std::span<detail::Handle* const> left) {
  end_ = end;
  for (const detail::Handle* handle : left) left_.push_back(actors_.number_of(*handle));
}

detail::Turn* Attention::take(const detail::Pending& pending) {
  if (pending.waits) return nullptr;
  if (points_ == SchedulingPoints::awaits && (pending.only_access || pending.contends)) return nullptr;
  TaskBase* task = Loop::current().current_task();
  std::unique_ptr<detail::Turn>& turn = entry(turns_, task->serial());
  if (!turn) [[unlikely]]
    turn = std::make_unique<detail::Turn>();
  turn->access = pending.access;
  turn->only_access = pending.only_access;
  turn->object = for_policy_ && pending.object.kind ? actors_.number_of(pending.object) : 0;
  return turn.get();
}

void Attention::task_created(const TaskBase& task) {
  actors_.created(task);
  created_.push_back(actors_.task(task.serial()));
  PassingObserver::task_created(task);
}

void Attention::task_finished(const TaskBase& task) {
  operations_.emplace_back(Access::write, actors_.number_of(task.reference()));
  PassingObserver::task_finished(task);
}

void Attention::woken(const detail::Handle& handle) {
  const std::uint32_t actor = actors_.number_of(handle);
  woken_.push_back(actor);
  operations_.emplace_back(Access::read, actors_.object_of(actor));
  PassingObserver::woken(handle);
}

void Attention::operation(Verb verb, const ObjectRef& object, std::source_location at) {
  if (object.kind) operations_.emplace_back(access_of(verb), actors_.number_of(object), part_of(verb));
  PassingObserver::operation(verb, object, at);
}

void Attention::cancel_requested(const TaskBase& task, std::source_location at) {
  operations_.emplace_back(Access::write, actors_.number_of(task.reference()));
  operations_.emplace_back(Access::write, actors_.object_of(actors_.task(task.serial())));
  PassingObserver::cancel_requested(task, at);
}

void Attention::looked_at(const FutureBase& future) {
  operations_.emplace_back(Access::read, actors_.number_of(future.reference()));
  PassingObserver::looked_at(future);
}

void Attention::touched(Access access, const ObjectRef& object) {
  operations_.emplace_back(access, object.kind ? actors_.number_of(object) : 0);
  PassingObserver::touched(access, object);
}

void Attention::lined_up(const ObjectRef& object) {
  operations_.emplace_back(Access::write, actors_.number_of(object), Part::line);
  PassingObserver::lined_up(object);
}

void Attention::passed_over(const TaskBase& task) {
  operations_.emplace_back(Access::read, actors_.object_of(actors_.task(task.serial())));
  PassingObserver::passed_over(task);
}

void Attention::forgotten(const detail::Handle& handle) {
  const std::uint32_t actor = actors_.number_of(handle);
  forgotten_.push_back(actor);
  operations_.emplace_back(Access::write, actors_.object_of(actor));
  PassingObserver::forgotten(handle);
}

}  // namespace coweave::sim
