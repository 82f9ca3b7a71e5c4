#include <coweave/core/future.hpp>

#include <coweave/core/check.hpp>
#include <coweave/core/exception_text.hpp>
#include <coweave/core/task.hpp>

#include <cstdio>

namespace coweave {

void FutureBase::discard_done_callbacks() noexcept {
  detail::Link* link = done_nodes_.following;
  while (link != &done_nodes_) {
    auto& node = static_cast<detail::DoneNode&>(*link);
    link = link->following;
    if (node.handle->kind() != HandleKind::done) continue;
    node.unlink();
    node.handle->discard();
    link = done_nodes_.following;  // what the function's destructor did may have changed the list
  }
}

void FutureBase::leave_nodes() noexcept {
  discard_done_callbacks();
  while (!done_nodes_.alone()) done_nodes_.following->unlink();
}

void FutureBase::report_never_retrieved() noexcept {
  TaskBase* task = as_task();
  const char* message = task ? "Task exception was never retrieved" : "Future exception was never retrieved";
  if (!alive()) {  // nobody is left to tell it
    std::fprintf(stderr, "coweave: %s: %s\n", message, describe_exception(exception_).c_str());
    return;
  }
  loop_->report({Report::Kind::never_retrieved, message, exception_, task, {}});
}

bool FutureBase::cancel(std::string_view message, std::source_location at) {
  unretrieved_ = false;
  if (done()) {
    observe_look();
    return false;
  }
  observe(Verb::cancel, at);
  finish_cancelled(message);
  return true;
}

std::exception_ptr FutureBase::exception() {
  observe_look();
  if (state_ == State::cancelled) throw make_cancelled_error();
  if (state_ == State::pending) throw InvalidStateError("exception() of a future that is not done");
  unretrieved_ = false;
  return exception_;
}

void FutureBase::require_result() {
  observe_look();
  if (state_ == State::finished && !exception_) [[likely]]
    return;
  if (state_ == State::cancelled) throw make_cancelled_error();
  if (state_ == State::pending) throw InvalidStateError("result() of a future that is not done");
  unretrieved_ = false;
  std::rethrow_exception(exception_);
}

CancelledError FutureBase::make_cancelled_error() {
  CancelledError error{std::string(texts_.message())};
  if (message_once_) {
    observe_touch(Access::write);
    texts_.set_message({});
  }
  return error;
}

CancelledError FutureBase::copy_cancelled_error() const {
  return message_once_ ? CancelledError() : CancelledError(std::string(texts_.message()));
}

bool FutureBase::gives_cancelled_error() const {
  return exception_ ? detail::holds<CancelledError>(exception_) : cancelled();
}

void FutureBase::require_pending() const {
  if (!done()) [[likely]]
    return;
  observe_look();
  throw InvalidStateError(cancelled() ? "the future was cancelled already" : "the future is done already");
}

void FutureBase::finish_with_exception(std::exception_ptr exception, std::source_location at) {
  require_pending();
  exception_ = std::move(exception);
  unretrieved_ = !ignored_;
  observe(Verb::exception, at);
  complete(State::finished);
}

void FutureBase::finish_cancelled(std::string_view message, bool message_once) {
  require_pending();
  texts_.set_message(message);
  message_once_ = message_once;
  complete(State::cancelled);
}

void FutureBase::complete(State state) {
  state_ = state;
  if (!is_task_) observe_touch(Access::write);
  while (!done_nodes_.alone()) {
    auto& node = static_cast<detail::DoneNode&>(*done_nodes_.following);
    node.unlink();
    schedule(*node.handle);
  }
}

void FutureBase::schedule(detail::Handle& handle) {
  if (handle.kind() == HandleKind::done) static_cast<detail::CallbackBase&>(handle).keep(*this);
  loop_->enqueue(handle);
}

bool FutureBase::alive() const noexcept { return Loop::alive(loop_) && id_.epoch == loop_->epoch(); }

void FutureBase::require_alive() const {
  if (!alive()) throw RuntimeError("Event loop is closed, or belongs to another thread");
}

ObjectRef FutureBase::reference() const noexcept {
  if (const TaskBase* task = as_task()) return {"Future", nullptr, &id_, {task->serial(), 0}};
  return {"Future", nullptr, &id_, static_cast<const detail::PlainFuture*>(this)->birth_};
}

/// One of another loop is not an object of the running one.
detail::PlainFuture::PlainFuture(Loop& loop) noexcept : FutureBase(loop) {
  if (Loop::running() == &loop) birth_ = loop.next_birth();
}

void FutureBase::describe_awaited(WaitDescription& wait) {
  if (TaskBase* awaited = as_task()) {
    wait.action = "task";
    wait.tasks.push_back(awaited);
  } else {
    wait.action = "future";
    wait.object = reference();
  }
}

void FutureBase::keep_result(detail::PromiseBase&) {
  COWEAVE_INTERNAL_CHECK(false, "only a task has a coroutine that returns");
}

void FutureBase::observe(Verb verb, std::source_location at) {
  require_usable();
  if (Observer* observer = loop_->observer(heard::of(verb)); observer && !is_task_) [[unlikely]]
    observer->operation(verb, reference(), at);
}

void FutureBase::add_done_node(detail::DoneNode& node) {
  if (done()) {
    schedule(*node.handle);
  } else {
    done_nodes_.insert_before(node);
  }
}

std::uint32_t FutureBase::add_done_callback(detail::CallbackBase& callback) {
  callback.done_id = loop_->next_done_id();
  callback.done_node.handle = &callback;
  const std::uint32_t id = callback.done_id;
  add_done_node(callback.done_node);
  return id;
}

int FutureBase::remove_done_callback(std::uint32_t id) {
  observe_touch(Access::write);
  for (detail::Link* link = done_nodes_.following; link != &done_nodes_; link = link->following) {
    auto& node = static_cast<detail::DoneNode&>(*link);
    if (node.handle->kind() != HandleKind::done) continue;
    auto& callback = static_cast<detail::CallbackBase&>(*node.handle);
    if (callback.done_id != id) continue;
    node.unlink();
    callback.discard();
    return 1;
  }
  return 0;
}

namespace detail {

void FutureWaiter::suspend(PromiseBase& promise) {
  TaskBase& task = task_of(promise);
  if (&task == future_.get()) [[unlikely]] {
    misuse_ = "Task cannot await on itself";
  } else if (!future_->of_running_loop()) [[unlikely]] {
    misuse_ = "the task awaits a future that is attached to a different loop";
  }
  if (misuse_) [[unlikely]] {
    begin(promise);
    wake();  // as in asyncio, the error arrives at the next step
    return;
  }
  // The node must stand in the future's list before begin(): a request that is due cancels the future at
  // once.
  handle = &task;
  future_->add_done_node(*this);
  begin(promise);
}

TaskBase* FutureWaiter::awaited_task() const noexcept { return misuse_ ? nullptr : future_->as_task(); }

void FutureWaiter::check_interruption() {
  if (task().must_cancel()) {
    // As in CPython's Task.__step, a CancelledError that arrives anyway answers the request.
    if (misuse_ || !future_->gives_cancelled_error()) {
      future_->mark_retrieved();  // as in asyncio, whose wake-up looks at the outcome before it is dropped
      throw_cancelled();
    }
    drop_request();
  }
  if (misuse_) throw RuntimeError(misuse_);
}

WaitDescription FutureWaiter::describe() const {
  WaitDescription wait;
  if (misuse_) return wait;
  future_->describe_awaited(wait);
  wait.could_go = future_->done();
  return wait;
}

}  // namespace detail
}  // namespace coweave
