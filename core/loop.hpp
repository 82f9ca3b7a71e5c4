#pragma once

/// The loop: what a runtime gives the coroutine layer.
///
/// It holds the ready queue, the timers and the live tasks, and it is the only one that resumes a coroutine.
/// `EventLoop` runs handles first in, first out on the steady clock; `Simulation` decides itself which handle
/// runs and what time it is. All members but `post` belong to the loop's own thread.

#include <coweave/core/context.hpp>
#include <coweave/core/handle.hpp>
#include <coweave/core/observer.hpp>
#include <coweave/core/ready_queue.hpp>
#include <coweave/core/timers.hpp>

#include <cstdint>
#include <exception>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace coweave {

class FutureBase;
class TaskBase;

namespace detail {
class CallbackBase;
class ThreadJob;
}  // namespace detail

/// What a loop's exception handler is told: the diagnoses that asyncio gives.
struct Report {
  enum class Kind : std::uint8_t {
    callback_raised,        ///< a callback ended with an exception
    never_retrieved,        ///< a future or task failed and was dropped without anybody looking
    never_awaited,          ///< a coroutine was dropped without having been started
    destroyed_pending,      ///< the loop was closed while a task was not done
    destroyed_in_use,       ///< a synchronisation object was destroyed while tasks waited for it
    released_twice,         ///< a scope guard found its lock already free
    slow_step,              ///< in debug mode: a step or callback took long
    unhandled_at_shutdown,  ///< a task that was cancelled at the end ended with another exception
  };
  Kind kind;
  std::string message;
  std::exception_ptr exception;    ///< null if the diagnosis has none
  const TaskBase* task = nullptr;  ///< the task concerned, null if none
  /// Where the coroutine concerned was written, if known. g++ gives the last line of the function and clang
  /// the first, so it is told to people and not written to traces.
  std::source_location born{};
};

class Loop {
 public:
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// The loop that is running on this thread, or null.
  [[nodiscard]] static Loop* running() noexcept { return running_; }
  /// The loop that is running on this thread; throws RuntimeError if there is none.
  [[nodiscard]] static Loop& current();

  /// The loop's clock.
  [[nodiscard]] virtual Duration time() = 0;

  /// Puts a handle at the end of the ready queue. The handle must not be there already.
  void enqueue(detail::Handle& handle) {
    ready_.push(handle);
    if (Observer* observer = this->observer(heard::wakes)) [[unlikely]]
      observer->woken(handle);
  }

  /// Lets `timer` become ready at `when`; at once, but not synchronously, if that has passed.
  void arm(detail::Timer& timer, Duration when) { timers_.arm(timer, when); }

  /// Marks `handle` as made by the running step, so that traces can name it.
  void sign(detail::Handle& handle) noexcept;

  /// Takes a handle out of the ready queue if it stands there; `timer` also out of the timers.
  void forget(detail::Handle& handle) noexcept;
  void forget(detail::Timer& timer) noexcept;

  /// Where `handle`, which is in the ready queue, stands there; 0 is the front.
  [[nodiscard]] std::size_t position_of(const detail::Handle& handle) const noexcept {
    return ready_.position_of(handle);
  }

  /// Enqueues `handle` from any thread and wakes the loop.
  virtual void post(detail::Handle& handle) = 0;

  /// Runs a job: on a thread of its executor, or as a step of its own under simulation. Throws RuntimeError
  /// if the executor was shut down.
  virtual void run_in_thread(detail::ThreadJob& job) = 0;

  /// Under simulation: lets the body of a job that a worker is free for run, as a step.
  virtual void run_as_step(detail::ThreadJob&) {}

  /// asyncio's `call_exception_handler`.
  virtual void report(Report report) noexcept = 0;

  /// The task whose step is running, or null (in a callback, or outside).
  [[nodiscard]] TaskBase* current_task() const noexcept { return current_task_; }

  /// Whether tasks start eagerly unless they are told otherwise (asyncio's eager_task_factory). False in a
  /// new loop, and at the start of every simulated run.
  [[nodiscard]] bool eager_tasks() const noexcept { return eager_tasks_; }
  void set_eager_tasks(bool eager) noexcept { eager_tasks_ = eager; }

  /// Where the context of whatever this loop runs now stands.
  [[nodiscard]] detail::ContextRef& context_slot() noexcept;  // in task.hpp
  /// The context of whatever runs on this thread now; null: it has no values.
  [[nodiscard]] const detail::ContextRef& present_context() noexcept;  // in task.hpp

