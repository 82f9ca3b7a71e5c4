#pragma once

/// A future: a result that will be there later, as asyncio's `Future`.
///
/// Pending, then finished (with a result or an exception) or cancelled, for good. Whoever waits and every
/// done callback goes through the ready queue, in the order in which they came; nothing is ever called
/// inline. `Future<T>` is a shared handle: copies mean the same future.

#include <coweave/core/callback.hpp>
#include <coweave/core/errors.hpp>
#include <coweave/core/loop.hpp>
#include <coweave/core/ref.hpp>
#include <coweave/core/slot.hpp>
#include <coweave/core/text.hpp>
#include <coweave/core/waiter.hpp>

#include <cstdint>
#include <exception>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

namespace coweave {

namespace detail {
struct PromiseBase;
}

/// The state that a future's handles share, without the type of its result.
class FutureBase : public detail::Recycled {
 public:
  enum class State : std::uint8_t { pending, finished, cancelled };

  FutureBase(const FutureBase&) = delete;
  FutureBase& operator=(const FutureBase&) = delete;

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] bool done() const noexcept { return state_ != State::pending; }
  [[nodiscard]] bool cancelled() const noexcept { return state_ == State::cancelled; }
  [[nodiscard]] Loop& loop() const noexcept { return *loop_; }

  /// Cancels a pending future and returns true; returns false if it was done. Either way an exception that it
  /// holds counts as retrieved. `at` is where the program asks for it; not given: it does not.
  virtual bool cancel(std::string_view message = {}, std::source_location at = {});

  /// The task that this future is, or null.
  [[nodiscard]] TaskBase* as_task() noexcept;              // in task.hpp
  [[nodiscard]] const TaskBase* as_task() const noexcept;  // in task.hpp
  [[nodiscard]] bool is_task() const noexcept { return is_task_; }

  /// Whether it is of the present run of `loop`, which exists; not of an earlier one, nor of another loop
  /// that stood at the same address.
  [[nodiscard]] bool belongs_to(const Loop& loop) const noexcept {
    return loop_ == &loop && id_.epoch == loop.epoch();
  }
  /// Whether it is of the loop that runs on this thread.
  [[nodiscard]] bool of_running_loop() const noexcept {
    const Loop* running = Loop::running();
    return running && belongs_to(*running);
  }
  /// Throws RuntimeError if nothing can happen to it any more: its loop is closed, is another thread's, or
  /// has begun another run.
  void require_usable() const {
    if (!of_running_loop()) [[unlikely]]
      require_alive();
  }

  /// The exception, or null if there is a result. Throws InvalidStateError while pending, CancelledError if
  /// cancelled.
  [[nodiscard]] std::exception_ptr exception();

  /// The stored exception without any effect; null if there is none.
  [[nodiscard]] const std::exception_ptr& peek_exception() const noexcept { return exception_; }
  /// Whether it holds an exception that nobody saw, which will be reported if nobody does.
  [[nodiscard]] bool unretrieved() const noexcept { return unretrieved_; }
  /// Notes that somebody saw the exception.
  void mark_retrieved() noexcept { unretrieved_ = false; }
  /// Notes that nobody will, and nobody needs to, see an exception that it holds or will hold.
  void ignore_exception() noexcept {
    unretrieved_ = false;
    ignored_ = true;
  }
  /// Returns if there is a result; otherwise throws as `Future::result` does.
  void require_result();
  /// The result, of type `T`, or throws as `Future::result` does. A copy; of a type that cannot be copied,
  /// the result itself, once. `last` says that the caller's handle is about to go, so that the result of a
  /// future that nobody else holds can be moved.
  template <class T>
  T get_result(bool last);

  /// Finishes a future whose result has been stored.
  void finish_kept_result() { complete(State::finished); }
  void finish_with_exception(std::exception_ptr exception, std::source_location at = {});
  void finish_cancelled(std::string_view message, bool message_once = false);
  /// The CancelledError for who asks for the outcome; of a task that ended with one, its message only once.
  [[nodiscard]] CancelledError make_cancelled_error();
  /// The one that `gather` lists: without that message, and without using it up.
  [[nodiscard]] CancelledError copy_cancelled_error() const;
  /// Whether asking for the outcome throws CancelledError: it is cancelled, or one is its exception, as that
  /// of a gather.
  [[nodiscard]] bool gives_cancelled_error() const;

