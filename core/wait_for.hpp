#pragma once

/// Waiting for one thing with a limit, as asyncio's `wait_for` of Python 3.12 and later.
///
///     const int page = co_await wait_for(fetch(1), 500ms);      // a Coro, a Task or a Future,
///     const int job = co_await wait_for(queue.get(), 500ms);    // or what a primitive gives to await
///
/// It is a `timeout` around the await: a coroutine runs in the caller's task, a task is awaited where it is.
/// When the time is up, what is awaited is cancelled, and waited for until it has really ended.

#include <coweave/core/ensure_future.hpp>
#include <coweave/core/timeout.hpp>
#include <coweave/core/wait.hpp>

#include <concepts>
#include <exception>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

namespace coweave {

namespace detail {

/// An awaitable of ours that is no future and no coroutine, such as `lock.acquire()`: it cannot be moved, so
/// it is borrowed from the expression that awaits.
template <class Awaitable>
concept Borrowable =
    NativeAwaitable<Awaitable> && !FutureLike<Awaitable> && !std::is_lvalue_reference_v<Awaitable>;

template <class Awaitable>
decltype(auto) result_of(Awaitable&& awaitable) {
  if constexpr (requires { std::forward<Awaitable>(awaitable).operator co_await(); }) {
    return std::forward<Awaitable>(awaitable).operator co_await().await_resume();
  } else {
    return awaitable.await_resume();
  }
}
template <class Awaitable>
using ResultOf = decltype(result_of(std::declval<Awaitable>()));

/// What `wait_for` awaits, and how.
template <class Awaitable>
struct Awaited;

template <class T>
struct Awaited<Coro<T>> : CoroBody<T> {
  using Result = T;
  using CoroBody<T>::CoroBody;
  Future<T> future(std::source_location at) { return create_task(std::move(this->coroutine), {}, at); }
};

template <class Handle>
  requires std::derived_from<Handle, AnyFuture>
struct Awaited<Handle> {
  using Result = typename Handle::value_type;
  explicit Awaited(Handle awaited) noexcept : handle(std::move(awaited)) {}
  Handle operator()(Timeout&) noexcept { return std::move(handle); }
  Future<Result> future(std::source_location) noexcept { return std::move(handle); }
  Handle handle;
};

template <Borrowable Awaitable>
struct Awaited<Awaitable> {
  using Result = ResultOf<Awaitable>;
  explicit Awaited(Awaitable&& awaited) noexcept : awaitable(&awaited) {}
  Awaitable&& operator()(Timeout&) noexcept { return std::move(*awaitable); }
  Future<Result> future(std::source_location at) { return create_task(awaiting(*awaitable), {}, at); }
  static Coro<Result> awaiting(Awaitable& awaitable) { co_return co_await std::move(awaitable); }
  Awaitable* awaitable;
};

/// Cancels a future and waits until it has ended; cancelled itself, it does not wait. CPython's
/// `_cancel_and_wait`.
inline Coro<void> cancel_and_wait(FutureBase& future) {
  FutureBase* const futures[] = {&future};
  FuturesWaiter ended(futures, {});
  future.cancel();
  co_await ended;
}

/// `wait_for` without any time.
template <class Start>
Coro<typename Start::Result> wait_for_no_time(Start start, std::source_location at) {
  const auto future = start.future(at);
  if (future.done()) co_return future.result();
  co_await cancel_and_wait(future.state());
  try {
    co_return future.result();
  } catch (const CancelledError&) {
    throw TimeoutError(std::current_exception());
  }
}

template <class Start>
Coro<typename Start::Result> start_wait_for(Start start, Delay timeout, std::source_location at) {
  if (timeout.over()) return wait_for_no_time<Start>(std::move(start), at);
  return run_block<typename Start::Result>([timeout] { return Timeout(timeout); }, std::move(start));
}

/// `wait_for` of something borrowed: to be awaited in the expression that made it.
template <class Awaitable>
class [[nodiscard]] BorrowingWaitFor {
 public:
  using coweave_awaiter = void;

  BorrowingWaitFor(Awaitable&& awaitable, Delay timeout, std::source_location at) noexcept
      : awaited_(std::move(awaitable)), timeout_(timeout), at_(at) {}
  BorrowingWaitFor(const BorrowingWaitFor&) = delete;
  BorrowingWaitFor& operator=(const BorrowingWaitFor&) = delete;

  auto operator co_await() && {
    return CoroAwaiter<ResultOf<Awaitable>>(start_wait_for(awaited_, timeout_, at_));
  }

 private:
  Awaited<Awaitable> awaited_;
  Delay timeout_;
  std::source_location at_;
};

}  // namespace detail

/// `co_await wait_for(awaitable, timeout)`: what awaiting `awaitable` gives; it is a Coro (as a temporary), a
/// Task or a Future. Suspends when that does. When the time is up, it is cancelled and waited for: if it ends
/// cancelled, TimeoutError is thrown, with the CancelledError as its cause; if it ends otherwise, that is the
/// outcome. Cancelled, it cancels what it waits for and throws CancelledError when that has ended; a result
/// that came in the same instant is not returned.
///
/// A timeout of zero or less gives what is done already, and cancels anything else: a coroutine never starts.
template <detail::FutureLike Awaitable>
auto wait_for(Awaitable&& awaitable, Delay timeout,
              std::source_location at = std::source_location::current()) {
  return detail::start_wait_for(
      detail::Awaited<std::remove_cvref_t<Awaitable>>(std::forward<Awaitable>(awaitable)), timeout, at);
}

/// The same for what a primitive gives to await: `event.wait()`, `lock.acquire()`, `queue.get()`. It lives
/// only as long as the expression that made it, so await it there: the result is no Coro and cannot become a
/// task.
template <detail::Borrowable Awaitable>
[[nodiscard]] detail::BorrowingWaitFor<Awaitable> wait_for(
    Awaitable&& awaitable, Delay timeout, std::source_location at = std::source_location::current()) {
  return {std::move(awaitable), timeout, at};
}

}  // namespace coweave
