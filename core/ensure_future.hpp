#pragma once

/// What the functions that take awaitables make of them, as asyncio's `ensure_future`: a coroutine becomes a
/// task, a task or a future is taken as it is.

#include <coweave/core/task.hpp>

#include <source_location>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace coweave::detail {

template <class T>
Task<T> ensure_future(Coro<T>&& coroutine, std::source_location at) {
  return create_task(std::move(coroutine), {}, at);
}
template <class T>
Task<T> ensure_future(const Task<T>& task, std::source_location) {
  return task;
}
template <class T>
Future<T> ensure_future(const Future<T>& future, std::source_location) {
  return future;
}

/// A Coro (as a temporary), a Task or a Future.
template <class Awaitable>
concept FutureLike = requires(Awaitable&& awaitable) {
  ensure_future(std::forward<Awaitable>(awaitable), std::source_location{});
};

/// What awaiting it gives.
template <class Awaitable>
using ValueOf = typename std::remove_cvref_t<Awaitable>::value_type;

/// The handle that `ensure_future` makes of it.
template <class Awaitable>
using HandleOf = decltype(ensure_future(std::declval<Awaitable>(), std::source_location{}));

/// `T` as an element of something: std::monostate if it is void.
template <class T>
using NotVoid = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// A handle for each, made in their order.
template <class Awaitable>
std::vector<HandleOf<Awaitable>> ensure_futures(std::vector<Awaitable>&& awaitables,
                                                std::source_location at) {
  std::vector<HandleOf<Awaitable>> futures;
  futures.reserve(awaitables.size());
  for (Awaitable& awaitable : awaitables) futures.push_back(ensure_future(std::move(awaitable), at));
  return futures;
}

/// For each future whether it stands also further in front.
[[nodiscard]] std::vector<bool> find_duplicates(std::span<FutureBase* const> futures);

}  // namespace coweave::detail
