#include <coweave/core/to_thread.hpp>

namespace coweave::detail {

ThreadJob::ThreadJob(Loop& loop) noexcept : Handle(&completed, HandleKind::returned), loop_(&loop) {
  loop.sign(*this);
}

void ThreadJob::submit(std::shared_ptr<ThreadJob> self) {
  self_ = std::move(self);
  loop_->run_in_thread(*this);
}

void ThreadJob::complete() noexcept { loop_->post(*this); }

void ThreadJob::completed(Handle& handle, Action action) {
  auto& job = static_cast<ThreadJob&>(handle);
  const std::shared_ptr<ThreadJob> self = std::move(job.self_);
  if (action == Action::run) job.deliver();
}

}  // namespace coweave::detail
