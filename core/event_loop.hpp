#pragma once

/// The production loop: first in, first out, on the steady clock, with real threads for `to_thread`.
///
/// Idle, it sleeps on a condition variable and costs no CPU. Signals are left alone: unlike asyncio's it
/// installs no handler of SIGINT, and what a signal does to the process is the program's business. To end a
/// loop from a signal, let a thread wait for it (`sigwait`) and call `call_soon_threadsafe`.
///
/// A loop belongs to the thread that made it; other threads may call `call_soon_threadsafe`, and
/// `run_coroutine_threadsafe`. Most programs need only `run(main())` of runner.hpp.

#include <coweave/core/executor.hpp>
#include <coweave/core/loop.hpp>
#include <coweave/core/mailbox.hpp>
#include <coweave/core/task.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace coweave {

class EventLoop final : public Loop {
 public:
  /// Hears what `report` is told. What it throws is told to the default handler.
  using ExceptionHandler = std::function<void(const Report&)>;

  EventLoop();
  /// `close()`, then waits for the bodies of `to_thread`. The loop must not run.
  ~EventLoop();

  // Running. Each throws RuntimeError if this loop or another one runs on this thread, or this one is closed.

  /// Runs until `stop()`.
  void run_forever();
  /// Runs until `future` is done, and gives its result or throws its exception. Throws ValueError if it is
  /// another loop's, and RuntimeError if the loop was stopped before.
  template <class T>
  T run_until_complete(Future<T> future) {
    run_until_done(future.state());
    return future.state().template get_result<T>(true);
  }
  /// The same for a coroutine, which becomes a task.
  template <class T>
  T run_until_complete(Coro<T> coroutine, TaskOptions options = {}) {
    require_idle();
    options.loop = this;
    Future<T> future = create_task(std::move(coroutine), options, {});
    return run_until_complete(std::move(future));
  }

  /// Lets the loop end with the present iteration, which runs all that is ready in it; if it does not run,
  /// with the first iteration of the next run.
  void stop() noexcept { stopping_ = true; }
  [[nodiscard]] bool is_running() const noexcept { return running() == this; }

  /// Ends the loop for good: tasks that are not done are reported as destroyed while pending and their frames
  /// destroyed, callbacks are dropped, outcomes of bodies that still run will be dropped. Idempotent. Throws
  /// RuntimeError if the loop runs.
  void close();
  [[nodiscard]] bool is_closed() const noexcept { return closed_; }

  /// Cancels every task that is not done, waits for them, and reports what they raise besides CancelledError;
  /// then shuts the loop's executor down and waits for its bodies. What `run()` does before it closes the
  /// loop.
  void shut_down();

  [[nodiscard]] Duration time() override;
  void post(detail::Handle& handle) override;
  void run_in_thread(detail::ThreadJob& job) override;

  /// Calls `function()` on the loop's thread, in a copy of the present context, after what is ready already,
  /// and wakes the loop. From any thread. Throws RuntimeError if the loop is closed; it must not be
  /// destroyed.
  template <class Function>
  void call_soon_threadsafe(Function function) {
    detail::CallbackBase* callback =
        detail::make_unsigned_callback(*this, HandleKind::call, std::move(function));
    if (mailbox_->post(*callback)) return;
    callback->discard();
    throw RuntimeError("Event loop is closed");
  }

  /// Tells the exception handler, in the context of the task concerned.
  void report(Report report) noexcept override;
  /// Replaces the handler; an empty one: the default again.
  void set_exception_handler(ExceptionHandler handler) { handler_ = std::move(handler); }
  /// Writes the report to standard error.
  void default_exception_handler(const Report& report) noexcept;

  /// In debug mode a step or callback that takes `slow_callback_duration()` or longer is reported.
  [[nodiscard]] bool debug() const noexcept { return debug_; }
  void set_debug(bool debug) noexcept { debug_ = debug; }
  [[nodiscard]] Duration slow_callback_duration() const noexcept { return slow_callback_duration_; }
  void set_slow_callback_duration(Duration duration) noexcept { slow_callback_duration_ = duration; }

  /// How often the loop has looked for work since it was made.
  [[nodiscard]] std::uint64_t iterations() const noexcept { return iterations_; }

 private:
  struct StopWhenDone;

  void require_idle() const;
  void run_until_done(FutureBase& future);
  void drive();
  /// One iteration of asyncio's loop; sleeps if nothing is ready.
  void iterate();
  void run_watched(detail::Handle& handle);
  void cancel_all_tasks();
  ThreadPoolExecutor& default_executor();

  Duration start_;
  ExceptionHandler handler_;
  std::shared_ptr<detail::Mailbox> mailbox_;
  detail::Link jobs_;  // under way; of ThreadJob
  std::unique_ptr<ThreadPoolExecutor> default_executor_;
  Duration slow_callback_duration_ = std::chrono::milliseconds(100);
  std::uint64_t iterations_ = 0;
  bool executor_shut_down_ = false;
  bool stopping_ = false;
  bool closed_ = false;
  bool debug_ = false;
};

}  // namespace coweave
