#include <coweave/sim/attention.hpp>

#include <coweave/core/task.hpp>
#include <coweave/sim/entry.hpp>

namespace coweave::sim {

using traces::SchedulingPoints;

void Attention::begin_run(SchedulingPoints points, bool for_policy, Observer* next) {
  points_ = points;
  for_policy_ = for_policy;
  next_ = next;
  actors_.begin_run();
  candidates_.clear();
}

const detail::Turn* Attention::turn_of(const detail::Handle& handle) const noexcept {
  if (handle.kind() != HandleKind::task || handle.owner() >= turns_.size()) return nullptr;
  const detail::Turn* turn = turns_[handle.owner()].get();
  return turn && static_cast<const TaskBase&>(handle).waiting() == turn ? turn : nullptr;
}

Candidate Attention::describe(const detail::Handle& handle) {
  Candidate candidate;
  candidate.actor = actors_.number_of(handle);
  if (const detail::Turn* turn = turn_of(handle)) {
    candidate.next = {turn->access, turn->object};
    candidate.gave_way = true;
  }
  return candidate;
}

void Attention::look(std::span<detail::Handle* const> ready, bool pass_over) {
  handles_.clear();
  positions_.clear();
  candidates_.clear();
  for (std::size_t position = 0; position < ready.size(); ++position) {
    detail::Handle& handle = *ready[position];
    if (pass_over) {
      const detail::Turn* turn = turn_of(handle);
      if (turn && turn->pending().contends && !static_cast<const TaskBase&>(handle).must_cancel()) continue;
    }
    handles_.push_back(&handle);
    positions_.push_back(position);
    if (for_policy_) candidates_.push_back(describe(handle));
  }
  if (handles_.empty()) {
    handles_.push_back(ready.front());
    positions_.push_back(0);
    if (for_policy_) candidates_.push_back(describe(*ready.front()));
  }
}

void Attention::step_begins(std::size_t index) {
  if (!for_policy_) return;
  taken_ = candidates_[index];
  operations_.clear();
  created_.clear();
  woken_.clear();
}

detail::Turn* Attention::take(const detail::Pending& pending) {
  if (pending.waits) return nullptr;
  if (points_ == SchedulingPoints::awaits && (pending.only_access || pending.contends)) return nullptr;
  TaskBase* task = Loop::current().current_task();
  std::unique_ptr<detail::Turn>& turn = entry(turns_, task->serial());
  if (!turn) turn = std::make_unique<detail::Turn>();
  turn->access = pending.access;
  turn->object = for_policy_ && pending.object.kind ? actors_.number_of(pending.object) : 0;
  return turn.get();
}

void Attention::task_created(const TaskBase& task) {
  actors_.created(task);
  created_.push_back(actors_.task(task.serial()));
  if (next_) next_->task_created(task);
}

void Attention::task_finished(const TaskBase& task) {
  operations_.push_back({Access::write, actors_.number_of(task.reference())});
  if (next_) next_->task_finished(task);
}

void Attention::eager_step_begins(const TaskBase& task) {
  if (next_) next_->eager_step_begins(task);
}

void Attention::eager_step_ended(const TaskBase& task) {
  if (next_) next_->eager_step_ended(task);
}

void Attention::woken(const detail::Handle& handle) {
  woken_.push_back(actors_.number_of(handle));
  if (next_) next_->woken(handle);
}

void Attention::operation(Verb verb, const ObjectRef& object) {
  const Part part = verb == Verb::acquire ? Part::take : verb == Verb::release ? Part::give : Part::none;
  if (object.kind) operations_.push_back({access_of(verb), actors_.number_of(object), part});
  if (next_) next_->operation(verb, object);
}

void Attention::cancel_requested(const TaskBase& task) {
  operations_.push_back({Access::write, actors_.number_of(task.reference())});
  if (next_) next_->cancel_requested(task);
}

void Attention::noted(std::string_view text, std::source_location at) {
  if (next_) next_->noted(text, at);
}

}  // namespace coweave::sim
