#include <coweave/sim/search/delay_bound.hpp>

#include <coweave/sim/policies/unhurried.hpp>

namespace coweave::sim {

std::uint32_t DelayBound::find_base(const ChoicePoint& point, std::uint32_t last) const {
  return option_at(point, last, 0);
}

/// Its place: those before the first in the order of arrival come behind it.
std::uint32_t DelayBound::place(std::uint32_t first, std::uint32_t option) {
  return option < first ? option + 1 : option == first ? 0 : option;
}

}  // namespace coweave::sim
