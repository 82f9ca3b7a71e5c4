#include <coweave/sim/search/preemptions.hpp>

#include <coweave/sim/policies/unhurried.hpp>

namespace coweave::sim {

void Preemptions::find_costs(const ChoicePoint& point, std::uint32_t last,
                             std::vector<std::uint32_t>& costs) {
  const std::uint32_t stays = option_to_go_on(point, last);
  if (stays == point.options) return;
  costs.assign(point.options, 1);
  costs[stays] = 0;
}

}  // namespace coweave::sim
