#include <coweave/sim/search/walk.hpp>

namespace coweave::sim {

/// Comes to stand before the first beginning of the range, if it has any.
bool Walk::enter() {
  const Range& range = ranges_[range_];
  if (range.first == range.last || cost_ - range.stem->cost > range.stem->more_max) return false;
  beginnings_ = Beginnings(*range.stem, cost_ - range.stem->cost, rank_cost_);
  number_ = range.first;
  if (number_ > 0) beginnings_.next(number_ - 1);
  return true;
}

bool Walk::next() {
  for (; range_ < ranges_.size(); ++range_, is_within_ = false) {
    if (!is_within_ && !enter()) continue;
    is_within_ = true;
    if (number_ < ranges_[range_].last && beginnings_.next()) {
      ++number_;
      return true;
    }
  }
  return false;
}

}  // namespace coweave::sim
