#pragma once

/// Waiting for the first, or for all, of several futures, as asyncio's `wait`.
///
///     auto [done, pending] = co_await wait(tasks, {.return_when = ReturnWhen::first_completed});
///     for (Task<>& task : pending) task.cancel();
///
/// It never throws what a future failed with, never throws TimeoutError, and never cancels the futures:
/// neither when the time is up nor when the waiting task is cancelled.

#include <coweave/core/alarm.hpp>
#include <coweave/core/delay.hpp>
#include <coweave/core/done_handle.hpp>
#include <coweave/core/ensure_future.hpp>
#include <coweave/core/task.hpp>

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <ranges>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace coweave {

enum class ReturnWhen : std::uint8_t {
  all_completed,    ///< when all are done
  first_completed,  ///< when one is done, however it ended
  first_exception,  ///< when one has failed (cancelled does not count), or all are done
};

struct WaitOptions {
  Delay timeout = {};  ///< at most so long; zero and less are legal, and look once
  ReturnWhen return_when = ReturnWhen::all_completed;
};

/// What `wait` gives. Each half stands in the order of the arguments.
template <class Handle>
struct DoneAndPending {
  std::vector<Handle> done;
  std::vector<Handle> pending;
};

namespace detail {

/// Suspends until enough of the futures are done. The futures must outlive it.
class FuturesWaiter final : public Waiter {
 public:
  /// Throws ValueError if there are no futures, or if `options` asks for what there is not.
  FuturesWaiter(std::span<FutureBase* const> futures, const WaitOptions& options);
  ~FuturesWaiter() {
    if (handle) alarm_.disarm(task().loop());
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> coroutine) {
    listen(task_of(coroutine.promise()));
    begin(coroutine.promise());
  }
  void await_resume();

  [[nodiscard]] WaitDescription describe() const override;

 private:
  struct Child final : DoneHandle {
    Child() noexcept : DoneHandle(&ended, HandleKind::wait) {}
    static void ended(Handle& handle, Action action);
    FuturesWaiter* waiter = nullptr;
  };

  void listen(TaskBase& task);
  void child_ended(FutureBase& future);
  void release();
  [[gnu::cold]] void look_at_queued() noexcept;

  std::span<FutureBase* const> futures_;
  std::unique_ptr<Child[]> children_;
  std::size_t left_;
  WaitOptions options_;
  Alarm<FuturesWaiter, &FuturesWaiter::release> alarm_{*this, HandleKind::timeout};
};

template <class Handle>
Coro<DoneAndPending<Handle>> wait_for_futures(std::vector<Handle> futures, WaitOptions options) {
  std::vector<FutureBase*> states;
  states.reserve(futures.size());
  for (const Handle& future : futures) states.push_back(&future.state());
  const std::vector<bool> duplicate = find_duplicates(states);
  std::erase_if(states, [&, index = std::size_t{0}](FutureBase*) mutable { return duplicate[index++]; });
  std::erase_if(futures, [&, index = std::size_t{0}](const Handle&) mutable { return duplicate[index++]; });

  FuturesWaiter enough(states, options);
  co_await enough;

  // Looked at now, not when they were heard of: one may have ended since.
  DoneAndPending<Handle> result;
  for (Handle& future : futures) (future.done() ? result.done : result.pending).push_back(std::move(future));
  co_return result;
}

}  // namespace detail

/// `co_await wait(futures, options)`: a DoneAndPending of the handles in `futures`, which is any range of
/// tasks or of futures; one that comes twice counts once. Always suspends, for two iterations even if all
/// are done; woken by the futures and by the timeout. Cancelled, it throws CancelledError and leaves the
/// futures alone, and so it does if it is destroyed while suspended. Awaited, it throws ValueError if there
/// are no futures.
template <std::ranges::input_range Futures>
  requires std::derived_from<std::ranges::range_value_t<Futures>, AnyFuture>
Coro<DoneAndPending<std::ranges::range_value_t<Futures>>> wait(Futures&& futures, WaitOptions options = {}) {
  using Handle = std::ranges::range_value_t<Futures>;
  if constexpr (std::same_as<std::remove_cvref_t<Futures>, std::vector<Handle>>) {
    return detail::wait_for_futures<Handle>(std::forward<Futures>(futures), options);
  } else {
    std::vector<Handle> handles;
    for (auto&& future : futures) handles.push_back(std::forward<decltype(future)>(future));
    return detail::wait_for_futures<Handle>(std::move(handles), options);
  }
}

/// The same for futures that are named one by one: `co_await wait(options, a, b)`, `co_await wait(a, b)`. If
/// their types differ, the handles that come back are AnyFuture.
template <std::derived_from<AnyFuture> First, std::derived_from<AnyFuture>... Rest>
auto wait(WaitOptions options, const First& first, const Rest&... rest) {
  using Handle = std::conditional_t<(std::same_as<First, Rest> && ...), First, AnyFuture>;
  std::vector<Handle> handles;
  handles.reserve(1 + sizeof...(Rest));
  handles.push_back(first);
  (handles.push_back(rest), ...);
  return detail::wait_for_futures<Handle>(std::move(handles), options);
}
template <std::derived_from<AnyFuture> First, std::derived_from<AnyFuture>... Rest>
auto wait(const First& first, const Rest&... rest) {
  return wait(WaitOptions{}, first, rest...);
}

}  // namespace coweave
