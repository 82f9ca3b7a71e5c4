#pragma once

/// Running a program on an `EventLoop`, as asyncio's `run` and `Runner`.

#include <coweave/core/context.hpp>
#include <coweave/core/event_loop.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace coweave {

struct RunnerOptions {
  /// The loop's debug mode.
  bool debug = false;
  /// Makes the loop, when it is first needed; empty: a new EventLoop.
  std::function<std::unique_ptr<EventLoop>()> loop_factory = {};
};

struct RunOptions {
  /// The context that the main task runs in; null: the runner's.
  const Context* context = nullptr;
};

/// One loop and one context for several runs, one after another: tasks that one run leaves go on in the next,
/// and what it sets in its context is seen there. Signals are left alone.
class Runner {
 public:
  explicit Runner(RunnerOptions options = {}) : options_(std::move(options)) {}
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  /// `close()`; what that throws is written to standard error.
  ~Runner();

  /// Runs `main` to its end and gives what it returns or throws; CancelledError if it ends cancelled. Throws
  /// RuntimeError if the runner is closed, or a loop is running on this thread.
  template <class T>
  T run(Coro<T> main, RunOptions options = {}) {
    EventLoop& loop = loop_for_run(main);
    return loop.run_until_complete(std::move(main),
                                   {.context = options.context ? options.context : &*context_});
  }

  /// The loop, which is made now if this is its first use. Throws RuntimeError if the runner is closed.
  [[nodiscard]] EventLoop& get_loop();

  /// Cancels the tasks that are left, waits for them, and closes the loop (see `EventLoop::shut_down`),
  /// unless that was closed already. Idempotent. Throws RuntimeError if the loop is running, or is stopped
  /// meanwhile.
  void close();

 private:
  EventLoop& loop_for_run(detail::CoroBase& main);

  RunnerOptions options_;
  std::unique_ptr<EventLoop> loop_;
  std::optional<Context> context_;
  bool closed_ = false;
};

/// asyncio.run: runs `main` on a loop of its own to its end; then cancels every other task and waits for
/// them, reports what they raise besides CancelledError, waits for the bodies of `to_thread`, and closes the
/// loop. Gives what `main` returns or throws. Throws RuntimeError if a loop is running on this thread.
template <class T>
T run(Coro<T> main, RunnerOptions options = {}) {
  Runner runner(std::move(options));
  return runner.run(std::move(main));
}

}  // namespace coweave
