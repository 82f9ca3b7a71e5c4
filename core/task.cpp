#include <coweave/core/task.hpp>

#include <coweave/core/check.hpp>

#include <algorithm>

namespace coweave {

void TaskBase::run(Handle& handle, Action action) {
  if (action == Action::run) static_cast<TaskBase&>(handle).step();
}

/// Cancelled before it began: the body never runs.
void TaskBase::cancel_unstarted() {
  must_cancel_ = false;
  detail::PromiseBase& root = *std::exchange(leaf, nullptr);
  finish_cancelled(texts_.message(), true);
  leave_loop(root);
}

/// Of a task whose context is not simply null.
void TaskBase::take_context(const TaskOptions& options) {
  context_ = options.context ? options.context->state() : detail::inherited_context();
}

void TaskBase::refuse_entered_context(detail::CoroBase& coroutine, const TaskOptions& options) const {
  if (!options.context || !detail::is_entered(options.context->state())) return;
  coroutine.close();
  throw RuntimeError("cannot enter context: it is already entered, by whoever starts this eager task");
}

/// The first step runs inside the step, or callback, that creates the task.
void TaskBase::run_eagerly() {
  Loop& loop = this->loop();
  TaskBase* const outer = loop.current_task_;
  Observer* const observer = loop.observer(heard::tasks);
  if (observer) observer->eager_step_begins(*this);
  step();
  if (observer) observer->eager_step_ended(*this);
  loop.current_task_ = outer;
}

void TaskBase::finish(detail::PromiseBase& root) {
  if (root.exception || must_cancel_) [[unlikely]] {
    finish_without_result(root);
  } else {
    try {
      keep_result(root);
      complete(FutureBase::State::finished);
    } catch (...) {  // the result's move constructor
      finish_with_exception(std::current_exception());
    }
  }
  leave_loop(root);
}

void TaskBase::finish_without_result(detail::PromiseBase& root) {
  if (root.exception) {
    try {
      std::rethrow_exception(root.exception);
    } catch (const CancelledError& error) {
      finish_cancelled(error.message(), true);
    } catch (...) {
      finish_with_exception(std::move(root.exception));
    }
  } else {
    must_cancel_ = false;
    finish_cancelled(texts_.message());
  }
}

void TaskBase::leave_loop(detail::PromiseBase& root) noexcept {
  Loop& loop = this->loop();
  root.self.destroy();
  unlink();
  --loop.live_tasks_;
  if (Observer* observer = loop.observer(heard::tasks)) [[unlikely]]
    observer->task_finished(*this);
  drop_reference();
}

void TaskBase::destroy_frames() noexcept {
  waiting_ = nullptr;
  detail::PromiseBase* coroutine = std::exchange(leaf, nullptr);
  while (coroutine) {
    detail::PromiseBase* parent = coroutine->parent;
    if (coroutine->owner) {
      coroutine->owner->destroy();
    } else {
      coroutine->self.destroy();
    }
    coroutine = parent;
  }
}

namespace {

[[noreturn]] void throw_circle() {
  throw RuntimeError(
      "maximum recursion depth exceeded: the tasks to cancel await each other in a circle, or are nested too "
      "deeply");
}

/// A request that comes to a gather goes to its children, inside the one to the gather.
class Deeper {
 public:
  static constexpr std::uint32_t depth_max = 1'000;  // as Python's limit on recursion

  explicit Deeper(std::uint32_t& depth) : depth_(depth) {
    if (depth_ == depth_max) throw_circle();
    ++depth_;
  }
  ~Deeper() { --depth_; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;

 private:
  std::uint32_t& depth_;
};

}  // namespace

bool TaskBase::request_cancel(std::string_view message, std::source_location at) {
  mark_retrieved();
  if (done()) {
    observe_look();
    return false;
  }
  require_usable();
  const Deeper deeper(loop().cancel_depth_);
  // Down the chain of tasks that await a task, which may be long.
  TaskBase* task = this;
  for (std::uint32_t passed = 0;; ++passed) {
    if (passed == loop().live_tasks()) throw_circle();
    ++task->cancelling_;
    if (Observer* observer = loop().observer(heard::tasks)) [[unlikely]]
      observer->cancel_requested(*task, at);
    TaskBase* awaited = task->waiting_ ? task->waiting_->awaited_task() : nullptr;
    if (!awaited || awaited->done()) break;
    task = awaited;
    task->mark_retrieved();
  }
  if (!task->waiting_ || !task->waiting_->cancel_wait(message, at)) task->keep_request(message);
  return true;
}

void TaskBase::keep_request(std::string_view message) {
  must_cancel_ = true;
  texts_.set_message(message);  // stays when it was delivered: a gather may ask for it, however the task ends
}

void TaskBase::throw_request() {
  must_cancel_ = false;
  throw CancelledError(std::string(texts_.message()));
}

std::uint32_t TaskBase::uncancel() noexcept {
  observe_touch(Access::write);
  if (cancelling_ > 0 && --cancelling_ == 0) must_cancel_ = false;
  return cancelling_;
}

Context TaskBase::context() {
  if (!context_) context_ = detail::ContextRef(new detail::ContextState);
  return Context(context_);
}

std::string TaskBase::name() const {
  const std::string_view name = texts_.name();
  return name.empty() ? "Task-" + std::to_string(serial()) : std::string(name);
}

std::vector<std::source_location> TaskBase::await_stack() const {
  std::vector<std::source_location> stack;
  if (!started_) return stack;
  for (const detail::PromiseBase* coroutine = leaf; coroutine; coroutine = coroutine->parent)
    stack.push_back(coroutine->site);
  return stack;
}

AnyTask current_task() {
  TaskBase* task = Loop::current().current_task();
  return task ? AnyTask(*task) : AnyTask();
}

std::vector<AnyTask> all_tasks() {
  // Every step that creates or ends a task changes the answer.
  if (Observer* observer = Loop::observed(heard::uses)) [[unlikely]]
    observer->touched(Access::read, {});
  std::vector<AnyTask> tasks;
  Loop::current().for_each_task([&](TaskBase& task) { tasks.emplace_back(task); });
  return tasks;
}

namespace detail {

Loop& loop_asked_for(CoroBase& coroutine, const TaskOptions& options) {
  try {
    options.loop->require_usable();
  } catch (...) {
    coroutine.close();
    throw;
  }
  return *options.loop;
}

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
