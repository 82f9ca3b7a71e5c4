#pragma once

/// Results in the order in which they come, as asyncio's `as_completed`.
///
///     auto completions = as_completed(std::move(fetches), 1s);
///     for (auto&& next : completions) {                        // each `next` is a Coro<T>: the k-th one
///       const int page = co_await std::move(next);             // awaited gives the k-th result that came
///     }
///     while (auto task = co_await completions.next()) {        // or the tasks themselves, done
///       use(*task);
///     }
///
/// Everything is started at once. Stopping early leaves the rest running, and so does the end of the time.

#include <coweave/core/alarm.hpp>
#include <coweave/core/delay.hpp>
#include <coweave/core/done_handle.hpp>
#include <coweave/core/ensure_future.hpp>
#include <coweave/core/errors.hpp>
#include <coweave/core/object.hpp>
#include <coweave/core/ring.hpp>
#include <coweave/core/waiter.hpp>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <source_location>
#include <span>
#include <utility>
#include <vector>

namespace coweave {

namespace detail {

/// Futures in order of completion, without their type: a queue of places, and who waits for the next one. As
/// in asyncio a wake-up reserves nothing, and a waiter that finds the queue empty waits again.
class Completions : public Recycled, private Object {
 public:
  /// A future that was still pending when the time was up.
  static constexpr std::size_t timed_out = static_cast<std::size_t>(-1);

  Completions(const Completions&) = delete;
  Completions& operator=(const Completions&) = delete;

  /// Takes one of those that are left. False: none is.
  [[nodiscard]] bool take() noexcept { return left_ > 0 && left_-- > 0; }
  [[nodiscard]] bool any_left() const noexcept { return left_ > 0; }

  void add_reference() noexcept { ++references_; }
  void drop_reference() noexcept {
    if (--references_ == 0) delete this;
  }

  /// Waits for the next completion; gives its place, or `timed_out`.
  class [[nodiscard]] Next final : public Waiter {
   public:
    explicit Next(Completions& completions) noexcept : completions_(completions) {}

    [[nodiscard]] Pending pending() const noexcept {
      return {.access = Access::write, .object = completions_.reference(), .waits = !any_done()};
    }
    [[nodiscard]] bool await_ready() const noexcept {
      completions_.observe_touch(Access::write);
      return any_done();
    }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> coroutine) {
      completions_.line_.push_back(*this);
      begin(coroutine.promise());
    }
    std::size_t await_resume();
    bool proceed() override;
    [[nodiscard]] WaitDescription describe() const override;

   private:
    [[nodiscard]] bool any_done() const noexcept { return completions_.done_.size() > 0; }

    Completions& completions_;
  };

 protected:
  explicit Completions(Loop& loop) noexcept : Object("as_completed", nullptr), loop_(loop) {}
  virtual ~Completions() = default;
  /// Listens to the futures, each of which the derived class keeps alive.
  void start(std::span<FutureBase* const> futures, Delay timeout);
  /// Stops listening. To be called by the derived class before it lets go of the futures.
  void detach() noexcept;

 private:
  struct Child final : DoneHandle {
    Child() noexcept : DoneHandle(&ended, HandleKind::wait) {}
    static void ended(Handle& handle, Action action);
    Completions* completions = nullptr;
    std::size_t place = 0;
    bool awaited = false;  ///< neither done nor timed out
  };

  [[nodiscard]] std::span<Child> children() const noexcept { return {children_.get(), size_}; }
  void child_ended(Child& child);
  void time_is_up();
  void put(std::size_t place);

  Loop& loop_;
  std::unique_ptr<Child[]> children_;
  std::size_t size_ = 0;
  std::size_t awaited_ = 0;  ///< children that are
  std::size_t left_ = 0;     ///< completions that nobody has asked for
  Ring<std::size_t> done_;   ///< places in order of completion
  WaiterList line_;
  std::uint32_t references_ = 0;
  Alarm<Completions, &Completions::time_is_up> alarm_{*this, HandleKind::timeout};
};

template <class Handle>
class CompletionsOf final : public Completions {
 public:
  CompletionsOf(std::vector<Handle> futures, Delay timeout)
      : Completions(Loop::current()), futures_(std::move(futures)) {
    std::vector<FutureBase*> states;
    states.reserve(futures_.size());
    for (const Handle& future : futures_) states.push_back(&future.state());
    start(states, timeout);
  }
  ~CompletionsOf() override { detach(); }

