/// What looking for races costs: tasks that each read, give way and write variables in turn, all orders
/// random, once looked at by nobody, and then for atomicity, for order, and for both. "more" is what that
/// adds to a step, in nanoseconds. What the figures mean: docs/performance.md.

#include <coweave/core/lock.hpp>
#include <coweave/core/shared.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/core/task.hpp>
#include <coweave/props/monitors/witness.hpp>
#include <coweave/props/options.hpp>
#include <coweave/sim/policies/random_walk.hpp>
#include <coweave/sim/simulation.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace coweave;
using namespace std::chrono_literals;

struct Size {
  std::size_t variables;
  std::size_t tasks;
  bool locked;  ///< each variable has a lock
};

struct Guarded {
  Shared<int> value{0, "value"};
  Lock lock{"lock"};
};

constexpr std::size_t rounds = 4;

Coro<void> adds(std::deque<Guarded>& variables, std::size_t from, bool locked) {
  for (std::size_t round = 0; round < rounds; ++round) {
    Guarded& one = variables[(from + round * 7) % variables.size()];
    if (locked) co_await one.lock.acquire();
    const int before = co_await one.value.read();
    co_await sleep(0s);
    co_await one.value.write(before + 1);
    if (locked) one.lock.release();
  }
}

Coro<void> all_add(Size size) {
  std::deque<Guarded> variables(size.variables);
  std::vector<Task<void>> tasks;
  for (std::size_t task = 0; task < size.tasks; ++task)
    tasks.push_back(create_task(adds(variables, task, size.locked)));
  for (Task<void>& task : tasks) co_await task;
}

/// The processor's time of this thread, in nanoseconds.
double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double unwatched_step_ns = 0;  // of the size at hand

void look(benchmark::State& state, Size size, const Races& races) {
  sim::Simulation simulation(Options{}.settings());
  detail::MonitorWitness witness({}, races);
  witness.watch(simulation);
  sim::RandomWalk policy(1);
  const sim::Scenario scenario = [size] { return all_add(size); };
  std::uint64_t run = 0;
  std::uint64_t steps = 0;
  const double start = cpu_ns();
  for ([[maybe_unused]] auto _ : state) {
    policy.begin_run(++run);
    if (simulation.run(scenario, policy)) state.SkipWithError("nothing fails it");
    steps += simulation.steps();
  }
  const double step_ns = (cpu_ns() - start) / static_cast<double>(steps);
  const auto accesses = static_cast<double>(2 * rounds * size.tasks);
  state.counters["steps/run"] = static_cast<double>(steps) / static_cast<double>(state.iterations());
  state.counters["accesses/run"] = accesses;
  state.counters["ns/step"] = step_ns;
  if (!races.any()) unwatched_step_ns = step_ns;
  if (races.any() && unwatched_step_ns > 0) state.counters["more"] = step_ns - unwatched_step_ns;
}

}  // namespace

int main(int count_of_arguments, char** arguments) {
  const std::vector<std::pair<std::string, Races>> ways{
      {"nobody looks", {}},
      {"all silent", {.order = Severity::noted, .silent = {"value"}}},  // what causes alone cost
      {"atomicity", {.atomicity = Severity::noted}},
      {"order", {.order = Severity::noted}},
      {"both", {.atomicity = Severity::noted, .order = Severity::noted}}};
  for (const Size size : {Size{2, 4, true}, Size{2, 4, false}, Size{100, 100, true}, Size{100, 100, false}}) {
    const std::string what = std::to_string(size.variables) + " variables, " + std::to_string(size.tasks) +
                             (size.locked ? " tasks, locked: " : " tasks, not locked: ");
    for (const auto& [way, races] : ways) {
      benchmark::RegisterBenchmark(
          (what + way).c_str(), [size, races = races](benchmark::State& state) { look(state, size, races); });
    }
  }
  benchmark::Initialize(&count_of_arguments, arguments);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
