#include <coweave/core/done_handle.hpp>

#include <coweave/core/task.hpp>

namespace coweave::detail {

void DoneHandle::listen(FutureBase& future) {
  future_ = &future;
  if (const TaskBase* task = future.as_task()) {
    owner_ = task->serial();
    ordinal_ = future.next_listener();
  } else {
    future.loop().sign(*this);
  }
  future.add_done_node(node_);
}

void DoneHandle::stop_listening() noexcept {
  if (node_.alone()) return;
  future_->observe_look();
  node_.unlink();
}

void DoneHandle::leave() noexcept {
  stop_listening();
  if (queued()) future_->loop().forget(*this);
}

}  // namespace coweave::detail
