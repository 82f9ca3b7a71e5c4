#pragma once

/// A coroutine, as asyncio's `async def`: lazy, awaited at most once, run inline by whoever awaits it.
///
/// Awaiting a `Coro` is a call, not a scheduling point. The frames of a task form a stack that grows in the
/// heap: to call, a coroutine makes its callee the leaf of the stack and suspends; the task's step (a loop,
/// the trampoline in task.hpp) resumes the leaf. To return, it makes its caller the leaf. So a million calls
/// in a row and a hundred thousand nested ones use constant machine stack, at -O0 and under AddressSanitizer
/// too, where symmetric transfer of g++ is no tail call.

#include <coweave/core/recycler.hpp>
#include <coweave/core/slot.hpp>
#include <coweave/core/turn.hpp>

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <source_location>
#include <type_traits>
#include <utility>

namespace coweave {

template <class T = void>
class Coro;

namespace detail {

class CoroBase;
struct PromiseBase;

/// The stack of coroutines of one task.
struct CoroStack {
  /// The innermost coroutine, which runs or where the task is suspended; null when the outermost has
  /// returned.
  PromiseBase* leaf = nullptr;
};

template <class T>
class CoroAwaiter;
template <class Awaitable>
class ForeignAwaiter;

/// Awaitables of ours: awaited as they are, because they know tasks.
template <class Awaitable>
concept NativeAwaitable = requires { typename std::remove_cvref_t<Awaitable>::coweave_awaiter; };

/// Stands for an awaiter of ours that lives until the end of the expression. (g++ 12 would copy an awaiter
/// that await_transform returns by reference; these cannot be copied.)
template <class Awaiter>
struct NativeAwaiter {
  Awaiter& awaiter;

  bool await_ready() { return awaiter.await_ready(); }
  template <class Promise>
  decltype(auto) await_suspend(std::coroutine_handle<Promise> coroutine) {
    return awaiter.await_suspend(coroutine);
  }
  decltype(auto) await_resume() { return awaiter.await_resume(); }
};

/// The same for an awaiter that may take a turn; `Kept` is a reference to it, or the awaiter itself if nobody
/// else keeps it.
template <class Kept>
struct TurningAwaiter {
  Kept awaiter;
  OptionalTurn turn = {};

  bool await_ready() { return turn.await_ready(awaiter); }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> coroutine) {
    turn.await_suspend(awaiter, coroutine);
  }
  decltype(auto) await_resume() {
    turn.await_resume();
    return awaiter.await_resume();
  }
};

/// Returns to the caller, by way of the trampoline.
struct FinalAwaiter {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> coroutine) const noexcept {
    coroutine.promise().leave();
  }
  void await_resume() const noexcept {}
};

/// What all coroutines of ours have in common, whatever they return.
struct PromiseBase : Recycled {
  CoroStack* stack = nullptr;     ///< of the task that runs it; null: not started
  PromiseBase* parent = nullptr;  ///< who awaits it; null: the task itself
  CoroBase* owner = nullptr;      ///< who destroys the frame; null: the task itself
  std::coroutine_handle<> self;
  std::source_location site;     ///< where it awaits; before its first await, where it was written
  std::exception_ptr exception;  ///< that it ended with

  explicit PromiseBase(std::source_location born) noexcept : site(born) {}
  PromiseBase(const PromiseBase&) = delete;
  PromiseBase& operator=(const PromiseBase&) = delete;

  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] FinalAwaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { exception = std::current_exception(); }
  void leave() noexcept { stack->leaf = parent; }

  template <class T>
  CoroAwaiter<T> await_transform(Coro<T>&& coroutine,
                                 std::source_location at = std::source_location::current()) noexcept {
    site = at;
    return CoroAwaiter<T>(std::move(coroutine));
  }
  template <class T>
  void await_transform(Coro<T>& coroutine) = delete;  // a coroutine is awaited once: co_await std::move(it)

  template <NativeAwaitable Awaitable>
  auto await_transform(Awaitable&& awaitable, std::source_location at = std::source_location::current()) {
    site = at;
    if constexpr (requires { static_cast<Awaitable&&>(awaitable).operator co_await(); }) {
      using Awaiter = decltype(static_cast<Awaitable&&>(awaitable).operator co_await());
      if constexpr (TakesTurns<Awaiter>) {
        return TurningAwaiter<Awaiter>{static_cast<Awaitable&&>(awaitable).operator co_await()};
      } else {
        return static_cast<Awaitable&&>(awaitable).operator co_await();
      }
    } else if constexpr (TakesTurns<std::remove_reference_t<Awaitable>>) {
      return TurningAwaiter<Awaitable&>{awaitable};
    } else {
      return NativeAwaiter<std::remove_reference_t<Awaitable>>{awaitable};
    }
  }

  template <class Awaitable>
    requires(!NativeAwaitable<Awaitable>)
  ForeignAwaiter<Awaitable> await_transform(Awaitable&& awaitable,
                                            std::source_location at = std::source_location::current()) {
    site = at;
    return ForeignAwaiter<Awaitable>(static_cast<Awaitable&&>(awaitable));
  }
};

