#include <coweave/core/gather.hpp>

namespace coweave::detail {

GatherBase::GatherBase(FutureBase& outer, std::size_t positions, bool return_exceptions)
    : outer_(outer), children_(std::make_unique<Child[]>(positions)), return_exceptions_(return_exceptions) {}

void GatherBase::detach() noexcept {
  for (Child& child : children()) {
    if (!child.node.alone()) child.node.unlink();
    if (child.queued()) outer_.loop().forget(child);
    // Once the gather has told its outcome, nobody is to look at what else goes wrong.
    if (outer_.done()) child.future->ignore_exception();
  }
}

void GatherBase::Child::ended(Handle& handle, Action action) {
  auto& child = static_cast<Child&>(handle);
  if (action == Action::run) child.gather->child_ended(*child.future);
}

void GatherBase::Child::sign() noexcept {
  if (const TaskBase* task = future->as_task()) {
    owner_ = task->serial();
    ordinal_ = future->next_listener();
  } else {
    future->loop().sign(*this);
  }
}

void GatherBase::add(FutureBase& future) {
  if (!future.of_running_loop())
    throw ValueError("The future belongs to a different loop than the one specified as the loop argument");
  Child& child = children_[positions_++];
  child.gather = this;
  child.future = &future;
  child.node.handle = &child;
  child.sign();
}

/// Whether this gather waits for `future` already: the same future may be given more than once.
bool GatherBase::enlisted(const FutureBase& future) const noexcept {
  return future.any_done_handle([this](const Handle& handle) {
    return handle.kind() == HandleKind::gather && static_cast<const Child&>(handle).gather == this;
  });
}

void GatherBase::start() {
  for (Child& child : children()) {
    if (enlisted(*child.future)) continue;
    ++waited_for_;
    if (!child.future->done()) child.future->add_done_node(child.node);
  }
  if (waited_for_ == 0) {
    collect();
    outer_.finish_kept_result();
  }
  for (Child& child : children()) {
    if (child.future->done()) child_ended(*child.future);
  }
}

/// CPython's `_done_callback` in `gather`.
void GatherBase::child_ended(FutureBase& child) {
  ++ended_;
  if (outer_.done()) {
    outer_.observe_look();
    child.mark_retrieved();
    return;
  }
  if (!return_exceptions_) {
    if (child.cancelled()) return fail_cancelled(child);
    if (auto exception = child.exception()) return outer_.finish_with_exception(std::move(exception));
  }
  if (ended_ < waited_for_) return;
  if (cancel_requested_) {
    for (const Child& each : children()) each.future->mark_retrieved();  // CPython collects them first
    // The message is that of the last argument: CPython reuses a variable here.
    return fail_cancelled(*children().back().future);
  }
  try {
    collect();
  } catch (...) {  // copying a result
    return outer_.finish_with_exception(std::current_exception());
  }
  outer_.finish_kept_result();
}

/// The outer future gets a CancelledError as an exception: it is not itself cancelled.
void GatherBase::fail_cancelled(FutureBase& child) {
  outer_.finish_with_exception(std::make_exception_ptr(child.make_cancelled_error()));
}

bool GatherBase::cancel_children(std::string_view message, std::source_location at) {
  bool accepted = false;
  for (Child& child : children()) accepted |= child.future->cancel(message, at);
  if (accepted) cancel_requested_ = true;
  return accepted;
}

void GatherBase::describe_children(WaitDescription& wait) const {
  wait.action = "gather";
  for (const Child& child : children()) {
    if (child.future->done()) continue;
    child.future->describe_awaited(wait);
    wait.action = "gather";
  }
}

}  // namespace coweave::detail
