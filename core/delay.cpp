#include <coweave/core/delay.hpp>

#include <coweave/core/errors.hpp>

#include <cmath>

namespace coweave::detail {

Duration checked_delay(double seconds) {
  if (std::isnan(seconds)) throw ValueError("Invalid delay: NaN (not a number)");
  const double nanoseconds = seconds * 1e9;
  // 2^63 is a double, the greatest Duration is not.
  if (nanoseconds >= 0x1p63) return Duration::max();
  if (nanoseconds <= -0x1p63) return Duration::min();
  return Duration(static_cast<Duration::rep>(nanoseconds));
}

}  // namespace coweave::detail
