#pragma once

/// How long something may take, as programs say it: a duration in any unit, or no limit.
///
///     wait_for(job, 500ms)   wait_for(job, std::chrono::duration<double>(0.5))   wait_for(job, std::nullopt)

#include <coweave/core/timers.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <ratio>

namespace coweave {

namespace detail {

/// Seconds as a Duration, rounded towards zero and held within its range. Throws ValueError if it is NaN.
[[nodiscard]] Duration checked_delay(double seconds);

/// Any duration as a Duration, held within its range of 292 years either way. Throws ValueError if it is NaN.
template <class Rep, class Period>
[[nodiscard]] Duration to_duration(std::chrono::duration<Rep, Period> delay) {
  if constexpr (std::floating_point<Rep>) {
    return checked_delay(std::chrono::duration<double>(delay).count());
  } else {
    if constexpr (std::ratio_greater_v<Period, std::nano>) {
      using Coarse = std::chrono::duration<std::int64_t, Period>;
      if (Coarse(delay) > std::chrono::duration_cast<Coarse>(Duration::max())) return Duration::max();
      if (Coarse(delay) < std::chrono::duration_cast<Coarse>(Duration::min())) return Duration::min();
    }
    return std::chrono::duration_cast<Duration>(delay);
  }
}

/// The time `delay` after `now`, which is not negative; the end of time if that lies beyond it.
[[nodiscard]] constexpr Duration later(Duration now, Duration delay) noexcept {
  return delay > Duration::max() - now ? Duration::max() : now + delay;
}

}  // namespace detail

/// A duration or, as Python's None, no limit. A floating-point duration that is NaN throws ValueError; one
/// beyond 292 years counts as 292 years.
class Delay {
 public:
  Delay(std::nullopt_t = std::nullopt) noexcept {}
  Delay(std::optional<Duration> delay) noexcept : delay_(delay) {}
  template <class Rep, class Period>
  Delay(std::chrono::duration<Rep, Period> delay) : delay_(detail::to_duration(delay)) {}

  /// The duration, or nothing if there is no limit.
  [[nodiscard]] const std::optional<Duration>& get() const noexcept { return delay_; }
  /// When it has passed, counted from `now`; nothing if there is no limit.
  [[nodiscard]] std::optional<Duration> after(Duration now) const noexcept {
    if (!delay_) return std::nullopt;
    return detail::later(now, *delay_);
  }
  /// Whether there is a limit and it has passed from the start: zero or less.
  [[nodiscard]] bool over() const noexcept { return delay_ && *delay_ <= Duration::zero(); }

 private:
  std::optional<Duration> delay_;
};

}  // namespace coweave
