#pragma once

/// A point where a fixed number of tasks wait for each other, as asyncio's `Barrier`.
///
/// The picture: a room that fills. When as many tasks are inside as there are parties, the door closes and
/// all go on, one after another; while they leave (the room drains) newcomers stand outside. When the last
/// has left, the room fills again.
///
///     filling --last arrives--> draining --last leaves--> filling
///     filling, draining --reset--> resetting --last leaves--> filling     those inside get
///     BrokenBarrierError any --abort--> broken --reset--> resetting or, with nobody inside, filling
///
/// asyncio builds it on a condition whose lock is never held over an await. What of that can be seen is the
/// order in which tasks wake, and it is kept here, also that a task that is cancelled wakes another one,
/// which then waits again behind the others. One thing is not: asyncio can give two tasks the same index
/// after a cancellation (gh-155233).

#include <coweave/core/object.hpp>
#include <coweave/core/task.hpp>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <source_location>

namespace coweave {

class Barrier : private detail::Object {
  class [[nodiscard]] Wait final : public detail::Waiter {
   public:
    explicit Wait(Barrier& barrier) noexcept : barrier_(barrier) {}
    ~Wait();

    [[nodiscard]] detail::Pending pending() const noexcept {
      return {.access = Access::write, .object = barrier_.reference()};
    }
    [[nodiscard]] bool await_ready();
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> coroutine) {
      barrier_.waiters_.push_back(*this);
      begin(coroutine.promise());
    }
    std::size_t await_resume();

    bool proceed() override;
    [[nodiscard]] WaitDescription describe() const override;

   private:
    friend class Barrier;
    enum class Place : std::uint8_t { outside, inside, refused };

    bool arrive();
    void give_up();

    Barrier& barrier_;
    std::size_t index_ = 0;
    Place place_ = Place::outside;
  };

 public:
  enum class State : std::uint8_t { filling, draining, resetting, broken };

  /// `parties`: how many tasks pass together, at least 1, else ValueError. `name` is for reports and must
  /// outlive the barrier; a string literal does.
  explicit Barrier(std::int64_t parties, const char* name = nullptr);
  ~Barrier();

  /// `co_await barrier.wait()`: waits until all parties are there. Returns the task's number among those that
  /// pass together, from 0 in order of arrival, so that one of them can be picked for a job. The last to
  /// arrive does not suspend, unless it came while others were leaving; it wakes the others.
  ///
  /// Throws BrokenBarrierError if the barrier is broken, or is aborted or reset before the task has passed;
  /// RuntimeError if it would have to wait beside tasks of another loop. Cancelled or destroyed while waiting
  /// it makes room for another task; the barrier stays whole.
  [[nodiscard]] Wait wait() noexcept { return Wait(*this); }

  /// `const auto position = co_await barrier.scoped()`: asyncio's `async with`. The same as `wait()`, because
  /// leaving that scope does nothing.
  [[nodiscard]] Wait scoped() noexcept { return wait(); }

  /// Sends everybody who is inside away with BrokenBarrierError, and makes a broken barrier usable again.
  /// (In asyncio a coroutine, which never suspends.)
  void reset(std::source_location at = std::source_location::current());

  /// Breaks the barrier: everybody who waits, and everybody who comes until a `reset()`, gets
  /// BrokenBarrierError. (In asyncio a coroutine, which never suspends.)
  void abort(std::source_location at = std::source_location::current());

  [[nodiscard]] std::size_t parties() const noexcept { return parties_; }
  /// How many tasks are inside, if the barrier is filling; else 0.
  [[nodiscard]] std::size_t n_waiting(
      std::source_location at = std::source_location::current()) const noexcept {
    observe(Verb::read, at);
    return state_ == State::filling ? count_ : 0;
  }
  [[nodiscard]] bool broken(std::source_location at = std::source_location::current()) const noexcept {
    return state(at) == State::broken;
  }
  [[nodiscard]] State state(std::source_location at = std::source_location::current()) const noexcept {
    observe(Verb::read, at);
    return state_;
  }

 private:
  void leave();
  void close_gap(std::size_t index);

  detail::WaiterList waiters_;  ///< inside and outside
  std::size_t parties_;
  std::size_t count_ = 0;  ///< tasks inside
  State state_ = State::filling;
};

}  // namespace coweave
