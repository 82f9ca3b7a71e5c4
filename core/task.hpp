#pragma once

/// A task: a coroutine that the loop drives, as asyncio's `Task`.
///
/// A task is at any time in one of four states: waiting for one thing, queued for its next step, running, or
/// done. `Task<T>` is a shared handle, and the loop keeps every task alive until it is done. A task is also a
/// future: it can be awaited, by many, and gives its result to all of them.

#include <coweave/core/context.hpp>
#include <coweave/core/coro.hpp>
#include <coweave/core/future.hpp>
#include <coweave/core/waiter.hpp>

#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace coweave {

namespace detail {

class Proxy;
class Yield;

}  // namespace detail

struct TaskOptions {
  /// For reports; empty: "Task-" and a number.
  std::string_view name = {};
  /// The context that the task runs in, so that what it sets is seen there and tasks can share one; null: a
  /// copy of the present one. It need not outlive the call.
  const Context* context = nullptr;
  /// Whether the first step runs at once, inside `create_task`, as asyncio's eager tasks: what does not
  /// suspend is done on return and never saw the ready queue. Not given: as the loop is set
  /// (`Loop::set_eager_tasks`). Without effect while the loop does not run.
  std::optional<bool> eager_start = {};
  /// The loop; null: the running one.
  Loop* loop = nullptr;
};

/// The state of a task, without the type of its result.
class TaskBase : public FutureBase, public detail::CoroStack, private detail::Link, public detail::Handle {
 public:
  /// The number of the task within its run, from 1 in order of creation.
  [[nodiscard]] std::uint32_t serial() const noexcept { return owner_; }
  /// Serial number of the task that created it; 0: none did.
  [[nodiscard]] std::uint32_t parent() const noexcept { return parent_; }
  /// How many tasks its parent had created before.
  [[nodiscard]] std::uint32_t spawn_index() const noexcept { return ordinal_; }
  /// The name that it was given, else "Task-" and its serial number.
  [[nodiscard]] std::string name() const;
  /// Empty if it was given none; good until it is given another.
  [[nodiscard]] std::string_view given_name() const noexcept { return texts_.name(); }
  /// Whether that is `name`.
  [[nodiscard]] bool is_named(std::string_view name) const {
    return texts_.name().empty() ? name == this->name() : name == texts_.name();
  }
  [[nodiscard]] std::source_location spawned_at() const noexcept { return spawned_at_; }

  bool cancel(std::string_view message = {}, std::source_location at = {}) override {
    return request_cancel(message, at);
  }
  /// A request that arrives as CancelledError at the await where the task is or that it comes to next; if
  /// that is for another task, it is passed on. False if the task is done; otherwise true, and counted. Never
  /// completes the task synchronously. Throws RuntimeError if tasks await each other in a circle, as asyncio
  /// throws RecursionError.
  bool request_cancel(std::string_view message, std::source_location at = {});
  /// How many requests have come and were not taken back.
  [[nodiscard]] std::uint32_t cancelling() const noexcept { return cancelling_; }
  /// Takes one request back and returns how many are left; none left also drops a request that has not yet
  /// been delivered, unless what the task waits for has been cancelled already.
  std::uint32_t uncancel() noexcept;
  /// Whether a request is due at the next resumption or suspension.
  [[nodiscard]] bool must_cancel() const noexcept { return must_cancel_; }
  /// Throws the CancelledError that is due.
  [[noreturn]] void throw_request();

  /// What the task waits for; null if it is queued, running, done, or waits for a foreign awaitable.
  [[nodiscard]] const detail::Waiter* waiting() const noexcept { return waiting_; }
  /// Where it is suspended: its stack of awaits, from the leaf to the coroutine that it was created with.
  /// Empty before its first step and when it is done.
  [[nodiscard]] std::vector<std::source_location> await_stack() const;

  /// The context that its steps run in.
  [[nodiscard]] Context context();
  /// The same as long as nobody needs it as an object: null if it has no values.
  [[nodiscard]] const detail::ContextRef& context_state() const noexcept { return context_; }
  void set_name(std::string_view name) { texts_.set_name(name); }

 protected:
  TaskBase(Loop& loop, std::string_view name, std::source_location spawned_at);
  ~TaskBase() override = default;

  /// Takes over the frame and schedules the first step, or runs it at once if the task is eager.
  void start(detail::CoroBase&& coroutine, const TaskOptions& options);

