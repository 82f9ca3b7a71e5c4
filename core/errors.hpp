#pragma once

/// asyncio's exceptions, by asyncio's names.
///
/// `CancelledError` is a request, not an error: as asyncio's does not derive from Python's `Exception`, ours
/// does not derive from `std::exception`, so that `catch (const std::exception&)` does not swallow it.

#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

namespace coweave {

/// Arrives at an await when the task was asked to stop. May be caught; a task that ends with it is cancelled.
class CancelledError {
 public:
  CancelledError() = default;
  explicit CancelledError(std::string message) : message_(std::move(message)) {}

  /// What `cancel(message)` was given; empty if nothing.
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  [[nodiscard]] const char* what() const noexcept {
    return message_.empty() ? "CancelledError" : message_.c_str();
  }

 private:
  std::string message_;
};

/// Misuse that Python answers with RuntimeError: releasing a free lock, awaiting oneself, no running loop.
class RuntimeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An argument outside its range: a NaN delay, `task_done()` called too often.
class ValueError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// The time of a `timeout`, `wait_for` or `as_completed` was up.
class TimeoutError : public std::runtime_error {
 public:
  explicit TimeoutError(std::exception_ptr cause = nullptr)
      : std::runtime_error("TimeoutError: the time was up"), cause_(std::move(cause)) {}

  /// The CancelledError that stopped what took too long; null if nothing was stopped.
  [[nodiscard]] const std::exception_ptr& cause() const noexcept { return cause_; }

 private:
  std::exception_ptr cause_;
};

/// A context variable that has no value.
class LookupError : public std::out_of_range {
 public:
  using std::out_of_range::out_of_range;
};

/// A future was asked for what its state does not allow.
class InvalidStateError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// A barrier that was aborted, or reset while somebody waited at it.
class BrokenBarrierError : public RuntimeError {
 public:
  using RuntimeError::RuntimeError;
};

/// `get_nowait` on an empty queue.
class QueueEmpty : public std::runtime_error {
 public:
  QueueEmpty() : std::runtime_error("QueueEmpty: get_nowait() on an empty queue") {}
};

/// `put_nowait` on a full queue.
class QueueFull : public std::runtime_error {
 public:
  QueueFull() : std::runtime_error("QueueFull: put_nowait() on a full queue") {}
};

/// The queue was shut down.
class QueueShutDown : public std::runtime_error {
 public:
  QueueShutDown() : std::runtime_error("QueueShutDown: the queue has been shut down") {}
};

namespace detail {

/// Whether `exception`, which is not null, holds an `Exception` or what derives from it.
template <class Exception>
[[nodiscard]] bool holds(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const Exception&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace detail
}  // namespace coweave
