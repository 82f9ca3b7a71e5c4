#pragma once

/// A variable that tasks share, whose reads and writes are operations.
///
///     Shared<int> balance(0, "balance");
///     co_await balance.write(co_await balance.read() + 1);
///
/// In production it is a plain `T`: an access never suspends. Under simulation accesses stand in the trace,
/// and if `scheduling_points` is `accesses`, control can change before each of them, as it can before each
/// access to memory when an executor has several threads. So a race on data that single-threaded code keeps
/// consistent between its awaits can be sought too.

#include <coweave/core/callable.hpp>
#include <coweave/core/object.hpp>
#include <coweave/core/task.hpp>

#include <concepts>
#include <coroutine>
#include <type_traits>
#include <utility>

namespace coweave {

namespace detail {

/// Whether the access that is being observed compares first, and so knows what it replaces.
inline constinit thread_local bool comparing = false;

}  // namespace detail

template <class T>
class Shared : private detail::Object {
  /// An access: never suspends on its own account, but may take a turn.
  class Operation {
   public:
    using coweave_awaiter = void;

    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;

    [[nodiscard]] detail::Pending pending() const noexcept {
      return {.access = access_, .object = shared_.reference(), .only_access = true};
    }
    [[nodiscard]] bool await_ready() const noexcept { return true; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise>) const noexcept {}

   protected:
    Operation(Shared& shared, Access access) noexcept : shared_(shared), access_(access) {}
    ~Operation() = default;

    Shared& shared_;

   private:
    Access access_;
  };

  class [[nodiscard]] Read final : public Operation {
   public:
    explicit Read(Shared& shared) noexcept : Operation(shared, Access::read) {}
    T await_resume() const {
      this->shared_.observe(Verb::read);
      return this->shared_.value_;
    }
  };

  class [[nodiscard]] Write final : public Operation {
   public:
    Write(Shared& shared, T&& value) : Operation(shared, Access::write), value_(std::move(value)) {}
    void await_resume() {
      this->shared_.observe(Verb::write);
      this->shared_.value_ = std::move(value_);
    }

   private:
    T value_;
  };

  template <class Function>
  class [[nodiscard]] Update final : public Operation {
   public:
    Update(Shared& shared, Function&& function)
        : Operation(shared, Access::write), function_(std::forward<Function>(function)) {}
    decltype(auto) await_resume() {
      this->shared_.observe(Verb::update);
      return function_(this->shared_.value_);
    }

   private:
    Function function_;
  };

  class [[nodiscard]] CompareExchange final : public Operation {
   public:
    CompareExchange(Shared& shared, const T& expected, T&& desired)
        : Operation(shared, Access::write), expected_(expected), desired_(std::move(desired)) {}
    bool await_resume() {
      const bool equal = this->shared_.value_ == expected_;
      detail::comparing = true;
      this->shared_.observe(equal ? Verb::update : Verb::read);
      detail::comparing = false;
      if (equal) this->shared_.value_ = std::move(desired_);
      return equal;
    }

   private:
    T expected_;
    T desired_;
  };

 public:
  /// `name` is for reports and must outlive the variable; a string literal does.
  explicit Shared(T value = T(), const char* name = nullptr)
      : Object("Shared", name), value_(std::move(value)) {}

  /// `T value = co_await shared.read()`: a copy. Like all accesses it suspends only under simulation, if
  /// accesses are scheduling points; nobody has to wake it, and cancelled or destroyed while suspended it has
  /// no effect.
  [[nodiscard]] Read read() noexcept { return Read(*this); }

  /// `co_await shared.write(value)`.
  [[nodiscard]] Write write(T value) { return Write(*this, std::move(value)); }

  /// `co_await shared.update(function)`: calls `function(T&)` and returns what it returns; nobody sees the
  /// variable in between, as with an atomic read-modify-write.
  template <std::invocable<T&> Function>
  [[nodiscard]] Update<Function> update(Function&& function) {
    COWEAVE_REQUIRE_SAFE_CALLABLE(Function);
    return Update<Function>(*this, std::forward<Function>(function));
  }

  /// `T before = co_await shared.exchange(value)`: replaces the value in one step.
  [[nodiscard]] auto exchange(T value) { return update(Exchange{std::move(value)}); }

  /// `bool done = co_await shared.compare_exchange(expected, desired)`: replaces the value if it is
  /// `expected`; otherwise this was a read.
  [[nodiscard]] CompareExchange compare_exchange(const T& expected, T desired) {
    return CompareExchange(*this, expected, std::move(desired));
  }

  /// The value, unseen by the simulation: for checks when nobody shares it any more.
  [[nodiscard]] const T& unobserved() const noexcept { return value_; }

 private:
  struct Exchange {
    T value;
    T operator()(T& shared) { return std::exchange(shared, std::move(value)); }
  };

  T value_;
};

}  // namespace coweave