 private:
  friend class Loop;
  friend class detail::Waiter;

  static void run(Handle& handle, Action action);
  static TaskBase& from_link(Link& link) noexcept { return static_cast<TaskBase&>(link); }
  void step();
  void keep_request(std::string_view message);
  [[gnu::cold]] void cancel_unstarted();
  [[gnu::cold]] void take_context(const TaskOptions& options);
  [[gnu::cold]] void refuse_entered_context(detail::CoroBase& coroutine, const TaskOptions& options) const;
  [[gnu::cold]] void run_eagerly();
  void finish(detail::PromiseBase& root);
  [[gnu::cold]] void finish_without_result(detail::PromiseBase& root);
  void leave_loop(detail::PromiseBase& root) noexcept;
  /// Destroys the frames from the leaf to the root without running them any further.
  void destroy_frames() noexcept;

  bool must_cancel_ = false;  // a request is due, with the message that the future keeps
  bool started_ = false;
  std::uint32_t cancelling_ = 0;
  detail::Waiter* waiting_ = nullptr;
  detail::ContextRef context_;  // null: one without values
  std::source_location spawned_at_;
  std::uint32_t parent_;
  std::uint32_t children_ = 0;
  std::uint32_t handles_made_ = 0;
  std::uint32_t objects_made_ = 0;
};

inline TaskBase* FutureBase::as_task() noexcept { return is_task_ ? static_cast<TaskBase*>(this) : nullptr; }
inline const TaskBase* FutureBase::as_task() const noexcept {
  return is_task_ ? static_cast<const TaskBase*>(this) : nullptr;
}

inline detail::ContextRef& Loop::context_slot() noexcept {
  return current_task_ ? current_task_->context_ : context_;
}

inline const detail::ContextRef& Loop::present_context() noexcept {
  return running_ == this ? context_slot() : detail::context_slot();
}

inline Birth Loop::next_birth() noexcept {
  if (!current_task_) return {0, ++last_birth_};
  return {current_task_->serial(), ++current_task_->objects_made_};
}

inline TaskBase::TaskBase(Loop& loop, std::string_view name, std::source_location spawned_at)
    : FutureBase(loop, name), Handle(&run, HandleKind::task), spawned_at_(spawned_at) {
  is_task_ = true;
  TaskBase* parent = loop.current_task_;
  owner_ = ++loop.last_task_;
  parent_ = parent ? parent->serial() : 0;
  ordinal_ = parent ? parent->children_++ : 0;
}

inline void TaskBase::start(detail::CoroBase&& coroutine, const TaskOptions& options) {
  Loop& loop = this->loop();
  const bool eager = options.eager_start.value_or(loop.eager_tasks_) && Loop::running() == &loop;
  if (eager) [[unlikely]]
    refuse_entered_context(coroutine, options);
  if (options.context || loop.present_context()) [[unlikely]]
    take_context(options);
  leaf = &coroutine.release();
  leaf->stack = this;
  add_reference();  // the loop's, until the task is done
  loop.tasks_.insert_before(*this);
  ++loop.live_tasks_;
  if (Observer* observer = loop.observer(heard::tasks)) [[unlikely]]
    observer->task_created(*this);
  if (eager) [[unlikely]] {
    run_eagerly();
  } else {
    loop.enqueue(*this);
  }
}

/// From one suspension of the task to the next, in a trampoline: the only place where a coroutine of ours is
/// resumed.
inline void TaskBase::step() {
  loop().current_task_ = this;
  if (waiting_) {
    if (!waiting_->proceed()) [[unlikely]]
      return;
    waiting_ = nullptr;
  } else if (must_cancel_ && !started_) [[unlikely]] {
    cancel_unstarted();
    return;
  }
  started_ = true;
  detail::PromiseBase* coroutine;
  do {
    coroutine = leaf;
    coroutine->self.resume();
    if (!leaf) return finish(*coroutine);
  } while (leaf != coroutine);  // it has called or returned; otherwise it is suspended
}

/// Most handles are tasks: running one without a call through its pointer is what exploration gains most
/// from.
inline void Loop::run_handle(detail::Handle& handle) {
  if (handle.kind() == HandleKind::task) [[likely]] {
    static_cast<TaskBase&>(handle).step();
  } else {
    handle.run();
  }
  current_task_ = nullptr;
}

