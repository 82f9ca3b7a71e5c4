#include <coweave/core/thread_job.hpp>

#include <coweave/core/executor.hpp>
#include <coweave/core/loop.hpp>

namespace coweave::detail {

namespace {

constinit thread_local bool body_is_step = false;

}  // namespace

bool ThreadJob::runs_as_step() noexcept { return body_is_step; }

ThreadJob::ThreadJob(Loop& loop, ThreadPoolExecutor* executor)
    : Handle(&completed, HandleKind::returned),
      loop_(&loop),
      executor_(executor),
      context_(inherited_context()),
      start_(*this) {
  loop.sign(*this);
  start_.sign(*this);
}

void ThreadJob::submit(std::shared_ptr<ThreadJob> self) {
  self_ = std::move(self);
  try {
    loop_->run_in_thread(*this);
  } catch (...) {
    detach();
    throw;
  }
}

/// Whoever moves the job out of the queue owns the body.
bool ThreadJob::leave_queue(Stage stage) noexcept {
  Stage expected = Stage::queued;
  return stage_.compare_exchange_strong(expected, stage, std::memory_order_acq_rel);
}

void ThreadJob::execute() noexcept {
  if (!leave_queue(Stage::running)) return;
  {
    const ContextScope scope(std::move(context_));
    run_body();
  }
  post();
}

void ThreadJob::refuse() noexcept {
  if (!leave_queue(Stage::running)) return;
  drop_body();
  post();
}

void ThreadJob::post() noexcept {
  if (!mailbox_) {
    loop_->enqueue(*this);
  } else {
    // A loop that has closed does not want to know.
    static_cast<void>(mailbox_->post(*this));
  }
}

void ThreadJob::withdraw() noexcept {
  if (!leave_queue(Stage::withdrawn)) return;
  drop_body();
  const std::shared_ptr<ThreadJob> self = self_;
  detach();
  if (start_.queued() || start_.armed()) loop_->forget(start_);
  if (Observer* observer = loop_->observer(heard::wakes)) [[unlikely]]
    observer->unwanted(start_);
  if (executor_) executor_->withdrawn(*this);
}

void ThreadJob::detach() noexcept {
  Link::unlink();
  drop_future();
  self_.reset();
}

void ThreadJob::run_start(Handle& handle, Action action) {
  ThreadJob& job = static_cast<Start&>(handle).job;
  const std::shared_ptr<ThreadJob> self = job.self_;
  if (action == Action::run) {
    body_is_step = true;
    job.execute();
    body_is_step = false;
  } else {
    if (job.leave_queue(Stage::withdrawn)) job.drop_body();
    job.detach();
  }
  if (job.executor_) job.executor_->withdrawn(job);
}

void ThreadJob::completed(Handle& handle, Action action) {
  auto& job = static_cast<ThreadJob&>(handle);
  const std::shared_ptr<ThreadJob> self = job.self_;
  if (action == Action::run) job.deliver();
  job.detach();
}

}  // namespace coweave::detail