  /// Throws RuntimeError if the loop is closed, or belongs to another thread.
  void require_usable() const {
    if (running_ != this) require_alive(this);
  }

  /// Who hears of `what`; null: nobody does.
  [[nodiscard]] Observer* observer(Heard what) const noexcept {
    return (heard_ & what) != 0 ? observer_ : nullptr;
  }
  /// The same of the loop that is running on this thread; null also if there is none.
  [[nodiscard]] static Observer* observed(Heard what) noexcept {
    return running_ ? running_->observer(what) : nullptr;
  }

  /// Calls `visit(task)` for every task that is not done, in order of creation.
  template <class Visit>
  void for_each_task(Visit visit) const;  // in task.hpp

  [[nodiscard]] std::uint32_t live_tasks() const noexcept { return live_tasks_; }

  /// Tells the present run of this loop from all others of the process: it is not the address that does,
  /// which may have been another loop's. (It begins anew after 2^32 runs.)
  [[nodiscard]] std::uint32_t epoch() const noexcept { return epoch_; }
  /// A number for a done callback.
  [[nodiscard]] std::uint32_t next_done_id() noexcept { return ++last_done_; }

  /// The number of `object` in the present run; the first call gives it one.
  std::uint32_t number_of(const ObjectRef& object) noexcept {
    if (object.id->epoch != epoch_ || object.id->number == 0) *object.id = {++last_object_, epoch_};
    return object.id->number;
  }

  /// Where an object that is made now comes from.
  [[nodiscard]] Birth next_birth() noexcept;  // in task.hpp

  /// Whether `loop` still exists on this thread.
  [[nodiscard]] static bool alive(const Loop* loop) noexcept;
  /// Throws RuntimeError unless it does.
  static void require_alive(const Loop* loop);

 protected:
  Loop();
  ~Loop();

  /// Makes a loop the running one of this thread for a scope.
  class Running {
   public:
    explicit Running(Loop& loop);
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
  };

  /// Takes the place of the running loop for a scope, to destroy what is left of this one.
  class Closing {
   public:
    explicit Closing(Loop& loop) noexcept : outer_(std::exchange(running_, &loop)) {}
    ~Closing() { running_ = outer_; }
    Closing(const Closing&) = delete;
    Closing& operator=(const Closing&) = delete;

   private:
    Loop* outer_;
  };

  /// From now on the loop is closed: nothing can be scheduled. Idempotent.
  void retire() noexcept;

  /// Starts counting tasks, objects and handles afresh. No task may be live.
  void begin_epoch() noexcept;

  /// Runs a handle that was taken out of the ready queue.
  void run_handle(detail::Handle& handle);  // in task.hpp

  /// Destroys every live task, latest first, each from its leaf to its root, without running it any further.
  void destroy_tasks() noexcept;

  /// From now on `observer` hears what it wants to; null: nobody hears anything.
  void let_observe(Observer* observer) noexcept {
    observer_ = observer;
    heard_ = observer ? observer->hears() : 0;
  }

  /// asyncio's step (d): moves the timers that are due at `now` to the ready queue.
  void fire_timers(Duration now) {
    while (!timers_.empty() && timers_.next_due() <= now) enqueue(timers_.pop());
  }

  detail::ReadyQueue ready_;
  detail::TimerHeap timers_;
  TaskBase* current_task_ = nullptr;
  /// How many handles the present iteration still has to run. An iteration is as many steps as there were
  /// ready handles when it began; timers become ready between two iterations.
  std::size_t batch_ = 0;

 private:
  void discard_handles() noexcept;

  friend class TaskBase;
  friend class detail::CallbackBase;

  static constinit thread_local Loop* running_;

  Observer* observer_ = nullptr;
  Heard heard_ = 0;             // by it
  detail::ContextRef context_;  // outside tasks: of the callback that runs, else of whoever runs the loop
  detail::Link tasks_;          // of live TaskBase, in order of creation
  std::uint32_t live_tasks_ = 0;
  std::uint32_t cancel_depth_ = 0;  // of requests that are being passed on, one inside the other
  std::uint32_t last_task_ = 0;
  std::uint32_t last_object_ = 0;
  std::uint32_t last_handle_ = 0;
  std::uint32_t last_birth_ = 0;
  std::uint32_t last_done_ = 0;
  std::uint32_t epoch_;
  bool eager_tasks_ = false;
  bool retired_ = false;
  Loop* next_alive_ = nullptr;
};

}  // namespace coweave
