#include <coweave/core/task_group.hpp>

#include <coweave/core/errors.hpp>

namespace coweave {

TaskGroup::TaskGroup() : parent_(Loop::current().current_task()) {
  if (!parent_) throw RuntimeError("TaskGroup cannot determine the parent task: it must run inside a task");
}

TaskGroup::~TaskGroup() {
  // Only if the frame was destroyed while the group ran.
  while (!children_.alone()) delete static_cast<Child*>(children_.following);
}

TaskGroup::Child::Child(TaskGroup& group_in) noexcept
    : DoneHandle(&ended, HandleKind::group), group(group_in) {}

void TaskGroup::Child::join(TaskBase& task_in) noexcept {
  task = detail::Ref<FutureBase>(&task_in);
  group.children_.insert_before(*this);
  listen(*task);
}

TaskGroup::Child::~Child() {
  unlink();
  leave();  // before it lets go of the task
}

void TaskGroup::Child::ended(Handle& handle, Action action) {
  auto& child = static_cast<Child&>(handle);
  if (action == Action::run) child.group.child_ended(child);
}

// The group is known to an observer as its parent: that an ended child leaves is a read of it, since it does
// not matter which leaves first, and whatever depends on who has left a write.

void TaskGroup::admit(detail::CoroBase& coroutine) const {
  parent_->observe_touch(Access::write);
  const char* refusal = nullptr;
  if (exiting_ && children_.alone()) refusal = "TaskGroup is finished";
  if (aborting_) refusal = "TaskGroup is shutting down";
  if (!refusal) return;
  coroutine.close();
  throw RuntimeError(refusal);
}

std::unique_ptr<TaskGroup::Child> TaskGroup::make_child(detail::CoroBase& coroutine) {
  try {
    return std::make_unique<Child>(*this);
  } catch (...) {  // there is no memory, and it is not the caller who forgot to await it
    coroutine.close();
    throw;
  }
}

void TaskGroup::adopt(std::unique_ptr<Child> child, TaskBase& task) {
  child.release()->join(task);
  // The first step of an eager task may have ended the group that it was to join (gh-155418).
  if (aborting_ && !task.done()) task.request_cancel({});
}

void TaskGroup::cancel(std::source_location at) {
  if (aborting_ || (exiting_ && children_.alone())) return;
  abort(at);
  cancel_parent(at);
}

void TaskGroup::child_ended(Child& child) {
  const detail::Ref<FutureBase> task = child.task;
  delete &child;
  parent_->observe_touch(Access::read);
  if (waiting_ && children_.alone()) waiting_->last_ended();
  if (task->cancelled()) return;
  std::exception_ptr error = task->exception();
  if (!error) return;
  parent_->observe_touch(Access::write);
  errors_.push_back(std::move(error));
  if (aborting_) return;
  abort();
  cancel_parent();
}

/// Whatever runs in the group is to end, the body too; leave() takes this request back.
void TaskGroup::cancel_parent(std::source_location at) {
  parent_cancel_requested_ = true;
  parent_->request_cancel({}, at);
}

void TaskGroup::abort(std::source_location at) {
  parent_->observe_touch(Access::write);
  aborting_ = true;
  for (detail::Link* link = children_.following; link != &children_; link = link->following) {
    FutureBase& task = *static_cast<Child*>(link)->task;
    task.observe_look();
    if (!task.done()) task.cancel({}, at);
  }
}

void TaskGroup::AllEnded::await_resume() {
  group_.waiting_ = nullptr;
  if (interrupted()) throw_cancelled();
}

void TaskGroup::AllEnded::last_ended() { wake(); }

WaitDescription TaskGroup::AllEnded::describe() const {
  WaitDescription wait;
  wait.action = "task group";
  for (detail::Link* link = group_.children_.following; link != &group_.children_; link = link->following)
    wait.tasks.push_back(static_cast<Child*>(link)->task->as_task());
  return wait;
}

/// CPython's TaskGroup.__aexit__ of 3.13, with the main branch's fix for a cancellation from outside that
/// arrives while the group is aborting (gh-155433).
Coro<void> TaskGroup::leave(std::exception_ptr& body_error) {
  parent_->observe_touch(Access::write);
  exiting_ = true;
  std::exception_ptr cancellation;  // to propagate
  if (body_error) {
    if (detail::holds<CancelledError>(body_error)) cancellation = std::exchange(body_error, nullptr);
    if (!aborting_) abort();
  }

  std::exception_ptr pending;  // came while aborting
  while (!children_.alone()) {
    try {
      co_await AllEnded(*this);
    } catch (const CancelledError&) {
      if (aborting_) {
        pending = std::current_exception();
      } else {
        cancellation = std::current_exception();
        abort();
      }
    }
  }

  if (parent_cancel_requested_) {
    if (parent_->uncancel() == 0) {
      cancellation = nullptr;
    } else if (!cancellation) {
      cancellation = pending;
    }
  }
  if (cancellation && errors_.empty()) std::rethrow_exception(cancellation);
  if (body_error) errors_.push_back(std::move(body_error));
  if (errors_.empty()) co_return;
  if (parent_->cancelling() > 0) {
    // A request from outside is still due: arm it again, so that the next await sees it.
    parent_->uncancel();
    parent_->request_cancel({});
  }
  throw ExceptionGroup("unhandled errors in a TaskGroup", std::move(errors_));
}

}  // namespace coweave
