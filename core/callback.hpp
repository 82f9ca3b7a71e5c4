#pragma once

/// Functions that the loop calls: given to `call_soon`, `call_later`, `call_at` or `add_done_callback`.
///
/// A callback is one recycled block that holds the function. It belongs to the loop until it has run, and to
/// the `CallHandle`s that may still cancel it.

#include <coweave/core/context.hpp>
#include <coweave/core/delay.hpp>
#include <coweave/core/loop.hpp>
#include <coweave/core/recycler.hpp>
#include <coweave/core/ref.hpp>

#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

namespace coweave {

namespace detail {

class CallbackBase : public Timer, public Recycled {
 public:
  void cancel() noexcept;
  [[nodiscard]] bool cancelled() const noexcept { return cancelled_; }
  [[nodiscard]] Loop& loop() const noexcept { return *loop_; }

  void add_reference() noexcept { ++references_; }
  void drop_reference() noexcept {
    if (--references_ == 0) delete this;
  }

  /// Of a done callback: `future` is done, and is kept alive until the callback has run.
  void keep(FutureBase& future) noexcept;

  /// Runs in `context` itself instead of in a copy of the context in which it was made.
  void run_in(const Context& context) noexcept { context_ = context.state(); }

  DoneNode done_node;         // of a done callback
  std::uint32_t done_id = 0;  // tells the done callbacks of a future apart

 protected:
  CallbackBase(Loop& loop, HandleKind kind) noexcept;
  virtual ~CallbackBase() = default;
  /// Runs the function and lets go of it.
  virtual void call() = 0;
  virtual void drop_function() noexcept = 0;

 private:
  static void leave_queue(Handle& handle, Action action);
  void call_in_context() noexcept;

  Loop* loop_;
  ContextRef context_;  // that it runs in; null: one without values
  FutureBase* kept_ = nullptr;
  std::uint32_t references_ = 0;
  bool cancelled_ = false;
};

template <class Function>
class Callback final : public CallbackBase {
 public:
  Callback(Loop& loop, HandleKind kind, Function function)
      : CallbackBase(loop, kind), function_(std::move(function)) {}

 private:
  void call() override { (*std::exchange(function_, std::nullopt))(); }
  void drop_function() noexcept override { function_.reset(); }

  std::optional<Function> function_;
};

/// A callback that the loop holds; its only reference is the loop's. May be made on any thread, but traces
/// cannot tell it from others.
template <class Function>
CallbackBase* make_unsigned_callback(Loop& loop, HandleKind kind, Function function) {
  auto* callback = new Callback<Function>(loop, kind, std::move(function));
  callback->add_reference();
  return callback;
}

/// The same, marked as made by the running step.
template <class Function>
CallbackBase* make_callback(Loop& loop, HandleKind kind, Function function) {
  CallbackBase* callback = make_unsigned_callback(loop, kind, std::move(function));
  loop.sign(*callback);
  return callback;
}

}  // namespace detail

/// What `call_soon`, `call_later` and `call_at` return: the right to cancel.
class CallHandle {
 public:
  explicit CallHandle(detail::CallbackBase& callback) noexcept : callback_(&callback) {}

  /// Keeps the function from being called, if it has not been; lets go of it at once. Idempotent.
  void cancel() const noexcept { callback_->cancel(); }
  [[nodiscard]] bool cancelled() const noexcept { return callback_->cancelled(); }
  /// When it is due on the loop's clock; of a `call_soon`, zero.
  [[nodiscard]] Duration when() const noexcept { return callback_->when(); }

 private:
  detail::Ref<detail::CallbackBase> callback_;
};

struct CallOptions {
  /// The context that the function is called in, so that what it sets is seen there; null: a copy of the
  /// context of whoever asks for the call. It need not outlive the asking.
  const Context* context = nullptr;
  /// The loop, on whose thread this must be; null: the running one.
  Loop* loop = nullptr;
};

namespace detail {

/// Throws RuntimeError if no loop is running, or the one asked for is closed or another thread's.
[[nodiscard]] Loop& loop_for(const CallOptions& options);

template <class Function>
CallbackBase& make_call(Loop& loop, const CallOptions& options, Function function) {
  CallbackBase* callback = make_callback(loop, HandleKind::call, std::move(function));
  if (options.context) callback->run_in(*options.context);
  return *callback;
}

}  // namespace detail

/// Calls `function()` in the next iteration, after everything that is ready already. What it throws goes to
/// the loop's exception handler. Throws RuntimeError if there is no loop to ask.
template <class Function>
CallHandle call_soon(Function function, CallOptions options = {}) {
  Loop& loop = detail::loop_for(options);
  detail::CallbackBase& callback = detail::make_call(loop, options, std::move(function));
  CallHandle handle(callback);
  loop.enqueue(callback);
  return handle;
}

/// Calls `function()` at `when` on the loop's clock; if that has passed, in the next iteration. Calls that
/// are due at the same time run in the order in which they were asked for.
template <class Function>
CallHandle call_at(Duration when, Function function, CallOptions options = {}) {
  Loop& loop = detail::loop_for(options);
  detail::CallbackBase& callback = detail::make_call(loop, options, std::move(function));
  CallHandle handle(callback);
  loop.arm(callback, when);
  return handle;
}

/// Calls `function()` when `delay` has passed; a delay that is not positive still goes through the timers.
template <class Function>
CallHandle call_later(Duration delay, Function function, CallOptions options = {}) {
  const Duration now = detail::loop_for(options).time();
  return call_at(detail::later(now, delay), std::move(function), options);
}

}  // namespace coweave
