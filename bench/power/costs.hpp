#pragma once

/// What a decision costs under each policy.

#include <string>
#include <vector>

namespace coweave::bench {

/// Prints the processor's time of a step, all included, under each of `policies`, and how much
/// of it is beyond the random walk's. The policies take turns, and the fastest of several rounds counts: so
/// others at work on the machine disturb the comparison least.
void print_costs(const std::vector<std::string>& policies);

}  // namespace coweave::bench
