#pragma once

/// A turn: what makes an await that could go on at once a scheduling point.
///
/// In production, and in a simulation whose scheduling points are asyncio's own, there are none. Otherwise an
/// await asks the running simulation before it does anything; if it is to take a turn, its task says what it
/// is about to do and goes to the end of the ready queue, and does it in its next step. The picture: a
/// `co_await sleep(0s)` before the await, with a note attached to it.
///
///     begin --ready queue--> proceed: the await goes on, or waits as it would have without a turn
///
/// Cancelled or destroyed meanwhile, nothing of the await has happened.

#include <coweave/core/waiter.hpp>

#include <concepts>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <string_view>

namespace coweave::detail {

/// An awaiter that may take a turn.
template <class Awaiter>
concept TakesTurns = requires(const Awaiter& awaiter) {
  { awaiter.pending() } -> std::same_as<Pending>;
};

class Turn final : public Waiter {
 public:
  /// The task gives way before `awaiter`, which lives until the turn is settled, does anything.
  template <class Awaiter, class Promise>
  void begin(Awaiter& awaiter, std::coroutine_handle<Promise> coroutine) {
    static constexpr Await await{
        [](const void* it) { return static_cast<const Awaiter*>(it)->pending(); },
        [](void* it) { return static_cast<bool>(static_cast<Awaiter*>(it)->await_ready()); },
        [](void* it, PromiseBase& promise) {
          static_cast<Awaiter*>(it)->await_suspend(
              std::coroutine_handle<Promise>::from_promise(static_cast<Promise&>(promise)));
        },
        [](const void* it) -> WaitDescription {
          if constexpr (std::derived_from<Awaiter, Waiter>)
            return static_cast<const Awaiter*>(it)->describe();
          return {};
        }};
    await_ = &await;
    awaiter_ = &awaiter;
    give_way(coroutine.promise());
  }

  /// For await_resume: throws what the await threw instead of waiting, or the CancelledError that is due.
  void settle();

  /// What the await is about to do, as things stand now.
  [[nodiscard]] Pending pending() const { return await_->pending(awaiter_); }

  /// The task is queued already: the request stays with it.
  bool cancel_wait(std::string_view, std::source_location) override { return false; }
  bool proceed() override;
  [[nodiscard]] WaitDescription describe() const override { return await_->describe(awaiter_); }

  // What the simulation noted when it granted the turn: the object, as it numbers them, how it is used, and
  // whether the await is one that never suspends.
  std::uint32_t object = 0;
  Access access = Access::unknown;
  bool only_access = false;

 private:
  /// The operations of an awaiter of any type.
  struct Await {
    Pending (*pending)(const void*);
    bool (*ready)(void*);
    void (*suspend)(void*, PromiseBase&);
    WaitDescription (*describe)(const void*);
  };

  void give_way(PromiseBase& promise);

  const Await* await_ = nullptr;
  void* awaiter_ = nullptr;
  PromiseBase* promise_ = nullptr;
  std::exception_ptr exception_;  ///< that the await threw before it could have suspended
  bool interrupted_ = false;
};

/// Grants turns.
class Turns {
 public:
  /// The turn that the running task takes before what it says in `pending`; null: none. Good until the task
  /// asks again.
  virtual Turn* take(const Pending& pending) = 0;

 protected:
  ~Turns() = default;
};

/// Of the simulation that is running on this thread; null: awaits take no turns.
inline constinit thread_local Turns* granted_turns = nullptr;

/// The turn that an awaiter takes, if it takes one.
class OptionalTurn {
 public:
  template <class Awaiter>
  bool await_ready(Awaiter& awaiter) {
    if (granted_turns) [[unlikely]] {
      turn_ = granted_turns->take(awaiter.pending());
      if (turn_) return false;
    }
    return static_cast<bool>(awaiter.await_ready());
  }
  template <class Awaiter, class Promise>
  void await_suspend(Awaiter& awaiter, std::coroutine_handle<Promise> coroutine) {
    if (turn_) [[unlikely]] {
      turn_->begin(awaiter, coroutine);
    } else {
      awaiter.await_suspend(coroutine);
    }
  }
  void await_resume() {
    if (turn_) [[unlikely]]
      turn_->settle();
  }

 private:
  Turn* turn_ = nullptr;
};

}  // namespace coweave::detail
