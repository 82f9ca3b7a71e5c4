#include <coweave/core/wait.hpp>

#include <coweave/core/errors.hpp>

#include <string>

namespace coweave::detail {

FuturesWaiter::FuturesWaiter(std::span<FutureBase* const> futures, const WaitOptions& options)
    : futures_(futures), left_(futures.size()), options_(options) {
  if (futures.empty()) throw ValueError("Set of Tasks/Futures is empty.");
  if (options.return_when > ReturnWhen::first_exception)
    throw ValueError("Invalid return_when value: " +
                     std::to_string(static_cast<unsigned>(options.return_when)));
}

/// CPython's `_wait`.
void FuturesWaiter::listen(TaskBase& task) {
  Loop& loop = task.loop();
  if (const auto when = options_.timeout.after(loop.time())) {
    loop.sign(alarm_);
    loop.arm(alarm_, *when);
  }
  children_ = std::make_unique<Child[]>(futures_.size());
  for (std::size_t index = 0; index < futures_.size(); ++index) {
    children_[index].waiter = this;
    children_[index].listen(*futures_[index]);
  }
}

void FuturesWaiter::Child::ended(Handle& handle, Action action) {
  auto& child = static_cast<Child&>(handle);
  if (action == Action::run) child.waiter->child_ended(*child.future());
}

void FuturesWaiter::child_ended(FutureBase& future) {
  // Then it counts which was heard of last: see look_at_queued.
  if (options_.return_when == ReturnWhen::first_exception) task().observe_touch(Access::write);
  --left_;
  const bool enough =
      left_ == 0 || options_.return_when == ReturnWhen::first_completed ||
      // As in asyncio, to ask for the exception counts as having seen it.
      (options_.return_when == ReturnWhen::first_exception && !future.cancelled() && future.exception());
  if (!enough) return;
  alarm_.disarm(task().loop());
  release();
}

void FuturesWaiter::release() { wake(); }

/// A wait that was cancelled, or whose time is up, still hears of the futures whose callbacks are in the
/// ready queue, in CPython. All that can be seen of it is that it asks for their exceptions, as `child_ended`
/// does.
void FuturesWaiter::look_at_queued() noexcept {
  if (options_.return_when != ReturnWhen::first_exception) return;
  const Loop& loop = task().loop();
  const std::span children(children_.get(), futures_.size());
  const Child* last = nullptr;
  std::size_t queued = 0;
  for (const Child& child : children) {
    if (!child.queued()) continue;
    ++queued;
    if (!last || loop.position_of(child) > loop.position_of(*last)) last = &child;
  }
  for (const Child& child : children) {
    if (child.queued() && (&child != last || queued < left_)) child.future()->mark_retrieved();
  }
}

void FuturesWaiter::await_resume() {
  alarm_.disarm(task().loop());
  look_at_queued();
  children_.reset();
  if (interrupted()) throw_cancelled();
}

WaitDescription FuturesWaiter::describe() const {
  WaitDescription wait;
  for (FutureBase* future : futures_) {
    if (!future->done()) future->describe_awaited(wait);
  }
  wait.action = "wait";
  if (alarm_.armed()) wait.due_ns = alarm_.when().count();
  return wait;
}

}  // namespace coweave::detail
