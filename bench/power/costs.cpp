#include <coweave/bench/power/costs.hpp>

#include <coweave/core/shared.hpp>
#include <coweave/core/spawn.hpp>
#include <coweave/props/options.hpp>
#include <coweave/sim/policies/policy_name.hpp>
#include <coweave/sim/simulation.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <memory>

namespace coweave::bench {

namespace {

constexpr int rounds = 15;
constexpr std::uint64_t runs_a_round = 10'000;

Coro<void> set_both(Shared<int>& a, Shared<int>& b) {
  co_await a.write(1);
  co_await b.write(-1);
}

Coro<void> read_both(Shared<int>& a, Shared<int>& b) {
  for (int round = 0; round < 2; ++round) {
    co_await a.read();
    co_await b.read();
  }
}

/// reorder_3 without its check: what a failure costs is no cost of a decision.
Coro<void> set_and_read() {
  Shared<int> a(0, "a");
  Shared<int> b(0, "b");
  const auto one = co_await spawn(set_both(a, b), {.name = "setter"});
  const auto two = co_await spawn(set_both(a, b), {.name = "setter"});
  const auto reader = co_await spawn(read_both(a, b), {.name = "checker"});
  co_await one;
  co_await two;
  co_await reader;
}

double processor_time_ns() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// One policy on the program, from round to round.
class Course {
 public:
  explicit Course(const std::string& policy)
      : simulation_(Options{.scheduling_points = SchedulingPoints::accesses}.settings()),
        policy_(sim::make_policy(policy, 1)) {}

  void run_round() {
    std::uint64_t steps = 0;
    const double begin = processor_time_ns();
    for (const std::uint64_t end = run_ + runs_a_round; run_ < end;) {
      policy_->begin_run(++run_);
      simulation_.run(scenario_, *policy_);
      steps += simulation_.steps();
    }
    best_ns_ = std::min(best_ns_, (processor_time_ns() - begin) / static_cast<double>(steps));
  }

  /// Of a step, in the best round.
  [[nodiscard]] double best_ns() const noexcept { return best_ns_; }

 private:
  sim::Scenario scenario_ = set_and_read;
  sim::Simulation simulation_;
  std::unique_ptr<sim::Policy> policy_;
  std::uint64_t run_ = 0;
  double best_ns_ = 1e9;
};

}  // namespace

void print_costs(const std::vector<std::string>& policies) {
  std::vector<std::unique_ptr<Course>> courses;
  Course walk("random");
  for (const std::string& policy : policies) courses.push_back(std::make_unique<Course>(policy));
  for (int round = 0; round < rounds; ++round) {
    walk.run_round();
    for (const auto& course : courses) course->run_round();
  }
  fmt::print("Processor's time of a step, and what it is beyond that of the random walk, {:.0f} ns\n\n",
             walk.best_ns());
  for (std::size_t index = 0; index < policies.size(); ++index) {
    const double ns = courses[index]->best_ns();
    fmt::print("{:<14} | {:>6.0f} | {:>+6.0f}\n", policies[index], ns, ns - walk.best_ns());
  }
}

}  // namespace coweave::bench