  [[nodiscard]] const Handle& future(std::size_t place) const { return futures_.at(place); }

 private:
  std::vector<Handle> futures_;
};

template <class Handle>
Coro<std::optional<Handle>> next_handle(Ref<CompletionsOf<Handle>> completions, bool any) {
  if (!any) co_return std::nullopt;
  Completions::Next next(*completions);
  const std::size_t place = co_await next;
  if (place == Completions::timed_out) throw TimeoutError();
  co_return completions->future(place);
}

template <class Handle>
Coro<typename Handle::value_type> next_result(Ref<CompletionsOf<Handle>> completions) {
  Completions::Next next(*completions);
  const std::size_t place = co_await next;
  if (place == Completions::timed_out) throw TimeoutError();
  co_return completions->future(place).result();
}

}  // namespace detail

/// What `as_completed` gives: to be iterated once, in either form, with breaks. `Handle` is Task<T>,
/// Future<T> or AnyFuture; of the last there is only the second form.
template <class Handle>
class [[nodiscard]] AsCompleted {
 public:
  explicit AsCompleted(detail::Ref<detail::CompletionsOf<Handle>> completions) noexcept
      : completions_(std::move(completions)) {}

  /// `co_await completions.next()`: the next of the futures to be done, in the order in which they were, as
  /// the handle that was given (for a coroutine, its task); nothing when there were as many calls as futures.
  /// Suspends until one is; throws TimeoutError if the time was up before. Cancelled, it throws
  /// CancelledError, and counts as a call; the futures are not cancelled.
  Coro<std::optional<Handle>> next() {
    return detail::next_handle<Handle>(completions_, completions_->take());
  }

  /// Each `*iterator` gives a coroutine that must be awaited, and that waits and throws as `next` does; it
  /// gives the result of the next future to be done, or throws its exception. It may outlive this object.
  class Iterator {
   public:
    using value_type = Coro<typename Handle::value_type>;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    explicit Iterator(AsCompleted& completions) noexcept : completions_(&completions) {}

    value_type operator*() const {
      if (!completions_->completions_->take()) throw RuntimeError("as_completed has no awaitable left");
      return detail::next_result<Handle>(completions_->completions_);
    }
    Iterator& operator++() noexcept { return *this; }
    void operator++(int) noexcept {}
    bool operator==(std::default_sentinel_t) const noexcept {
      return !completions_->completions_->any_left();
    }

   private:
    AsCompleted* completions_ = nullptr;
  };

  [[nodiscard]] Iterator begin() noexcept
    requires requires { typename Handle::value_type; }
  {
    return Iterator(*this);
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  detail::Ref<detail::CompletionsOf<Handle>> completions_;
};

/// Starts every coroutine among `awaitables` (Coro, Task or Future) as a task, in their order, and
/// gives the results as they come; a future that comes twice counts once. When `timeout` has passed, counted
/// from now, whatever waits for the rest throws TimeoutError; the rest itself runs on. Throws RuntimeError if
/// no loop is running.
template <detail::FutureLike Awaitable>
auto as_completed(std::vector<Awaitable> awaitables, Delay timeout = {},
                  std::source_location at = std::source_location::current()) {
  using Handle = detail::HandleOf<Awaitable>;
  auto futures = detail::ensure_futures(std::move(awaitables), at);
  return AsCompleted<Handle>(detail::Ref<detail::CompletionsOf<Handle>>(
      new detail::CompletionsOf<Handle>(std::move(futures), timeout)));
}
/// The same for futures of several types.
inline AsCompleted<AnyFuture> as_completed(std::vector<AnyFuture> futures, Delay timeout = {}) {
  return AsCompleted<AnyFuture>(detail::Ref<detail::CompletionsOf<AnyFuture>>(
      new detail::CompletionsOf<AnyFuture>(std::move(futures), timeout)));
}

}  // namespace coweave
