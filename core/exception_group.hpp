#pragma once

/// Several exceptions at once, as Python's `ExceptionGroup`: what a TaskGroup throws. It holds exceptions of
/// any type, those that do not derive from std::exception too, so there is no BaseExceptionGroup.

#include <coweave/core/errors.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace coweave {

class ExceptionGroup : public std::runtime_error {
 public:
  using Halves = std::pair<std::shared_ptr<ExceptionGroup>, std::shared_ptr<ExceptionGroup>>;

  /// Throws ValueError if there is no exception.
  ExceptionGroup(std::string message, std::vector<std::exception_ptr> exceptions);

  /// What it was made with, without the count that `what()` adds.
  [[nodiscard]] const std::string& message() const noexcept { return contents_->message; }
  /// The exceptions in the order in which they came; groups among them are not flattened.
  [[nodiscard]] const std::vector<std::exception_ptr>& exceptions() const noexcept {
    return contents_->exceptions;
  }

  /// Those that are an `Exception`, and the rest, each at its place in a group of the same shape and message.
  /// A side without exceptions is null. A group that is itself an `Exception` goes as a whole, this one too.
  template <class Exception>
  [[nodiscard]] Halves split() const {
    return split([](const std::exception_ptr& member) { return detail::holds<Exception>(member); });
  }
  /// The same for those, exceptions and groups, for which `matches(exception)` is true.
  [[nodiscard]] Halves split(const std::function<bool(const std::exception_ptr&)>& matches) const;

  /// The first half of `split`.
  template <class Exception>
  [[nodiscard]] std::shared_ptr<ExceptionGroup> subgroup() const {
    return split<Exception>().first;
  }
  [[nodiscard]] std::shared_ptr<ExceptionGroup> subgroup(
      const std::function<bool(const std::exception_ptr&)>& matches) const {
    return split(matches).first;
  }

 private:
  struct Contents {
    std::string message;
    std::vector<std::exception_ptr> exceptions;
  };

  std::shared_ptr<const Contents> contents_;
};

}  // namespace coweave