  /// Lets `node.handle` run when the future is done: after those that came before it, or in the next
  /// iteration if the future is done already.
  void add_done_node(detail::DoneNode& node);
  /// Whether a handle that waits for this future fulfils `predicate`.
  template <class Predicate>
  [[nodiscard]] bool any_done_handle(Predicate predicate) const {
    for (const detail::Link* link = done_nodes_.following; link != &done_nodes_; link = link->following) {
      if (predicate(*static_cast<const detail::DoneNode&>(*link).handle)) return true;
    }
    return false;
  }
  /// The number of a handle that is about to listen, from 0: tells apart those that listen to one task.
  [[nodiscard]] std::uint32_t next_listener() noexcept {
    observe_touch(Access::write);
    return listened_++;
  }
  /// The number of `function`s removed: 1, or 0 if the callback has been scheduled or was not registered.
  int remove_done_callback(std::uint32_t id);
  std::uint32_t add_done_callback(detail::CallbackBase& callback);

  /// Tells in `wait` what somebody who awaits this future waits for.
  virtual void describe_awaited(WaitDescription& wait);

  /// To be called by whoever is about to look at its state for the program. It may be of a loop that is no
  /// more.
  void observe_look() const {
    if (Observer* observer = Loop::observed(heard::looks)) [[unlikely]]
      observer->looked_at(*this);
  }

  /// The running step uses it, and what belongs to it, in a way that is no operation.
  void observe_touch(Access access) const {
    if (Observer* observer = Loop::observed(heard::uses)) [[unlikely]]
      observer->touched(access, reference());
  }

  /// This future as an object of the trace.
  [[nodiscard]] ObjectRef reference() const noexcept;

  void add_reference() noexcept { ++references_; }
  void drop_reference() noexcept {
    if (--references_ == 0) destroy();
  }
  [[nodiscard]] bool shared() const noexcept { return references_ > 1; }

 protected:
  explicit FutureBase(Loop& loop, std::string_view name = {})
      : loop_(&loop), texts_(name), id_{0, loop.epoch()} {}
  virtual ~FutureBase() {
    if (!done_nodes_.alone()) [[unlikely]]
      leave_nodes();
  }

  /// The `detail::Slot` where the result is kept.
  [[nodiscard]] virtual void* slot() noexcept = 0;
  void require_pending() const;
  /// Of a task: the coroutine returned; moves its result here.
  virtual void keep_result(detail::PromiseBase& root);
  /// Enters `state` and schedules everybody who waits.
  void complete(State state);
  void observe(Verb verb, std::source_location at = {});

  friend class Loop;
  friend class TaskBase;
  void destroy() noexcept {
    if (unretrieved_) [[unlikely]]
      report_never_retrieved();
    delete this;
  }
  [[gnu::cold]] void report_never_retrieved() noexcept;
  [[nodiscard]] bool alive() const noexcept;
  [[gnu::cold]] void require_alive() const;
  /// Lets go of the functions given to add_done_callback: this future will never be done.
  [[gnu::cold]] void discard_done_callbacks() noexcept;
  /// Besides them only the node of a wait can be left that is about to go, as its reference to this future
  /// is.
  [[gnu::cold]] void leave_nodes() noexcept;
  void schedule(detail::Handle& handle);

  // A task is to take little memory, so flags are bits and texts share a word.
  Loop* loop_;
  detail::Link done_nodes_;
  std::exception_ptr exception_;
  detail::Texts texts_;  // of a task its name; the message of the latest request to cancel
  mutable ObjectId id_;  // its epoch tells which run of its loop the future belongs to
  std::uint32_t references_ = 0;
  std::uint16_t listened_ = 0;
  State state_ = State::pending;
  bool is_task_ : 1 = false;
  bool unretrieved_ : 1 = false;
  bool ignored_ : 1 = false;
  bool message_once_ : 1 = false;
  bool result_taken_ : 1 = false;
};

