#pragma once

/// Running blocking code beside the loop, as asyncio's `to_thread` and `run_in_executor`.

#include <coweave/core/callable.hpp>
#include <coweave/core/executor.hpp>
#include <coweave/core/thread_job.hpp>

#include <type_traits>
#include <utility>

namespace coweave {

namespace detail {

template <class Function>
auto begin_job(ThreadPoolExecutor* executor, Function&& function) {
  using Body = std::decay_t<Function>;
  using T = std::invoke_result_t<Body&>;
  return ThreadJobOf<Body, T>::begin(Loop::current(), executor, Body(std::forward<Function>(function)));
}

}  // namespace detail

/// `co_await run_in_executor(executor, function)`: runs `function()` on a thread of the executor, in a copy
/// of the present context, and gives a future of what it returns or throws. Under simulation the body runs in
/// one piece at a point that the policy chooses.
///
/// Cancelling the future gives CancelledError at once. A body that has not begun then never runs; one that
/// has runs to its end and its outcome is dropped, as is that of one which ends after the loop has closed.
/// Dropping the future changes nothing. Throws RuntimeError if no loop is running or the executor was shut
/// down.
template <class Function>
auto run_in_executor(ThreadPoolExecutor& executor, Function&& function) {
  COWEAVE_REQUIRE_SAFE_CALLABLE(Function);
  return detail::begin_job(&executor, std::forward<Function>(function));
}

/// The same on the loop's own executor. Under simulation that has as many threads as there are bodies.
template <class Function>
auto to_thread(Function&& function) {
  COWEAVE_REQUIRE_SAFE_CALLABLE(Function);
  return detail::begin_job(nullptr, std::forward<Function>(function));
}

}  // namespace coweave
