#include <coweave/bench/power/sizes.hpp>

#include <coweave/bench/power/trials.hpp>
#include <coweave/props/counterexample/shrink.hpp>
#include <coweave/sim/policies/policy_name.hpp>
#include <coweave/sim/search/preemptions.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

namespace coweave::bench {

namespace {

constexpr std::chrono::seconds shrink_time_max{1};
constexpr std::uint64_t searched_max = 100'000;

/// By which iterative preemption bounding finds the bug, in the model of the published figures: every access
/// and every acquisition a scheduling point, all tasks there from the start.
std::uint32_t fewest_preemptions(const std::string& program) {
  for (const char* name : {"account", "lazy", "token_ring"}) {
    if (program == name) return 0;
  }
  if (program == "stringbuffer") return 2;
  if (program == "safestack") return 5;
  return 1;
}

std::string least_and_most(std::vector<std::uint64_t> numbers) {
  if (numbers.empty()) return "–";
  const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
  return *least == *most ? fmt::format("{}", *least) : fmt::format("{}–{}", *least, *most);
}

/// Schedules until the bug, fewest preemptions first, and how many it had; nothing if they were too many.
std::optional<std::pair<std::uint64_t, std::uint64_t>> search(const Program& program) {
  sim::Simulation simulation(program.options.settings());
  sim::Preemptions policy(fewest_preemptions(program.name));
  for (std::uint64_t run = 1;
       run <= searched_max && policy.kept_bytes() <= sim::KeptRuns::bytes_max_aside && policy.begin_run(run);
       ++run) {
    const std::uint32_t cost = policy.cost();
    if (is_finding(simulation.run(program.scenario, policy))) return {{run, cost}};
  }
  return std::nullopt;
}

}  // namespace

Size shrunk_size(const Program& program, sim::Simulation& simulation, const sim::Schedule& failing,
                 const sim::Failure& failure, std::chrono::nanoseconds time_max) {
  const Shrunk shrunk = shrink(simulation, program.scenario, failing, failure, time_max);
  return {sim::deviations(shrunk.schedule), shrunk.preemptions, shrunk.runs_to_it, shrunk.minimal};
}

void print_sizes_title(const std::string& policy, std::uint64_t seeds) {
  fmt::print(
      "What {} finds with {} seeds, made small within {} s: least and most. And schedules until the bug, "
      "fewest preemptions first\n\n{:<14} | {:>10} | {:>11} | {:>11} | {:>8} | {:>7} | {:>18}\n",
      policy, seeds, shrink_time_max.count(), "program", "published", "preemptions", "deviations", "replays",
      "minimal", "fewest first");
}

Sizes sizes_of(const Program& program, const std::string& policy, std::uint64_t seeds,
               std::uint64_t runs_max) {
  Sizes sizes;
  sizes.published = fewest_preemptions(program.name);
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const std::optional<Size> size = size_found(program, policy, seed, runs_max, shrink_time_max);
    if (!size) continue;
    if (size->preemptions) sizes.preemptions.push_back(*size->preemptions);
    sizes.deviations.push_back(size->deviations);
    sizes.replays.push_back(size->replays);
    if (size->minimal) ++sizes.minimal;
  }
  if (const auto searched = search(program)) {
    sizes.searched = searched->first;
    sizes.searched_preemptions = searched->second;
  }
  return sizes;
}

void print_sizes(const Program& program, const Sizes& sizes) {
  fmt::print("{:<14} | {:>10} | {:>11} | {:>11} | {:>8} | {:>7} | {:>18}\n", program.name, sizes.published,
             least_and_most(sizes.preemptions), least_and_most(sizes.deviations),
             least_and_most(sizes.replays), fmt::format("{}/{}", sizes.minimal, sizes.replays.size()),
             sizes.searched ? fmt::format("{} after {}", sizes.searched_preemptions, *sizes.searched) : "–");
  std::fflush(stdout);
}

}  // namespace coweave::bench
