#include <coweave/core/executor.hpp>

#include <coweave/core/errors.hpp>
#include <coweave/core/loop.hpp>

#include <algorithm>

namespace coweave {

ThreadPoolExecutor::ThreadPoolExecutor(std::size_t max_workers) : max_workers_(max_workers) {
  if (max_workers == 0) throw ValueError("max_workers must be greater than 0");
}

std::size_t ThreadPoolExecutor::default_max_workers() noexcept {
  return std::min<std::size_t>(32, std::thread::hardware_concurrency() + 4);
}

void ThreadPoolExecutor::require_open() const {
  if (shut_down_) throw RuntimeError("cannot schedule new futures after shutdown");
}

void ThreadPoolExecutor::submit(detail::ThreadJob& job) {
  const std::lock_guard lock(mutex_);
  require_open();
  jobs_.push_back(job.self());
  if (idle_threads_ < jobs_.size() && threads_.size() < max_workers_) {
    try {
      threads_.emplace_back([this] { work(); });
    } catch (...) {  // the system gives no more threads: those that there are do it, or nobody can
      if (threads_.empty()) {
        jobs_.pop_back();
        throw;
      }
    }
  }
  job_waits_.notify_one();
}

void ThreadPoolExecutor::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_threads_;
    job_waits_.wait(lock, [this] { return shut_down_ || !jobs_.empty(); });
    --idle_threads_;
    if (jobs_.empty()) return;
    std::shared_ptr<detail::ThreadJob> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job->execute();
    job.reset();
    lock.lock();
  }
}

void ThreadPoolExecutor::shutdown(bool wait, bool cancel_futures) {
  std::vector<std::thread> threads;
  std::deque<std::shared_ptr<detail::ThreadJob>> refused;
  {
    const std::lock_guard lock(mutex_);
    const auto is_this_one = [](const std::thread& thread) {
      return thread.get_id() == std::this_thread::get_id();
    };
    if (wait && std::any_of(threads_.begin(), threads_.end(), is_this_one))
      throw RuntimeError("cannot join current thread: a body shuts down the executor that runs it");
    shut_down_ = true;
    if (cancel_futures) refused.swap(jobs_);
    if (wait) threads.swap(threads_);
  }
  job_waits_.notify_all();
  for (const auto& job : refused) {
    if (job->start().queued()) job->loop().forget(job->start());
    job->refuse();
  }
  for (std::thread& thread : threads) thread.join();
  if (wait && simulated_) run_steps();
}

// Under simulation, where everything is one thread: the first `max_workers` jobs stand in the ready queue.

void ThreadPoolExecutor::submit_step(detail::ThreadJob& job) {
  require_open();
  simulated_ = true;
  jobs_.push_back(job.self());
  offer_steps();
}

void ThreadPoolExecutor::offer_steps() {
  const std::size_t workers = std::min(max_workers_, jobs_.size());
  for (std::size_t index = 0; index < workers; ++index) {
    detail::ThreadJob& job = *jobs_[index];
    if (job.waiting() && !job.start().queued() && !job.start().armed()) job.loop().run_as_step(job);
  }
}

void ThreadPoolExecutor::withdrawn(detail::ThreadJob& job) noexcept {
  std::shared_ptr<detail::ThreadJob> dropped;  // outlives the lock
  const std::lock_guard lock(mutex_);
  const auto place =
      std::find_if(jobs_.begin(), jobs_.end(), [&](const auto& each) { return each.get() == &job; });
  if (place == jobs_.end()) return;
  dropped = std::move(*place);
  jobs_.erase(place);
  if (simulated_) offer_steps();
}

void ThreadPoolExecutor::run_steps() noexcept {
  while (!jobs_.empty()) {
    const std::shared_ptr<detail::ThreadJob> job = std::move(jobs_.front());
    jobs_.pop_front();
    if (job->start().queued()) job->loop().forget(job->start());
    job->execute();
  }
}

}  // namespace coweave
