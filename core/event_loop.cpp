#include <coweave/core/event_loop.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/core/exception_text.hpp>
#include <coweave/core/to_thread.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace coweave {

namespace {

Duration steady_now() {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

/// As the default pool of Python: enough for blocking calls, not for all of a large machine.
std::size_t threads_max() { return std::min<std::size_t>(32, std::thread::hardware_concurrency() + 4); }

}  // namespace

EventLoop::EventLoop() : start_(steady_now()) {}

EventLoop::~EventLoop() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  job_waits_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  const Running scope(*this);
  for (detail::ThreadJob* job : jobs_) job->abandon();
  for (detail::Handle* handle : posted_) handle->discard();
  for_each_task([this](TaskBase& task) {
    report({Report::Kind::destroyed_pending, "Task was destroyed but it is pending!", nullptr, &task, {}});
  });
  destroy_tasks();
}

Duration EventLoop::time() { return steady_now() - start_; }

void EventLoop::drive(const FutureBase& main) {
  while (!main.done()) iterate(true);
  iterate(false);  // asyncio leaves one iteration after its main task is done
}

void EventLoop::cancel_all_tasks() {
  std::vector<detail::Ref<FutureBase>> left;
  for_each_task([&](TaskBase& task) { left.emplace_back(&task.future()); });
  for (const auto& task : left) task->cancel();
  for (const auto& task : left) {
    while (!task->done()) iterate(true);
    if (task->cancelled() || !task->peek_exception()) continue;
    task->mark_retrieved();
    report({Report::Kind::unhandled_at_shutdown,
            "unhandled exception during run() shutdown",
            task->peek_exception(),
            task->as_task(),
            {}});
  }
}

void EventLoop::iterate(bool may_wait) {
  collect_posted(may_wait && ready_.empty());
  if (!timers_.empty()) fire_timers(time());
  for (batch_ = ready_.size(); batch_ > 0;) {
    --batch_;
    run_handle(ready_.take_first());
  }
}

void EventLoop::collect_posted(bool may_wait) {
  std::unique_lock lock(mutex_);
  if (may_wait) {
    const auto posted = [this] { return !posted_.empty(); };
    if (timers_.empty()) {
      wake_up_.wait(lock, posted);
    } else if (timers_.next_due() - time() < std::chrono::hours(24)) {
      wake_up_.wait_until(lock, std::chrono::steady_clock::time_point(start_ + timers_.next_due()), posted);
    } else {
      wake_up_.wait_for(lock, std::chrono::hours(24), posted);
    }
  }
  for (detail::Handle* handle : posted_) enqueue(*handle);
  posted_.clear();
}

void EventLoop::post(detail::Handle& handle) {
  // Notified under the lock: as soon as the handle is seen, the loop may run it and be destroyed.
  const std::lock_guard lock(mutex_);
  posted_.push_back(&handle);
  wake_up_.notify_one();
}

void EventLoop::call_soon_threadsafe(std::function<void()> function) {
  auto* callback = detail::make_unsigned_callback(*this, HandleKind::call, std::move(function));
  post(*callback);
}

void EventLoop::run_in_thread(detail::ThreadJob& job) {
  const std::lock_guard lock(mutex_);
  jobs_.push_back(&job);
  if (idle_threads_ < jobs_.size() && threads_.size() < threads_max())
    threads_.emplace_back([this] { work(); });
  job_waits_.notify_one();
}

void EventLoop::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_threads_;
    job_waits_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    --idle_threads_;
    if (closing_) return;
    detail::ThreadJob& job = *jobs_.front();
    jobs_.pop_front();
    lock.unlock();
    job.run_body();
    job.complete();
    lock.lock();
  }
}

void EventLoop::report(Report report) noexcept {
  if (handler_) {
    try {
      handler_(report);
      return;
    } catch (...) {
      std::fputs("coweave: Unhandled error in exception handler\n", stderr);
    }
  }
  std::string text = "coweave: " + report.message;
  if (report.task) text += " (" + report.task->name() + ")";
  if (report.exception) text += ": " + describe_exception(report.exception);
  std::fprintf(stderr, "%s\n", text.c_str());
}

}  // namespace coweave
