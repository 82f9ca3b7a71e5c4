#pragma once

/// The production loop: first in, first out, on the steady clock, with real threads for `to_thread`.
///
/// Idle, it sleeps on a condition variable and costs no CPU. Signals are left alone.

#include <coweave/core/loop.hpp>
#include <coweave/core/task.hpp>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace coweave {

class EventLoop final : public Loop {
 public:
  /// Hears what `report` is told. Must not throw.
  using ExceptionHandler = std::function<void(const Report&)>;

  EventLoop();
  /// Destroys what is left: tasks that are not done are reported and their frames destroyed; bodies of
  /// to_thread that run are waited for.
  ~EventLoop();

  /// asyncio.run: runs `main` to its end, then cancels every other task and waits for them. Gives what `main`
  /// returns or throws. Throws RuntimeError if a loop is running on this thread.
  template <class T>
  T run(Coro<T> main) {
    if (running()) throw RuntimeError("run() cannot be called from a running event loop");
    const Running scope(*this);
    Task<T> task = create_task(std::move(main), {.name = "main"}, {});
    drive(task.state());
    cancel_all_tasks();
    return task.result();
  }

  [[nodiscard]] Duration time() override;
  void post(detail::Handle& handle) override;
  void run_in_thread(detail::ThreadJob& job) override;
  void report(Report report) noexcept override;

  /// Calls `function()` on the loop's thread. The only way in from another thread.
  void call_soon_threadsafe(std::function<void()> function);

  /// Replaces the handler, which by default writes to standard error. An empty one: the default again.
  void set_exception_handler(ExceptionHandler handler) { handler_ = std::move(handler); }

 private:
  void drive(const FutureBase& main);
  void cancel_all_tasks();
  /// One iteration of asyncio's loop; waits for work if `may_wait`.
  void iterate(bool may_wait);
  void collect_posted(bool may_wait);
  void work();

  Duration start_;
  ExceptionHandler handler_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_up_;
  std::vector<detail::Handle*> posted_;
  std::condition_variable job_waits_;
  std::deque<detail::ThreadJob*> jobs_;
  std::vector<std::thread> threads_;
  std::size_t idle_threads_ = 0;
  bool closing_ = false;
};

/// asyncio.run: runs `main` on a new EventLoop.
template <class T>
T run(Coro<T> main) {
  EventLoop loop;
  return loop.run(std::move(main));
}

}  // namespace coweave
