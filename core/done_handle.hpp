#pragma once

/// A handle that runs when a future is done: how `wait`, `shield`, `as_completed` and TaskGroup hear of it.
///
/// It goes through the ready queue as every done callback, in the order in which they were added. Whoever
/// embeds it keeps the future alive, and leaves before letting go of it.

#include <coweave/core/future.hpp>
#include <coweave/core/handle.hpp>

namespace coweave::detail {

class DoneHandle : public Handle {
 public:
  /// Runs once `future` is done; of one that is done already, in the next iteration.
  void listen(FutureBase& future);
  /// Does not run any more, even if it is in the ready queue.
  void leave() noexcept;
  /// As asyncio's `remove_done_callback`: does not run unless it is in the ready queue already.
  void stop_listening() noexcept;

  /// The future that it listens to, or listened to; null before.
  [[nodiscard]] FutureBase* future() const noexcept { return future_; }

 protected:
  DoneHandle(Run function, HandleKind kind) noexcept : Handle(function, kind) { node_.handle = this; }
  ~DoneHandle() { leave(); }

 private:
  FutureBase* future_ = nullptr;
  DoneNode node_;
};

}  // namespace coweave::detail
