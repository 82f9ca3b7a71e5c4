#include <coweave/core/turn.hpp>

#include <coweave/core/task.hpp>

#include <utility>

namespace coweave::detail {

void Turn::give_way(PromiseBase& promise) {
  promise_ = &promise;
  TaskBase& task = task_of(promise);
  interrupted_ = false;
  exception_ = nullptr;
  begin_queued(task);
  task.loop().enqueue(task);
}

bool Turn::proceed() {
  if (task().must_cancel()) {
    interrupted_ = true;
    return true;
  }
  try {
    if (await_->ready(awaiter_)) return true;
    await_->suspend(awaiter_, *promise_);
    return false;
  } catch (...) {
    exception_ = std::current_exception();
    return true;
  }
}

void Turn::settle() {
  if (interrupted_) task().throw_request();
  if (exception_) std::rethrow_exception(std::exchange(exception_, nullptr));
}

}  // namespace coweave::detail
