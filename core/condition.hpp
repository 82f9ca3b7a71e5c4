#pragma once

/// A condition variable, as asyncio's `Condition`: tasks that hold a lock wait until something that the lock
/// guards has changed.
///
///     auto guard = co_await condition.scoped();
///     co_await condition.wait_for([&] { return !items.empty(); });
///
/// To wait is to give the lock up, to wait for a notification, and to take the lock again. So `wait()` comes
/// back with the lock held, however it ends. It may come back without a notification that was meant for it
/// (one that was cancelled passes on what it may have been told), so check in a loop what you wait for, or
/// use `wait_for`.

#include <coweave/core/callable.hpp>
#include <coweave/core/coro.hpp>
#include <coweave/core/lock.hpp>
#include <coweave/core/object.hpp>
#include <coweave/core/task.hpp>

#include <coroutine>
#include <cstddef>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

namespace coweave {

class Condition : private detail::Object {
  /// Stands first in the condition's line and then, once told or cancelled, in the lock's.
  class [[nodiscard]] Wait final : public detail::Waiter {
   public:
    explicit Wait(Condition& condition) noexcept : condition_(condition), lock_(condition.lock_) {}
    ~Wait();

    [[nodiscard]] bool await_ready() const {
      condition_.require_locked("wait");
      condition_.require_same_loop(condition_.waiters_);
      return false;
    }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> coroutine) {
      condition_.enter(*this);
      begin(coroutine.promise());
    }
    bool await_resume();

    bool proceed() override;
    [[nodiscard]] WaitDescription describe() const override;

   private:
    friend class Condition;

    Condition& condition_;  ///< gone if `membership_` is alone
    Lock& lock_;
    detail::Link membership_;
    detail::Text request_;  ///< of the latest request
    bool cancelled_ = false;
    bool acquiring_ = false;
  };

  struct OwnLock final : Lock {
    explicit OwnLock(const char* name) noexcept : Lock("Condition.lock", name) {}
  };

 public:
  /// A condition with a lock of its own. `name` is for reports and must outlive the condition; a string
  /// literal does.
  explicit Condition(const char* name = nullptr) noexcept
      : Object("Condition", name), own_lock_(std::in_place, name), lock_(*own_lock_) {
    lock_.has_condition_ = true;
  }
  /// A condition over `lock`, which must outlive it and may serve other conditions too.
  explicit Condition(Lock& lock, const char* name = nullptr) noexcept
      : Object("Condition", name), lock_(lock) {
    lock_.has_condition_ = true;
  }
  ~Condition();

  /// `acquire()`, `scoped()`, `release()` and `locked()` are the lock's.
  [[nodiscard]] auto acquire() noexcept { return lock_.acquire(); }
  [[nodiscard]] auto scoped(std::source_location at = std::source_location::current()) noexcept {
    return lock_.scoped(at);
  }
  void release(std::source_location at = std::source_location::current()) { lock_.release(at); }
  [[nodiscard]] bool locked(std::source_location at = std::source_location::current()) const noexcept {
    return lock_.locked(at);
  }

  /// `co_await condition.wait()`: releases the lock, waits for a notification, takes the lock again; true.
  /// Always suspends; woken by `notify()`, and then by whoever releases the lock. Throws RuntimeError if the
  /// lock is not held (by whom is not checked), or if tasks of another loop wait.
  ///
  /// Cancelled, it throws CancelledError only when it has the lock again, with the message of the latest
  /// request, and notifies another waiter, because a notification may have come for it. Destroyed while
  /// suspended it notifies another waiter too, and does not take the lock.
  [[nodiscard]] Wait wait() noexcept { return Wait(*this); }

  /// `co_await condition.wait_for(predicate)`: waits until `predicate()` is true, and returns what it
  /// returned. If it is true at once, neither suspends nor needs the lock. Otherwise, and cancelled, as
  /// `wait()`. What the predicate throws comes out, with the lock held.
  template <class Predicate>
  Coro<std::decay_t<std::invoke_result_t<std::decay_t<Predicate>&>>> wait_for(Predicate&& predicate) {
    COWEAVE_REQUIRE_SAFE_CALLABLE(Predicate);
    return wait_until(std::decay_t<Predicate>(std::forward<Predicate>(predicate)));
  }

  /// Wakes the first `count` tasks that wait, or as many as there are; the others hear nothing of it. They
  /// run when they get the lock, which the caller still has. Throws RuntimeError if the lock is not held.
  void notify(std::size_t count = 1, std::source_location at = std::source_location::current());
  /// Wakes everybody who waits. Throws RuntimeError if the lock is not held.
  void notify_all(std::source_location at = std::source_location::current());

 private:
  void require_locked(const char* what, std::source_location at = {}) const;
  void enter(Wait& wait);
  void pass_on();

  template <class Predicate>
  Coro<std::decay_t<std::invoke_result_t<Predicate&>>> wait_until(Predicate predicate) {
    auto result = predicate();
    while (!result) {
      co_await wait();
      result = predicate();
    }
    co_return result;
  }

  std::optional<OwnLock> own_lock_;
  Lock& lock_;
  detail::WaiterList waiters_;
  detail::Link members_;  ///< everybody whose wait has not ended, including those who want the lock back
};

}  // namespace coweave
