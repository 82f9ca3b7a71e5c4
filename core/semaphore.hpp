#pragma once

/// A number of permits, as asyncio's `Semaphore` and `BoundedSemaphore`.
///
/// Fair: tasks get permits in the order in which they came. A permit that is released while somebody waits is
/// kept for the first one in line from that moment on: nobody who comes later can take it, also not the task
/// that released it. Not owned: any task may release.

#include <coweave/core/object.hpp>
#include <coweave/core/scope.hpp>
#include <coweave/core/task.hpp>

#include <coroutine>
#include <cstdint>
#include <limits>
#include <source_location>

namespace coweave {

class Semaphore : private detail::Object {
  class [[nodiscard]] Acquire : public detail::Waiter {
   public:
    explicit Acquire(Semaphore& semaphore) noexcept : semaphore_(semaphore) {}
    ~Acquire();

    [[nodiscard]] detail::Pending pending() const noexcept {
      return {.access = Access::write,
              .object = semaphore_.reference(),
              .contends = semaphore_.taken(),
              .line_shows = true};  // by `locked()`
    }
    [[nodiscard]] bool await_ready();
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> coroutine) {
      semaphore_.waiters_.push_back(*this);
      semaphore_.observe_line();
      begin(coroutine.promise());
    }
    void await_resume();

    [[nodiscard]] WaitDescription describe() const override;

   protected:
    Semaphore& semaphore_;

   private:
    void give_back();
  };

  class [[nodiscard]] ScopedAcquire final : public Acquire {
   public:
    ScopedAcquire(Semaphore& semaphore, std::source_location at) noexcept : Acquire(semaphore), at_(at) {}
    Scope<Semaphore> await_resume();

   private:
    std::source_location at_;
  };

 public:
  /// `value`: permits at the start, 0 or more, else ValueError. `name` is for reports and must outlive the
  /// semaphore; a string literal does.
  explicit Semaphore(std::int64_t value = 1, const char* name = nullptr)
      : Semaphore("Semaphore", value, std::numeric_limits<std::int64_t>::max(), name) {}
  ~Semaphore();

  /// `co_await semaphore.acquire()`: takes a permit. Suspends only if there is none or somebody came before;
  /// woken by `release()`. Cancelled or destroyed after a permit was kept for it, it gives that to the next
  /// in line. Throws RuntimeError if it would have to wait behind tasks of another loop.
  [[nodiscard]] Acquire acquire() noexcept { return Acquire(*this); }

  /// `auto permit = co_await semaphore.scoped()`: as `acquire()`, released when `permit` goes out of scope.
  [[nodiscard]] ScopedAcquire scoped(std::source_location at = std::source_location::current()) noexcept {
    return {*this, at};
  }

  /// Gives a permit: keeps it for the first in line and wakes that task, or adds it to those that are free.
  /// May be called more often than `acquire()`, if the semaphore is not a bounded one: that throws ValueError
  /// if as many permits are free as it had at the start. (As in asyncio a permit that is kept for a task that
  /// has not run yet does not count as free, so that one release too many can go unnoticed until then.)
  void release(std::source_location at = std::source_location::current());

  /// Whether `acquire()` would wait: no permit is free, or somebody stands in line.
  [[nodiscard]] bool locked(std::source_location at = std::source_location::current()) const noexcept {
    observe(Verb::read, at);
    return taken();
  }

  /// The permits that are free: neither taken nor kept for a task that was woken.
  [[nodiscard]] std::int64_t value(std::source_location at = std::source_location::current()) const noexcept {
    observe(Verb::read, at);
    return value_;
  }

 protected:
  Semaphore(const char* kind, std::int64_t value, std::int64_t bound, const char* name);

 private:
  [[nodiscard]] bool taken() const noexcept { return value_ == 0 || waiters_.any_not_cancelled(); }
  bool wake_next();
  void wake_admissible();

  detail::WaiterList waiters_;
  std::int64_t value_;
  std::int64_t bound_;
};

/// A semaphore whose `release()` throws ValueError rather than to add to the permits that it had at the
/// start.
class BoundedSemaphore final : public Semaphore {
 public:
  /// As Semaphore's; `value` is also the bound.
  explicit BoundedSemaphore(std::int64_t value = 1, const char* name = nullptr)
      : Semaphore("BoundedSemaphore", value, value, name) {}
};

}  // namespace coweave
