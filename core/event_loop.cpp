#include <coweave/core/event_loop.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/core/check.hpp>
#include <coweave/core/done_handle.hpp>
#include <coweave/core/errors.hpp>
#include <coweave/core/exception_text.hpp>
#include <coweave/core/thread_job.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace coweave {

namespace {

Duration steady_now() {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

/// As asyncio, which sleeps a day at most.
constexpr Duration sleep_max = std::chrono::hours(24);

}  // namespace

/// The done callback of asyncio's `run_until_complete`: the loop leaves one iteration after the future is
/// done.
struct EventLoop::StopWhenDone final : detail::DoneHandle {
  StopWhenDone(EventLoop& loop_in, FutureBase& future) : DoneHandle(&stop, HandleKind::wait), loop(loop_in) {
    listen(future);
  }
  static void stop(Handle& handle, Action) { static_cast<StopWhenDone&>(handle).loop.stop(); }

  EventLoop& loop;
};

EventLoop::EventLoop() : start_(steady_now()), mailbox_(std::make_shared<detail::Mailbox>()) {}

EventLoop::~EventLoop() {
  COWEAVE_INTERNAL_CHECK(!is_running(), "a loop is not destroyed while it runs");
  close();
}

void EventLoop::require_idle() const {
  if (!closed_ && !alive(this))
    throw RuntimeError("This event loop belongs to another thread, which made it");
  if (running() == this) throw RuntimeError("This event loop is already running");
  if (running()) throw RuntimeError("Cannot run the event loop while another loop is running");
  if (closed_) throw RuntimeError("Event loop is closed");
}

void EventLoop::run_forever() {
  require_idle();
  const Running scope(*this);
  drive();
}

void EventLoop::run_until_done(FutureBase& future) {
  require_idle();
  if (!future.belongs_to(*this))
    throw ValueError("The future belongs to a different loop than the one specified as the loop argument");
  const detail::Ref<FutureBase> kept(&future);
  const Running scope(*this);
  const StopWhenDone stopper(*this, future);
  drive();
  if (!future.done()) throw RuntimeError("Event loop stopped before Future completed.");
}

void EventLoop::drive() {
  do {
    iterate();
  } while (!stopping_);
  stopping_ = false;
}

void EventLoop::iterate() {
  ++iterations_;
  if (ready_.empty() && !stopping_) {
    if (timers_.empty()) {
      mailbox_->wait();
    } else if (const Duration now = time(), due = timers_.next_due(); due > now) {
      mailbox_->wait(std::min(due - now, sleep_max));
    }
  }
  for (detail::Handle* handle : mailbox_->collect()) enqueue(*handle);
  if (!timers_.empty()) fire_timers(time());
  for (batch_ = ready_.size(); batch_ > 0;) {
    --batch_;
    detail::Handle& handle = ready_.take_first();
    if (debug_) [[unlikely]] {
      run_watched(handle);
    } else {
      run_handle(handle);
    }
  }
}

void EventLoop::run_watched(detail::Handle& handle) {
  std::string name = "a callback";
  if (handle.kind() == HandleKind::task) name = "a step of task " + static_cast<TaskBase&>(handle).name();
  const Duration begin = time();
  run_handle(handle);
  const Duration taken = time() - begin;
  if (taken < slow_callback_duration_) return;
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.3f", std::chrono::duration<double>(taken).count());
  report(
      {Report::Kind::slow_step, "Executing " + name + " took " + seconds + " seconds", nullptr, nullptr, {}});
}

void EventLoop::cancel_all_tasks() {
  std::vector<detail::Ref<FutureBase>> left;
  for_each_task([&](TaskBase& task) { left.emplace_back(&task); });
  if (left.empty()) return;
  for (const auto& task : left) task->cancel();
  for (const auto& task : left) {
    while (!task->done()) {
      iterate();
      if (std::exchange(stopping_, false)) throw RuntimeError("Event loop stopped before Future completed.");
    }
  }
  // asyncio waits for them with gather(), which takes two iterations more.
  for (int iteration = 0; iteration < 2; ++iteration) {
    stopping_ = true;
    drive();
  }
  for (const auto& task : left) {
    if (task->cancelled() || !task->peek_exception()) continue;
    task->mark_retrieved();
    report({Report::Kind::unhandled_at_shutdown,
            "unhandled exception during asyncio.run() shutdown",
            task->peek_exception(),
            task->as_task(),
            {}});
  }
}

void EventLoop::shut_down() {
  require_idle();
  const Running scope(*this);
  cancel_all_tasks();
  executor_shut_down_ = true;
  if (!default_executor_) return;
  const auto busy = [this] {
    for (const detail::Link* link = jobs_.following; link != &jobs_; link = link->following) {
      if (static_cast<const detail::ThreadJob*>(link)->executor() == default_executor_.get()) return true;
    }
    return false;
  };
  while (busy()) {
    iterate();
    stopping_ = false;
  }
  default_executor_->shutdown();
}

void EventLoop::close() {
  if (is_running()) throw RuntimeError("Cannot close a running event loop");
  if (!closed_ && !alive(this))
    throw RuntimeError("This event loop belongs to another thread, which made it");
  if (std::exchange(closed_, true)) return;
  const Closing scope(*this);
  for (detail::Handle* handle : mailbox_->close()) handle->discard();
  const auto let_go_of_jobs = [this] {
    while (!jobs_.alone()) static_cast<detail::ThreadJob*>(jobs_.following)->detach();
  };
  let_go_of_jobs();
  for_each_task([this](TaskBase& task) {
    report({Report::Kind::destroyed_pending, "Task was destroyed but it is pending!", nullptr, &task, {}});
  });
  destroy_tasks();
  let_go_of_jobs();  // that a frame's destructor began
  if (default_executor_) default_executor_->shutdown(false);
  retire();
}

Duration EventLoop::time() { return steady_now() - start_; }

void EventLoop::post(detail::Handle& handle) { static_cast<void>(mailbox_->post(handle)); }

ThreadPoolExecutor& EventLoop::default_executor() {
  if (executor_shut_down_) throw RuntimeError("Executor shutdown has been called");
  if (!default_executor_) default_executor_ = std::make_unique<ThreadPoolExecutor>();
  return *default_executor_;
}

void EventLoop::run_in_thread(detail::ThreadJob& job) {
  ThreadPoolExecutor& executor = job.executor() ? *job.executor() : default_executor();
  job.assign(executor, mailbox_);
  executor.submit(job);
  jobs_.insert_before(job);
}

void EventLoop::report(Report report) noexcept {
  if (!handler_) return default_exception_handler(report);
  const detail::ContextScope scope(report.task ? report.task->context_state() : present_context());
  try {
    handler_(report);
  } catch (...) {
    default_exception_handler({report.kind, "Unhandled error in exception handler", std::current_exception(),
                               report.task, report.born});
    default_exception_handler(report);
  }
}

void EventLoop::default_exception_handler(const Report& report) noexcept {
  std::string text = "coweave: " + report.message;
  if (report.task) text += " (" + report.task->name() + ")";
  if (report.exception) text += ": " + describe_exception(report.exception);
  std::fprintf(stderr, "%s\n", text.c_str());
}

}  // namespace coweave
