#pragma once

/// A flag that tasks wait for, as asyncio's `Event`.

#include <coweave/core/object.hpp>
#include <coweave/core/task.hpp>

#include <coroutine>
#include <source_location>

namespace coweave {

class Event : private detail::Object {
  class [[nodiscard]] Wait final : public detail::Waiter {
   public:
    explicit Wait(Event& event) noexcept : event_(event) {}

    [[nodiscard]] detail::Pending pending() const noexcept {
      return {.access = Access::write, .object = event_.reference(), .waits = !event_.set_};
    }
    [[nodiscard]] bool await_ready() const {
      event_.observe(Verb::wait);
      if (event_.set_) return true;
      event_.require_same_loop(event_.waiters_);
      return false;
    }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> coroutine) {
      event_.waiters_.push_back(*this);
      begin(coroutine.promise());
    }
    bool await_resume() {
      if (state() == State::idle) return true;
      unlink();
      if (interrupted()) throw_cancelled();
      return true;
    }

    [[nodiscard]] WaitDescription describe() const override;

   private:
    Event& event_;
  };

 public:
  /// `name` is for reports and must outlive the event; a string literal does.
  explicit Event(const char* name = nullptr) noexcept : Event("Event", name, false) {}
  ~Event();

  /// `co_await event.wait()`: true once the event is set. Suspends unless it is; woken by `set()`, and then
  /// returns even if the event was cleared meanwhile. Cancelled or destroyed while waiting, it leaves the
  /// others alone. Throws RuntimeError if it would have to wait beside tasks of another loop.
  [[nodiscard]] Wait wait() noexcept { return Wait(*this); }

  /// Sets the flag and wakes everybody who waits, in order of arrival. Without effect if it is set.
  void set(std::source_location at = std::source_location::current());
  /// Takes the flag down; who was woken stays woken.
  void clear(std::source_location at = std::source_location::current()) noexcept;
  [[nodiscard]] bool is_set(std::source_location at = std::source_location::current()) const noexcept {
    observe(Verb::read, at);
    return set_;
  }

 protected:
  Event(const char* kind, const char* name, bool set) noexcept : Object(kind, name), set_(set) {}

 private:
  detail::WaiterList waiters_;
  bool set_;
};

}  // namespace coweave