template <class T>
struct Promise final : PromiseBase {
  Slot<T> result;

  explicit Promise(std::source_location born = std::source_location::current()) noexcept
      : PromiseBase(born) {}
  Coro<T> get_return_object() noexcept;
  template <class U = T>
    requires std::convertible_to<U&&, T>
  void return_value(U&& value) {
    result.set(std::forward<U>(value));
  }
};

template <>
struct Promise<void> final : PromiseBase {
  Slot<void> result;

  explicit Promise(std::source_location born = std::source_location::current()) noexcept
      : PromiseBase(born) {}
  inline Coro<void> get_return_object() noexcept;
  void return_void() noexcept {}
};

/// Owns a coroutine frame.
class CoroBase {
 public:
  CoroBase() = default;
  CoroBase(CoroBase&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) { adopt(); }
  CoroBase& operator=(CoroBase&& other) noexcept {
    if (this != &other) {
      destroy();
      promise_ = std::exchange(other.promise_, nullptr);
      adopt();
    }
    return *this;
  }
  ~CoroBase() { destroy(); }

  /// Gives the frame away, to be destroyed by whoever gets it.
  PromiseBase& release() noexcept {
    promise_->owner = nullptr;
    return *std::exchange(promise_, nullptr);
  }

  [[nodiscard]] PromiseBase* promise() const noexcept { return promise_; }

  /// Lets go of a coroutine that somebody refused; not reported as never awaited.
  void close() noexcept {
    if (promise_) std::exchange(promise_, nullptr)->self.destroy();
  }

  /// Destroys the frame. One that was never started is reported to the running loop.
  void destroy() noexcept {
    if (PromiseBase* promise = std::exchange(promise_, nullptr)) {
      if (!promise->stack) [[unlikely]]
        report_never_awaited(*promise);
      promise->self.destroy();
    }
  }

 protected:
  explicit CoroBase(PromiseBase& promise) noexcept : promise_(&promise) { adopt(); }

 private:
  static void report_never_awaited(const PromiseBase& promise) noexcept;
  void adopt() noexcept {
    if (promise_) promise_->owner = this;
  }

  PromiseBase* promise_ = nullptr;
};

}  // namespace detail

/// The result of calling a coroutine function. Nothing of its body has run yet: `co_await` it, or give it to
/// `create_task`. Dropped without either, it is reported as never awaited.
template <class T>
class [[nodiscard]] Coro : public detail::CoroBase {
 public:
  using promise_type = detail::Promise<T>;
  using value_type = T;

  Coro() = default;

 private:
  friend promise_type;
  explicit Coro(promise_type& promise) noexcept : CoroBase(promise) {}
};

namespace detail {

template <class T>
Coro<T> Promise<T>::get_return_object() noexcept {
  self = std::coroutine_handle<Promise>::from_promise(*this);
  return Coro<T>(*this);
}

Coro<void> Promise<void>::get_return_object() noexcept {
  self = std::coroutine_handle<Promise>::from_promise(*this);
  return Coro<void>(*this);
}

/// Says what is wrong with awaiting an empty Coro.
[[noreturn]] void throw_empty_coro();

/// Calls a coroutine: runs it on the stack of the awaiting one.
template <class T>
class [[nodiscard]] CoroAwaiter {
 public:
  explicit CoroAwaiter(Coro<T>&& coroutine) noexcept : coroutine_(std::move(coroutine)) {}

  [[nodiscard]] bool await_ready() const {
    if (!coroutine_.promise()) throw_empty_coro();
    return false;
  }
  template <class Caller>
  void await_suspend(std::coroutine_handle<Caller> caller) noexcept {
    PromiseBase& callee = *coroutine_.promise();
    callee.parent = &caller.promise();
    callee.stack = callee.parent->stack;
    callee.stack->leaf = &callee;
  }
  T await_resume() {
    auto& callee = static_cast<Promise<T>&>(*coroutine_.promise());
    if (callee.exception) std::rethrow_exception(std::move(callee.exception));
    return callee.result.take();
  }

 private:
  Coro<T> coroutine_;
};

}  // namespace detail
}  // namespace coweave
