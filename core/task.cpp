#include <coweave/core/task.hpp>

#include <coweave/core/check.hpp>

#include <algorithm>

namespace coweave {

TaskBase::TaskBase(FutureBase& future, std::string_view name, std::source_location spawned_at)
    : Handle(&first_step, HandleKind::task), future_(&future), name_(name), spawned_at_(spawned_at) {
  Loop& loop = future.loop();
  TaskBase* parent = loop.current_task_;
  serial_ = ++loop.last_task_;
  parent_ = parent ? parent->serial_ : 0;
  spawn_index_ = parent ? parent->children_++ : 0;
  owner_ = serial_;
}

void TaskBase::start(detail::CoroBase&& coroutine) {
  Loop& loop = this->loop();
  root_ = std::move(coroutine);
  leaf = root_.promise();
  leaf->stack = this;
  future_->add_reference();  // the loop's, until the task is done
  loop.tasks_.insert_before(*this);
  ++loop.live_tasks_;
  if (loop.observer_) [[unlikely]]
    loop.observer_->task_created(*this);
  loop.enqueue(*this);
}

void TaskBase::first_step(Handle& handle, Action action) {
  if (action == Action::discard) return;
  auto& task = static_cast<TaskBase&>(handle);
  Loop& loop = task.loop();
  task.run_ = &step;
  loop.current_task_ = &task;
  if (task.must_cancel_) [[unlikely]] {
    // Cancelled before it began: the body never runs.
    task.must_cancel_ = false;
    task.future_->finish_cancelled(task.cancel_message_.view(), true);
    task.leave_loop();
    loop.current_task_ = nullptr;
    return;
  }
  task.run_stack(loop);
}

void TaskBase::step(Handle& handle, Action action) {
  if (action == Action::discard) return;
  auto& task = static_cast<TaskBase&>(handle);
  Loop& loop = task.loop();
  loop.current_task_ = &task;
  if (task.waiting_) {
    if (!task.waiting_->proceed()) {
      loop.current_task_ = nullptr;
      return;
    }
    task.waiting_ = nullptr;
  }
  task.run_stack(loop);
}

/// The trampoline: the only place where a coroutine of ours is resumed.
inline void TaskBase::run_stack(Loop& loop) {
  detail::PromiseBase* coroutine = leaf;
  do {
    leaf = coroutine;
    next = nullptr;
    coroutine->self.resume();
    coroutine = next;
  } while (coroutine);
  if (returned) finish();
  loop.current_task_ = nullptr;
}

void TaskBase::finish() {
  detail::PromiseBase& root = *root_.promise();
  if (root.exception) {
    try {
      std::rethrow_exception(root.exception);
    } catch (const CancelledError& error) {
      future_->finish_cancelled(error.message(), true);
    } catch (...) {
      future_->finish_with_exception(std::move(root.exception));
    }
  } else if (must_cancel_) {
    must_cancel_ = false;
    future_->finish_cancelled(cancel_message_.view());
  } else {
    try {
      future_->keep_result(root);
      future_->complete(FutureBase::State::finished);
    } catch (...) {  // the result's move constructor
      future_->finish_with_exception(std::current_exception());
    }
  }
  leave_loop();
}

void TaskBase::leave_loop() noexcept {
  Loop& loop = this->loop();
  leaf = nullptr;
  root_.destroy();
  unlink();
  --loop.live_tasks_;
  if (loop.observer_) [[unlikely]]
    loop.observer_->task_finished(*this);
  future_->drop_reference();
}

void TaskBase::destroy_frames() noexcept {
  waiting_ = nullptr;
  detail::PromiseBase* coroutine = std::exchange(leaf, nullptr);
  while (coroutine) {
    detail::PromiseBase* parent = coroutine->parent;
    coroutine->owner->destroy();
    coroutine = parent;
  }
}

bool TaskBase::request_cancel(std::string_view message) {
  future_->mark_retrieved();
  if (done()) return false;
  ++cancelling_;
  if (Observer* observer = loop().observer()) [[unlikely]]
    observer->cancel_requested(*this);
  if (waiting_ && waiting_->cancel_wait(message)) return true;
  must_cancel_ = true;
  cancel_message_ = detail::Text(message);
  return true;
}

void TaskBase::throw_request() {
  CancelledError error{std::string(cancel_message_.view())};
  must_cancel_ = false;
  cancel_message_ = {};
  throw error;
}

std::uint32_t TaskBase::uncancel() noexcept {
  if (cancelling_ > 0 && --cancelling_ == 0) {
    must_cancel_ = false;
    cancel_message_ = {};
  }
  return cancelling_;
}

std::string TaskBase::name() const {
  return name_.empty() ? "Task-" + std::to_string(serial_) : std::string(name_.view());
}

std::vector<std::source_location> TaskBase::await_stack() const {
  std::vector<std::source_location> stack;
  if (run_ == &first_step) return stack;
  for (const detail::PromiseBase* coroutine = leaf; coroutine; coroutine = coroutine->parent)
    stack.push_back(coroutine->site);
  return stack;
}

AnyTask current_task() {
  TaskBase* task = Loop::current().current_task();
  return task ? AnyTask(*task) : AnyTask();
}

std::vector<AnyTask> all_tasks() {
  std::vector<AnyTask> tasks;
  Loop::current().for_each_task([&](TaskBase& task) { tasks.emplace_back(task); });
  return tasks;
}

namespace detail {

void throw_empty_coro() {
  throw RuntimeError("this Coro is empty: it was awaited before, given to a task, or moved from");
}

void CoroBase::report_never_awaited(const PromiseBase& promise) noexcept {
  if (Loop* loop = Loop::running())
    loop->report({Report::Kind::never_awaited, "coroutine was never awaited", nullptr, loop->current_task(),
                  promise.site});
}

}  // namespace detail
}  // namespace coweave
