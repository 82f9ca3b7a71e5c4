#pragma once

/// The beginnings and ends of calls, in order of time.

#include <algorithm>
#include <compare>
#include <cstdint>
#include <limits>
#include <vector>

namespace coweave::detail {

/// A moment that has not come, or the number of no call.
inline constexpr std::uint32_t unset = std::numeric_limits<std::uint32_t>::max();

struct Moment {
  std::uint32_t position;
  bool is_end;  ///< a call that ends where another begins overlaps it: beginnings come first
  std::uint32_t call;
  auto operator<=>(const Moment&) const = default;
};

/// Of `calls`, which have positions `invoked` and `returned`; what never returned has no end.
template <class Calls>
[[nodiscard]] std::vector<Moment> moments_of(const Calls& calls) {
  std::vector<Moment> moments;
  std::uint32_t number = 0;
  for (const auto& call : calls) {
    moments.push_back({call.invoked, false, number});
    if (call.returned != unset) moments.push_back({call.returned, true, number});
    ++number;
  }
  std::sort(moments.begin(), moments.end());
  return moments;
}

}  // namespace coweave::detail
