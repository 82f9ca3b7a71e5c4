#pragma once

/// A limit on the time of a block, as asyncio's `async with timeout(delay)`.
///
///     co_await timeout(500ms, fetch(1));                     // a coroutine,
///     auto body = [&](Timeout& limit) -> Coro<int> {         // or a callable that gets the handle
///       limit.reschedule(Loop::current().time() + 1s);
///       co_return co_await fetch(2);
///     };
///     const int page = co_await timeout(500ms, body);
///
/// The block runs in the caller's task. When its time is up the task is cancelled, and the CancelledError
/// that leaves the block becomes a TimeoutError. C++ cannot await in a destructor, so the block is a
/// callable.
///
/// A cancellation that comes from elsewhere is never swallowed. One that was requested before the block began
/// and has not been delivered counts as one that comes in the block; asyncio's own swallows it (gh-134471).

#include <coweave/core/alarm.hpp>
#include <coweave/core/callable.hpp>
#include <coweave/core/delay.hpp>
#include <coweave/core/errors.hpp>
#include <coweave/core/task.hpp>

#include <concepts>
#include <cstdint>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace coweave {

namespace detail {
template <class T, class Make, class Start>
Coro<T> run_block(Make make, Start start);
}

/// The handle of a limit. Made by `timeout` for the length of the block, or by whoever wants to ask it
/// afterwards:
///
///     Timeout limit(500ms);
///     co_await limit.run(body);
///     if (limit.expired()) …
class Timeout {
 public:
  enum class State : std::uint8_t {
    created,   ///< has not been entered
    active,    ///< its block runs
    expiring,  ///< its time is up and its block still runs
    expired,   ///< its time was up before its block ended
    finished,  ///< its block ended in time
  };

  /// Expires when `delay` has passed, counted from now; never without a delay. Throws RuntimeError if no loop
  /// is running.
  explicit Timeout(Delay delay) : when_(delay.after(Loop::current().time())) {}
  /// Expires at `when` on the loop's clock; never without one. Whoever makes it must keep it until `run`
  /// ends.
  [[nodiscard]] static Timeout at(std::optional<Duration> when) noexcept { return {Deadline{when}}; }
  Timeout(const Timeout&) = delete;
  Timeout& operator=(const Timeout&) = delete;

  /// The deadline; nothing if there is none.
  [[nodiscard]] const std::optional<Duration>& when() const noexcept { return when_; }
  /// Whether the time was up while the block ran, even if the block swallowed the cancellation.
  [[nodiscard]] bool expired() const noexcept {
    return state_ == State::expiring || state_ == State::expired;
  }
  [[nodiscard]] State state() const noexcept { return state_; }

  /// Moves the deadline. One that has passed expires in the next iteration, not at once. Throws RuntimeError
  /// unless the block runs and has time left.
  void reschedule(std::optional<Duration> when);

  /// `co_await limit.run(body)`: runs `body(limit)`, which returns a Coro<T>, or the coroutine `body`, and
  /// gives what it gives. Suspends when the body does. If the time is up, the body sees CancelledError; if
  /// that leaves it, and nobody else has cancelled the task, `run` throws TimeoutError with the
  /// CancelledError as its cause. Another exception, or a value, leaves as it is. Throws RuntimeError if this
  /// limit was run before. Destroyed while suspended, it disarms its timer.
  template <class Body>
  auto run(Body&& body);

 private:
  /// The block in the frame that runs it; it disarms the timer if that frame is destroyed.
  class Block {
   public:
    explicit Block(Timeout& timeout) : timeout_(timeout) { timeout.enter(); }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;
    ~Block() { timeout_.disarm(); }
    /// Ends the block, which `error` leaves if it is not null.
    void leave(std::exception_ptr error) { timeout_.leave(std::move(error)); }

   private:
    Timeout& timeout_;
  };

  template <class T, class Make, class Start>
  friend Coro<T> detail::run_block(Make make, Start start);

