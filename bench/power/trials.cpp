#include <coweave/bench/power/trials.hpp>

#include <coweave/sim/policies/policy_name.hpp>
#include <coweave/sim/search/measure.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

namespace coweave::bench {

namespace {

constexpr std::uint64_t looked_at_max = 1'000;
constexpr std::chrono::milliseconds shrink_time_max{100};

/// Different orders among the first `runs` runs, failures or not.
std::uint64_t distinct_orders(const Program& program, const std::string& policy, std::uint64_t runs) {
  sim::Simulation simulation(program.options.settings());
  const std::unique_ptr<sim::Policy> decides = sim::make_policy(policy, 1);
  sim::Measure measure(*decides);
  std::set<std::uint64_t> seen;
  for (std::uint64_t run = 1; run <= runs && measure.begin_run(run); ++run) {
    simulation.run(program.scenario, measure);
    if (measure.look()) seen.insert(measure.look()->fingerprint);
  }
  return seen.size();
}

}  // namespace

double Trials::mean() const {
  double sum = 0;
  for (const std::uint64_t run : found) sum += static_cast<double>(run);
  return found.empty() ? 0 : sum / static_cast<double>(found.size());
}

double Trials::deviation() const {
  if (found.size() < 2) return 0;
  double sum = 0;
  for (const std::uint64_t run : found) sum += std::pow(static_cast<double>(run) - mean(), 2);
  return std::sqrt(sum / static_cast<double>(found.size() - 1));
}

Trials try_out(const Program& program, const std::string& policy, std::uint64_t seeds,
               std::uint64_t runs_max) {
  Trials result;
  result.policy = policy;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    ++result.trials;
    sim::Simulation simulation(program.options.settings());
    const std::unique_ptr<sim::Policy> decides = sim::make_policy(policy, seed);
    for (std::uint64_t run = 1; run <= runs_max && decides->begin_run(run); ++run) {
      ++result.runs;
      const sim::Failure* failure = simulation.run(program.scenario, *decides);
      result.steps += simulation.steps();
      if (!is_finding(failure)) continue;
      result.found.push_back(run);
      if (!result.size) {
        const sim::Schedule schedule = simulation.schedule();
        result.size = shrunk_size(program, simulation, schedule, *failure, shrink_time_max);
      }
      break;
    }
  }
  result.looked_at = std::min(runs_max, looked_at_max);
  result.distinct = distinct_orders(program, policy, result.looked_at);
  return result;
}

std::optional<Size> size_found(const Program& program, const std::string& policy, std::uint64_t seed,
                               std::uint64_t runs_max, std::chrono::nanoseconds time_max) {
  sim::Simulation simulation(program.options.settings());
  const std::unique_ptr<sim::Policy> decides = sim::make_policy(policy, seed);
  for (std::uint64_t run = 1; run <= runs_max && decides->begin_run(run); ++run) {
    const sim::Failure* failure = simulation.run(program.scenario, *decides);
    if (!is_finding(failure)) continue;
    const sim::Schedule schedule = simulation.schedule();
    return shrunk_size(program, simulation, schedule, *failure, time_max);
  }
  return std::nullopt;
}

}  // namespace coweave::bench