namespace detail {

/// The task whose stack `promise` stands on.
inline TaskBase& task_of(const PromiseBase& promise) noexcept {
  return static_cast<TaskBase&>(*promise.stack);
}

inline TaskBase& Waiter::task() const noexcept { return static_cast<TaskBase&>(*handle); }
inline bool Waiter::interrupted() const noexcept {
  return state_ == State::cancelled || task().must_cancel();
}

template <class T>
class TaskState final : public TaskBase {
 public:
  TaskState(Loop& loop, std::string_view name, std::source_location spawned_at)
      : TaskBase(loop, name, spawned_at) {}

  using TaskBase::start;

 private:
  void* slot() noexcept override { return &result_; }
  void keep_result(PromiseBase& root) override {
    if constexpr (std::is_void_v<T>) {
      result_.set();
    } else {
      result_.set(static_cast<Promise<T>&>(root).result.take());
    }
  }

  [[no_unique_address]] Slot<T> result_;
};

/// What a handle of a task offers besides that of a future.
template <class Self>
class TaskMethods {
 public:
  /// How many cancellation requests have come and were not taken back.
  [[nodiscard]] std::uint32_t cancelling() const {
    base().observe_look();
    return base().cancelling();
  }
  /// Takes one request back and returns how many are left.
  std::uint32_t uncancel() const { return base().uncancel(); }
  [[nodiscard]] std::string name() const {
    base().observe_touch(Access::read);
    return base().name();
  }
  /// Changes the name; empty: "Task-" and its number again.
  void set_name(std::string_view name) const {
    base().observe_touch(Access::write);
    base().set_name(name);
  }
  /// The context that the task's steps run in.
  [[nodiscard]] Context context() const { return base().context(); }
  /// Where it is suspended: file and line of each await, from the leaf to the coroutine it was created with.
  [[nodiscard]] std::vector<std::source_location> await_stack() const { return base().await_stack(); }
  /// The state behind the handle.
  [[nodiscard]] TaskBase& base() const {
    return static_cast<TaskBase&>(static_cast<const Self&>(*this).state());
  }
};

}  // namespace detail

/// A handle of a task of any result type, or of none.
class AnyTask : public AnyFuture, public detail::TaskMethods<AnyTask> {
 public:
  AnyTask() = default;
  explicit AnyTask(TaskBase& task) : AnyFuture(detail::Ref<FutureBase>(&task)) {}
};

template <class T = void>
class Task : public Future<T>, public detail::TaskMethods<Task<T>> {
 public:
  Task() = default;
  explicit Task(detail::TaskState<T>& state) noexcept : Future<T>(detail::Ref<FutureBase>(&state)) {}

  operator AnyTask() const { return this->valid() ? AnyTask(this->base()) : AnyTask(); }
};

namespace detail {

/// The loop that `options` ask for, which is not the running one by default. Throws RuntimeError if it is
/// closed or another thread's; then the coroutine counts as awaited.
Loop& loop_asked_for(CoroBase& coroutine, const TaskOptions& options);

}  // namespace detail

/// Schedules a coroutine as a task. Its first step runs in the next iteration, after everything that is ready
/// already (or at once, if it is eager). Throws RuntimeError if no loop is running or `options.loop` is
/// closed.
template <class T>
Task<T> create_task(Coro<T> coroutine, TaskOptions options = {},
                    std::source_location at = std::source_location::current()) {
  if (!coroutine.promise()) [[unlikely]]
    detail::throw_empty_coro();
  Loop& loop = options.loop ? detail::loop_asked_for(coroutine, options) : Loop::current();
  detail::TaskState<T>* state;
  try {
    state = new detail::TaskState<T>(loop, options.name, at);
  } catch (...) {  // there is no memory, and it is not the caller who forgot to await it
    coroutine.close();
    throw;
  }
  Task<T> task(*state);
  state->start(std::move(coroutine), options);
  return task;
}

/// The task whose step is running; an empty handle in a callback. Throws RuntimeError if no loop is running.
[[nodiscard]] AnyTask current_task();

/// The tasks of the running loop that are not done, in order of creation.
[[nodiscard]] std::vector<AnyTask> all_tasks();

template <class Visit>
void Loop::for_each_task(Visit visit) const {
  for (detail::Link* link = tasks_.following; link != &tasks_;) {
    TaskBase& task = TaskBase::from_link(*link);
    link = link->following;
    visit(task);
  }
}

}  // namespace coweave
