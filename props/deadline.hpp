#pragma once

/// A budget of wall time, and how much of it is gone. The one place outside the production loop that reads a
/// clock, and nothing but when to stop searching and what to tell meanwhile depends on it.

#include <chrono>

namespace coweave::detail {

class Deadline {
 public:
  /// `budget` from now; zero or less: none.
  explicit Deadline(std::chrono::nanoseconds budget);
  [[nodiscard]] bool bounded() const noexcept { return bounded_; }
  [[nodiscard]] bool passed() const;
  /// What is left of the budget, at least 1 ns; zero if there is no bound.
  [[nodiscard]] std::chrono::nanoseconds left() const;

 private:
  std::chrono::steady_clock::time_point end_{};
  bool bounded_;
};

/// How long something has been going on.
class Stopwatch {
 public:
  Stopwatch();
  [[nodiscard]] std::chrono::nanoseconds elapsed() const;

 private:
  std::chrono::steady_clock::time_point begin_;
};

}  // namespace coweave::detail
