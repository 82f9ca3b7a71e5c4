#include <coweave/bench/power/trials.hpp>

#include <coweave/sim/policy_name.hpp>

#include <cmath>
#include <memory>

namespace coweave::bench {

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
      // SafeStack spins; that a policy lets it do so up to the bound is no finding.
      const bool failed = failure && failure->kind != traces::VerdictKind::livelock;
      result.steps += simulation.steps();
      if (!failed) continue;
      result.found.push_back(run);
      break;
    }
  }
  return result;
}

}  // namespace coweave::bench
