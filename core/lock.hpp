#pragma once

/// A mutual-exclusion lock between tasks, as asyncio's `Lock`.
///
/// Fair: tasks get it in the order in which they came. Release does not hand it over: it wakes the first
/// waiter, which takes the lock when it runs; until then nobody who comes later can, because the woken one
/// still stands in the queue. Not owned (any task may release) and not re-entrant.

#include <coweave/core/object.hpp>
#include <coweave/core/scope.hpp>
#include <coweave/core/task.hpp>

#include <coroutine>
#include <cstdint>
#include <source_location>

namespace coweave {

class Lock : private detail::Object {
  class [[nodiscard]] Acquire : public detail::Waiter {
   public:
    explicit Acquire(Lock& lock) noexcept : lock_(lock) {}
    ~Acquire();

    [[nodiscard]] detail::Pending pending() const noexcept {
      return {.access = Access::write, .object = lock_.reference(), .contends = !lock_.free_for_newcomer()};
    }
    [[nodiscard]] bool await_ready();
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> coroutine) {
      lock_.waiters_.push_back(*this);
      lock_.observe_line();
      begin(coroutine.promise());
    }
    void await_resume();

    [[nodiscard]] WaitDescription describe() const override;

   protected:
    Lock& lock_;
  };

  class [[nodiscard]] ScopedAcquire final : public Acquire {
   public:
    ScopedAcquire(Lock& lock, std::source_location at) noexcept : Acquire(lock), at_(at) {}
    Scope<Lock> await_resume();

   private:
    std::source_location at_;
  };

 public:
  /// `name` is for reports and must outlive the lock; a string literal does.
  explicit Lock(const char* name = nullptr) noexcept : Lock("Lock", name) {}
  ~Lock();

  /// `co_await lock.acquire()`: takes the lock. Suspends only if it is held or somebody came before; woken by
  /// `release()`. Cancelled or destroyed while waiting, it passes on a wake-up that it has consumed. Throws
  /// RuntimeError if it would have to wait behind tasks of another loop.
  [[nodiscard]] Acquire acquire() noexcept { return Acquire(*this); }

  /// `auto guard = co_await lock.scoped()`: as `acquire()`, released when `guard` goes out of scope.
  [[nodiscard]] ScopedAcquire scoped(std::source_location at = std::source_location::current()) noexcept {
    return {*this, at};
  }

  /// Frees the lock and wakes the first waiter. Throws RuntimeError if it is not held.
  void release(std::source_location at = std::source_location::current());

  /// Whether somebody holds it. False does not mean that `acquire()` will not wait: a woken waiter comes
  /// first.
  [[nodiscard]] bool locked(std::source_location at = std::source_location::current()) const noexcept {
    observe(Verb::read, at);
    return locked_;
  }

 protected:
  Lock(const char* kind, const char* name) noexcept : Object(kind, name) {}

 private:
  friend class Condition;  // its waiters join ours to get the lock back

  [[nodiscard]] bool free_for_newcomer() const noexcept { return !locked_ && !waiters_.any_not_cancelled(); }
  void take(const TaskBase* task) noexcept;
  void observe_use(Verb verb, std::source_location at = {}) const;

  detail::WaiterList waiters_;
  std::uint32_t holder_ = 0;  ///< serial number of the task that took it last, for reports
  bool locked_ = false;
  bool has_condition_ = false;  ///< for the observer
};

}  // namespace coweave