template <class T>
T FutureBase::get_result(bool last) {
  require_result();
  if constexpr (!std::is_void_v<T>) {
    auto& result = *static_cast<detail::Slot<T>*>(slot());
    if constexpr (std::is_reference_v<T>) {
      return result.get();
    } else if constexpr (std::is_copy_constructible_v<T>) {
      if (last && !shared()) return result.take();
      return result.get();
    } else {
      if (result_taken_)
        throw InvalidStateError("the result of this future cannot be copied and was already taken");
      result_taken_ = true;
      return result.take();
    }
  }
}

namespace detail {

/// A future that is no task.
class PlainFuture : public FutureBase {
 protected:
  explicit PlainFuture(Loop& loop) noexcept;

 private:
  friend FutureBase;

  Birth birth_;
};

template <class T>
class FutureState : public PlainFuture {
 public:
  explicit FutureState(Loop& loop) noexcept : PlainFuture(loop) {}

  template <class... Value>
  void set_result(Value&&... value) {
    finish_with_result({}, std::forward<Value>(value)...);
  }
  template <class... Value>
  void finish_with_result(std::source_location at, Value&&... value) {
    require_pending();
    result_.set(std::forward<Value>(value)...);
    observe(Verb::result, at);
    complete(State::finished);
  }

 protected:
  [[no_unique_address]] Slot<T> result_;

 private:
  void* slot() noexcept final { return &result_; }
};

}  // namespace detail

namespace detail {

/// Waits for a future. Cancelling the wait cancels the future itself, and so everybody else who awaits it (as
/// in asyncio; for a task it is a request). Suspends unless the future is done.
class FutureWaiter : public Waiter {
 public:
  explicit FutureWaiter(Ref<FutureBase> future) : future_(std::move(future)) {}

  [[nodiscard]] Pending pending() const noexcept {
    return {.access = Access::read, .object = future_->reference(), .waits = !future_->done()};
  }
  [[nodiscard]] bool await_ready() const noexcept { return future_->done(); }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> coroutine) {
    suspend(coroutine.promise());
  }

  /// A task that awaits itself is about to hear of it, and waits for nothing.
  bool cancel_wait(std::string_view message, std::source_location at) override {
    return !misuse_ && future_->cancel(message, at);
  }
  [[nodiscard]] TaskBase* awaited_task() const noexcept override;
  [[nodiscard]] WaitDescription describe() const override;

 protected:
  ~FutureWaiter() = default;
  /// Throws what is due instead of the future's outcome, if anything is.
  void settle() {
    if (handle) check_interruption();
  }

  Ref<FutureBase> future_;

 private:
  void suspend(PromiseBase& promise);
  void check_interruption();

  const char* misuse_ = nullptr;
};

template <class T>
class FutureAwaiter final : public FutureWaiter {
 public:
  using FutureWaiter::FutureWaiter;

  T await_resume() {
    settle();
    return future_->template get_result<T>(true);
  }
};

}  // namespace detail

/// A handle of a future of any result type, or of none (`valid()` is false).
class AnyFuture {
 public:
  AnyFuture() = default;
  explicit AnyFuture(detail::Ref<FutureBase> state) noexcept : state_(std::move(state)) {}

  [[nodiscard]] bool valid() const noexcept { return static_cast<bool>(state_); }
  [[nodiscard]] bool done() const { return look_at().done(); }
  [[nodiscard]] bool cancelled() const { return look_at().cancelled(); }

  /// asyncio's `cancel`: true if the future was pending; for a task, a request that arrives at its await.
  bool cancel(std::string_view message = {},
              std::source_location at = std::source_location::current()) const {
    return state().cancel(message, at);
  }

  /// The exception, or null if there is a result. Throws InvalidStateError while pending and CancelledError
  /// if cancelled. Counts as looking at it.
  [[nodiscard]] std::exception_ptr exception() const { return state().exception(); }

  /// `removed = remove_done_callback(id)`: 1, or 0 if it was scheduled already or never registered.
  int remove_done_callback(std::uint32_t id) const { return state().remove_done_callback(id); }

  /// The state behind the handle; throws RuntimeError if there is none.
  [[nodiscard]] FutureBase& state() const {
    if (!state_)
      throw RuntimeError("this handle refers to no future: it is default-constructed or was moved from");
    return *state_;
  }

