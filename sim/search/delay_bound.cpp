#include <coweave/sim/search/delay_bound.hpp>

#include <coweave/sim/policies/unhurried.hpp>

namespace coweave::sim {

void DelayBound::find_costs(const ChoicePoint& point, std::uint32_t last, std::vector<std::uint32_t>& costs) {
  for (std::uint32_t place = 0; place < point.options; ++place) costs[option_at(point, last, place)] = place;
}

}  // namespace coweave::sim
