#include <coweave/sim/search/preemptions.hpp>

#include <coweave/sim/policies/unhurried.hpp>

namespace coweave::sim {

std::uint32_t Preemptions::find_base(const ChoicePoint& point, std::uint32_t last) const {
  return option_to_go_on(point, last);
}

}  // namespace coweave::sim