  struct Deadline {
    std::optional<Duration> when;
  };
  Timeout(Deadline deadline) noexcept : when_(deadline.when) {}

  void enter();
  void arm();
  void disarm() noexcept;
  void expire();
  void leave(std::exception_ptr error);

  std::optional<Duration> when_;
  TaskBase* task_ = nullptr;
  std::uint32_t requests_at_entry_ = 0;
  State state_ = State::created;
  /// The timer, or the handle in the ready queue if the deadline had passed.
  detail::Alarm<Timeout, &Timeout::expire> alarm_{*this, HandleKind::timeout};
};

/// "created", "active", "expiring", "expired", "finished".
[[nodiscard]] const char* to_string(Timeout::State state) noexcept;

namespace detail {

/// The body of every limited block. `make()` gives the Timeout, or a reference to one; `start(timeout)` gives
/// what is awaited in the block.
template <class T, class Make, class Start>
Coro<T> run_block(Make make, Start start) {
  decltype(auto) timeout = make();
  Timeout::Block block(timeout);
  Slot<T> result;
  std::exception_ptr error;
  try {
    if constexpr (std::is_void_v<T>) {
      co_await start(timeout);
    } else {
      result.set(co_await start(timeout));
    }
  } catch (...) {
    error = std::current_exception();
  }
  block.leave(std::move(error));
  co_return result.take();
}

/// A coroutine as the body of a block. One that the block refuses is dropped without a report.
template <class T>
struct CoroBody {
  explicit CoroBody(Coro<T>&& coroutine_in) noexcept : coroutine(std::move(coroutine_in)) {}
  CoroBody(CoroBody&&) = default;
  CoroBody& operator=(CoroBody&&) = default;
  ~CoroBody() { coroutine.close(); }
  Coro<T> operator()(Timeout&) noexcept { return std::move(coroutine); }
  Coro<T> coroutine;
};

template <class T>
CoroBody<T> body_of(Coro<T>&& coroutine) noexcept {
  return CoroBody<T>(std::move(coroutine));
}
template <class Body>
  requires std::invocable<std::decay_t<Body>&, Timeout&>
std::decay_t<Body> body_of(Body&& body) {
  return std::forward<Body>(body);
}

/// A Coro (as a temporary), or a callable that takes a Timeout& and returns one.
template <class Body>
concept TimeoutBody = requires(Body&& body, Timeout& timeout) {
  typename decltype(body_of(std::forward<Body>(body))(timeout))::promise_type;
};

template <TimeoutBody Body, class Make>
auto start_block(Body&& body, Make make) {
  if constexpr (std::invocable<std::decay_t<Body>&, Timeout&>) COWEAVE_REQUIRE_SAFE_CALLABLE(Body);
  using Start = decltype(body_of(std::forward<Body>(body)));
  using T = typename std::invoke_result_t<Start&, Timeout&>::value_type;
  return run_block<T>(make, body_of(std::forward<Body>(body)));
}

}  // namespace detail

template <class Body>
auto Timeout::run(Body&& body) {
  return detail::start_block(std::forward<Body>(body), [this]() -> Timeout& { return *this; });
}

/// `co_await timeout(delay, body)`: runs `body`, a Coro<T> or a callable that takes a Timeout& and returns
/// one, for at most `delay`, counted from when this is awaited, and gives what it gives; see `Timeout::run`.
/// A delay of zero or less expires in the next iteration; without one it never does.
template <detail::TimeoutBody Body>
auto timeout(Delay delay, Body&& body) {
  return detail::start_block(std::forward<Body>(body), [delay] { return Timeout(delay); });
}

/// The same with a deadline on the loop's clock.
template <detail::TimeoutBody Body>
auto timeout_at(std::optional<Duration> when, Body&& body) {
  return detail::start_block(std::forward<Body>(body), [when] { return Timeout::at(when); });
}

}  // namespace coweave
