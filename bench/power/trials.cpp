#include <coweave/bench/power/trials.hpp>

#include <coweave/props/deadline.hpp>
#include <coweave/sim/causality/fingerprinting.hpp>
#include <coweave/sim/policies/policy_name.hpp>
#include <coweave/sim/search/fewest_first.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

namespace coweave::bench {

namespace {

constexpr std::uint64_t looked_at_max = 1'000;
constexpr std::chrono::milliseconds shrink_time_max{100};

/// What keeps a systematic search within bounds.
class Bounds {
 public:
  Bounds(sim::Policy& policy, sim::Simulation& simulation)
      : is_systematic_(policy.enumerates() || policy.search()),
        fewest_first_(dynamic_cast<const sim::FewestFirst*>(&policy)),
        deadline_(is_systematic_ ? search_time_max : std::chrono::seconds(0)) {
    if (is_systematic_) simulation.let_interrupt([this] { return passed(); });
  }

  [[nodiscard]] bool is_systematic() const noexcept { return is_systematic_; }
  [[nodiscard]] bool passed() const {
    return deadline_.passed() ||
           (fewest_first_ && fewest_first_->kept_bytes() > sim::KeptRuns::bytes_max_aside);
  }

 private:
  bool is_systematic_;
  const sim::FewestFirst* fewest_first_;
  detail::Deadline deadline_;
};

/// Different orders among the first `runs` runs, failures or not.
std::uint64_t distinct_orders(const Program& program, const std::string& policy, std::uint64_t runs) {
  sim::Simulation simulation(program.options.settings());
  const std::unique_ptr<sim::Policy> decides = sim::make_policy(policy, 1);
  const Bounds bounds(*decides, simulation);
  sim::Fingerprinting listens(*decides);
  std::set<std::uint64_t> seen;
  for (std::uint64_t run = 1; run <= runs && !bounds.passed() && listens.begin_run(run); ++run) {
    simulation.run(program.scenario, listens);
    if (!decides->gave_up() && !simulation.interrupted()) seen.insert(listens.fingerprint());
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
    const Bounds bounds(*decides, simulation);
    for (std::uint64_t run = 1; run <= runs_max && decides->begin_run(run); ++run) {
      result.stopped = bounds.passed();
      if (result.stopped) break;
      ++result.runs;
      const sim::Failure* failure = simulation.run(program.scenario, *decides);
      result.steps += simulation.steps();
      if (!is_finding(failure)) continue;
      result.found.push_back(run);
      if (!result.size) {
        const sim::Schedule schedule = simulation.schedule();
        simulation.let_interrupt({});
        result.size = shrunk_size(program, simulation, schedule, *failure, shrink_time_max);
      }
      break;
    }
    if (bounds.is_systematic()) break;
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
