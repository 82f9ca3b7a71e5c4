#pragma once

/// Awaiting what another library made.
///
/// A foreign awaitable gets the handle of a proxy coroutine instead of ours. When the foreign code resumes
/// it, on whatever thread and in the middle of whatever call, the proxy puts the task into the ready queue.
/// So other libraries' primitives become scheduling points without change, and still only the loop resumes.
///
/// A foreign wait cannot be cancelled: a request arrives when it ends. Its result is then dropped, as asyncio
/// drops the result of a future that was done before the request.

#include <coweave/core/task.hpp>

#include <coroutine>
#include <type_traits>
#include <utility>

namespace coweave::detail {

/// The coroutine whose handle foreign code gets.
class Proxy {
 public:
  Proxy() = default;
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;
  ~Proxy() {
    if (coroutine_) coroutine_.destroy();
  }

  /// The handle that puts the task of `promise` into the ready queue when it is resumed.
  std::coroutine_handle<> arm(PromiseBase& promise);
  [[nodiscard]] TaskBase* task() const noexcept { return task_; }

 private:
  struct Frame;
  struct Announce;
  static Frame announce_forever(Proxy& proxy);
  void resumed();

  TaskBase* task_ = nullptr;
  std::coroutine_handle<> coroutine_;
};

/// Throws the CancelledError that `task` is due, if it is.
void deliver_request(TaskBase* task);

template <class Awaitable>
decltype(auto) get_awaiter(Awaitable&& awaitable) {
  if constexpr (requires { static_cast<Awaitable&&>(awaitable).operator co_await(); }) {
    return static_cast<Awaitable&&>(awaitable).operator co_await();
  } else if constexpr (requires { operator co_await(static_cast<Awaitable&&>(awaitable)); }) {
    return operator co_await(static_cast<Awaitable&&>(awaitable));
  } else {
    return static_cast<Awaitable&&>(awaitable);
  }
}

template <class Awaitable>
class [[nodiscard]] ForeignAwaiter {
 public:
  explicit ForeignAwaiter(Awaitable&& awaitable)
      : awaiter_(get_awaiter(static_cast<Awaitable&&>(awaitable))) {}

  [[nodiscard]] bool await_ready() { return static_cast<bool>(awaiter_.await_ready()); }

  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> coroutine) {
    std::coroutine_handle<> handle = proxy_.arm(coroutine.promise());
    using Result = decltype(awaiter_.await_suspend(handle));
    if constexpr (std::is_void_v<Result>) {
      awaiter_.await_suspend(handle);
      return true;
    } else if constexpr (std::is_same_v<Result, bool>) {
      return awaiter_.await_suspend(handle);
    } else {
      std::coroutine_handle<> next = awaiter_.await_suspend(handle);
      next.resume();
      return true;
    }
  }

  decltype(auto) await_resume() {
    if constexpr (std::is_void_v<decltype(awaiter_.await_resume())>) {
      awaiter_.await_resume();
      deliver_request(proxy_.task());
    } else {
      decltype(auto) result = awaiter_.await_resume();
      deliver_request(proxy_.task());
      return static_cast<decltype(awaiter_.await_resume())>(static_cast<decltype(result)&&>(result));
    }
  }

 private:
  decltype(get_awaiter(std::declval<Awaitable>())) awaiter_;
  Proxy proxy_;
};

}  // namespace coweave::detail
