#include <coweave/sim/policy.hpp>

#include <coweave/sim/bounded_search.hpp>
#include <coweave/sim/random_walk.hpp>

#include <stdexcept>
#include <string>

namespace coweave::sim {

std::unique_ptr<Policy> make_policy(std::string_view name, std::uint64_t seed) {
  if (name == "random") return std::make_unique<RandomWalk>(seed);
  if (name == "fifo") return std::make_unique<Fifo>();
  if (name == "exhaustive") return std::make_unique<BoundedSearch>();
  throw std::invalid_argument("no policy is called '" + std::string(name) +
                              "'; there are: random, fifo, exhaustive");
}

}  // namespace coweave::sim
