#pragma once

/// Awaiting what programs await, with the outcome as it stands in the log.

#include <coweave/core/coro.hpp>
#include <coweave/tests/conformance/show.hpp>

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace coweave::conformance {

template <class T>
Coro<std::string> awaiting(Future<T> future) {
  const T value = co_await std::move(future);
  co_return show(value);
}

inline Coro<std::string> awaiting(Coro<Value> coroutine) {
  Value value = co_await std::move(coroutine);
  co_return value;
}

inline Coro<std::string> awaiting(AnyHandle handle) {
  return std::visit(
      [](auto& future) -> Coro<std::string> {
        if constexpr (std::is_same_v<std::decay_t<decltype(future)>, std::monostate>) {
          return {};
        } else {
          return awaiting(std::move(future));
        }
      },
      handle);
}

}  // namespace coweave::conformance