  friend bool operator==(const AnyFuture&, const AnyFuture&) = default;

 protected:
  /// The state, for a query.
  [[nodiscard]] const FutureBase& look_at() const {
    const FutureBase& future = state();
    future.observe_look();
    return future;
  }

  detail::Ref<FutureBase> state_;
};

struct DoneOptions {
  /// The context that the callback runs in; null: a copy of the one in which it is registered.
  const Context* context = nullptr;
};

template <class T = void>
class Future : public AnyFuture {
 public:
  using value_type = T;
  using coweave_awaiter = void;

  Future() = default;
  /// `state` keeps a result of this type.
  explicit Future(detail::Ref<FutureBase> state) noexcept : AnyFuture(std::move(state)) {}

  /// The result. Throws its exception, CancelledError if cancelled, InvalidStateError while pending. A type
  /// that can be copied is copied at every call; another is handed out once.
  T result() const { return state().template get_result<T>(false); }

  /// Finishes the future with a result (`set_result()` if T is void). Throws InvalidStateError if it is done,
  /// RuntimeError on a task.
  template <class Value = T>
    requires(!std::is_void_v<T>)
  void set_result(Value&& value, std::source_location at = std::source_location::current()) const {
    refuse_task("set_result");
    static_cast<detail::FutureState<T>&>(state()).finish_with_result(at, std::forward<Value>(value));
  }
  void set_result(std::source_location at = std::source_location::current()) const
    requires std::is_void_v<T>
  {
    refuse_task("set_result");
    static_cast<detail::FutureState<T>&>(state()).finish_with_result(at);
  }

  /// Finishes the future with an exception: an exception object, or a std::exception_ptr that is not null.
  template <class Exception>
  void set_exception(Exception&& exception, std::source_location at = std::source_location::current()) const {
    refuse_task("set_exception");
    if constexpr (std::is_same_v<std::remove_cvref_t<Exception>, std::exception_ptr>) {
      if (!exception) throw ValueError("set_exception needs an exception, got a null std::exception_ptr");
      state().finish_with_exception(std::forward<Exception>(exception), at);
    } else {
      state().finish_with_exception(std::make_exception_ptr(std::forward<Exception>(exception)), at);
    }
  }

  /// Calls `function(*this)` through the ready queue when the future is done, after what was registered
  /// before; if it is done already, in the next iteration. Returns a number for `remove_done_callback`. The
  /// same function may be registered several times. What it throws goes to the loop's exception handler.
  /// Throws RuntimeError if the future's loop is closed.
  template <class Function>
  std::uint32_t add_done_callback(Function function, DoneOptions options = {}) const {
    // The callback must not keep a pending future alive that keeps the callback.
    auto call = [state = &state(), function = std::move(function)]() mutable {
      function(Future(detail::Ref<FutureBase>(state)));
    };
    state().require_usable();
    detail::CallbackBase* callback = detail::make_callback(state().loop(), HandleKind::done, std::move(call));
    if (options.context) callback->run_in(*options.context);
    return state().add_done_callback(*callback);
  }

  /// Awaiting gives the result as `result()` does. A future that is done does not suspend. Many may await one
  /// future; cancelling one of them cancels the future, and so the others too.
  detail::FutureAwaiter<T> operator co_await() const& {
    static_cast<void>(state());
    return detail::FutureAwaiter<T>(state_);
  }
  /// A temporary handle gives its reference away, so that the result of a future that nobody else holds is
  /// moved, not copied.
  detail::FutureAwaiter<T> operator co_await() && {
    static_cast<void>(state());
    return detail::FutureAwaiter<T>(std::move(state_));
  }

 private:
  void refuse_task(const char* call) const {
    if (state().is_task())
      throw RuntimeError(std::string("Task does not support ") + call +
                         "(): a task finishes when its coroutine does");
  }
};

/// A new pending future of the running loop, or of `loop`. Throws RuntimeError if there is none, or it is
/// closed.
template <class T = void>
Future<T> create_future(Loop& loop = Loop::current()) {
  loop.require_usable();
  return Future<T>(detail::Ref<FutureBase>(new detail::FutureState<T>(loop)));
}

}  // namespace coweave
