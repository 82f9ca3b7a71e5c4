#pragma once

/// How values and exceptions are written in a log: as Python writes them.

#include <coweave/core/future.hpp>
#include <coweave/core/outcome.hpp>

#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace coweave::conformance {

/// An error of the program's own.
struct Boom : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The log is closed: whatever still runs is to end. No std::exception, so that no program catches it.
struct Closed {};

/// What an item of a queue is.
struct Item {
  int priority = 0;
  int id = 0;

  /// PriorityQueue's order: equal priorities in the order in which they were put.
  friend bool operator<(const Item& left, const Item& right) noexcept {
    return left.priority < right.priority;
  }
};

/// What tasks return, and futures hold: text, because that is all that becomes of it.
using Value = std::string;
using Values = std::vector<Value>;
using Outcomes = std::vector<Outcome<Value>>;

/// A future of any of the types that programs have.
using AnyHandle = std::variant<std::monostate, Future<Value>, Future<Values>, Future<Outcomes>>;

/// The state behind a handle, or null.
[[nodiscard]] FutureBase* base_of(const AnyHandle& handle);

[[nodiscard]] std::string show(const std::exception_ptr& error);
[[nodiscard]] std::string show(std::string_view value);
[[nodiscard]] std::string show(const Values& values);
[[nodiscard]] std::string show(const Outcomes& outcomes);
[[nodiscard]] std::string show(const Item& item);
[[nodiscard]] std::string show(bool value);

/// The outcome of a future, or "pending". Counts as looking at it.
[[nodiscard]] std::string show_future(const AnyHandle& handle);

/// The error that an operation raises: 0 ValueError, 1 Boom, 2 TimeoutError, 3 CancelledError.
[[nodiscard]] std::exception_ptr make_error(int mode, int id);

}  // namespace coweave::conformance
