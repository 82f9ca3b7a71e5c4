#include <coweave/props/deadline.hpp>

#include <algorithm>

namespace coweave::detail {

Deadline::Deadline(std::chrono::nanoseconds budget) : bounded_(budget > std::chrono::nanoseconds::zero()) {
  const auto now = std::chrono::steady_clock::now();
  const auto left = std::chrono::steady_clock::time_point::max() - now;
  if (bounded_) end_ = budget < left ? now + budget : std::chrono::steady_clock::time_point::max();
}

bool Deadline::passed() const { return bounded_ && std::chrono::steady_clock::now() >= end_; }

std::chrono::nanoseconds Deadline::left() const {
  if (!bounded_) return std::chrono::nanoseconds::zero();
  return std::max<std::chrono::nanoseconds>(end_ - std::chrono::steady_clock::now(),
                                            std::chrono::nanoseconds(1));
}

Stopwatch::Stopwatch() : begin_(std::chrono::steady_clock::now()) {}

std::chrono::nanoseconds Stopwatch::elapsed() const { return std::chrono::steady_clock::now() - begin_; }

}  // namespace coweave::detail
