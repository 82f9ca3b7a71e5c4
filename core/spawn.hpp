#pragma once

/// Creating a task as an operation of its own.
///
/// `create_task` cannot be a scheduling point, because it is not awaited. Code that is to be tested as if a
/// multi-threaded executor ran it (scheduling points `accesses`) awaits `spawn` instead: control can change
/// before the task comes into being, and not only at the next await behind it.

#include <coweave/core/task.hpp>

#include <coroutine>
#include <source_location>
#include <utility>

namespace coweave {

namespace detail {

template <class T>
class [[nodiscard]] Spawn {
 public:
  using coweave_awaiter = void;

  Spawn(Coro<T>&& coroutine, const TaskOptions& options, std::source_location at) noexcept
      : coroutine_(std::move(coroutine)), options_(options), at_(at) {}
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;
  ~Spawn() { coroutine_.close(); }  // of one that was cancelled at its turn: nobody forgot to await it

  [[nodiscard]] Pending pending() const noexcept { return {.access = Access::none, .only_access = true}; }
  [[nodiscard]] bool await_ready() const noexcept { return true; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise>) const noexcept {}
  Task<T> await_resume() { return create_task(std::move(coroutine_), options_, at_); }

 private:
  Coro<T> coroutine_;
  TaskOptions options_;
  std::source_location at_;
};

}  // namespace detail

/// `Task<T> task = co_await spawn(coroutine, options)`: as `create_task(coroutine, options)`, and throws what
/// that throws. Suspends only under simulation, before the task is created, if accesses are scheduling
/// points; cancelled or destroyed there, the coroutine is dropped. What `options` refer to must live until
/// the end of the expression.
template <class T>
[[nodiscard]] detail::Spawn<T> spawn(Coro<T> coroutine, TaskOptions options = {},
                                     std::source_location at = std::source_location::current()) {
  return {std::move(coroutine), options, at};
}

}  // namespace coweave
