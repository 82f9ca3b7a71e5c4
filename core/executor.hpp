#pragma once

/// A pool of threads for blocking code, as `concurrent.futures.ThreadPoolExecutor`.
///
/// Threads start when they are needed, up to `max_workers`, and take jobs in the order in which they came.
/// Under simulation no thread is started: a body runs in one piece, as a step of its own, and the policy
/// chooses among the jobs that the pool's workers would have taken.

#include <coweave/core/thread_job.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace coweave {

class ThreadPoolExecutor {
 public:
  /// Throws ValueError if `max_workers` is 0.
  explicit ThreadPoolExecutor(std::size_t max_workers = default_max_workers());
  ThreadPoolExecutor(const ThreadPoolExecutor&) = delete;
  ThreadPoolExecutor& operator=(const ThreadPoolExecutor&) = delete;
  /// Waits, as `shutdown()`: a body cannot be interrupted.
  ~ThreadPoolExecutor() { shutdown(); }

  [[nodiscard]] std::size_t max_workers() const noexcept { return max_workers_; }
  /// As Python's: the number of processors and 4, at most 32.
  [[nodiscard]] static std::size_t default_max_workers() noexcept;

  /// From now on `run_in_executor` on this pool throws RuntimeError. Jobs that were submitted still run,
  /// unless `cancel_futures` asks for those that have not begun to be cancelled. `wait`: blocks until the
  /// last body has ended and the threads have (under simulation: runs, here and now, what is left).
  /// Idempotent. Throws RuntimeError in a body of the pool itself, which would wait for its own end.
  void shutdown(bool wait = true, bool cancel_futures = false);

  // For loops and jobs.
  /// Queues a job. Throws RuntimeError after `shutdown()`.
  void submit(detail::ThreadJob& job);
  /// The same under simulation.
  void submit_step(detail::ThreadJob& job);
  /// A job is over, or its future was cancelled before it began.
  void withdrawn(detail::ThreadJob& job) noexcept;

 private:
  void require_open() const;
  void work();
  void offer_steps();
  void run_steps() noexcept;

  const std::size_t max_workers_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable job_waits_;
  std::deque<std::shared_ptr<detail::ThreadJob>> jobs_;  // under simulation: until they have run
  std::vector<std::thread> threads_;
  std::size_t idle_threads_ = 0;
  bool shut_down_ = false;
  bool simulated_ = false;
};

}  // namespace coweave
