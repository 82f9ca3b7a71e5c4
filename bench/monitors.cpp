/// What monitors cost: three tasks that twice take a lock, tell that they are inside, and leave, all orders
/// random, once looked at by nobody, and then by monitors. "each" is what a monitor adds to a step, in
/// nanoseconds. What the figures mean: docs/performance.md.

#include <coweave/core/lock.hpp>
#include <coweave/core/note.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/core/task.hpp>
#include <coweave/props/monitors/witness.hpp>
#include <coweave/props/options.hpp>
#include <coweave/sim/policies/random_walk.hpp>
#include <coweave/sim/simulation.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <ctime>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace coweave;
using namespace coweave::monitors;
using namespace std::chrono_literals;

Coro<void> enters(Lock& lock, int who) {
  for (int round = 0; round < 2; ++round) {
    note("asks", who);
    const auto guard = co_await lock.scoped();
    note("enters", who);
    co_await sleep(0s);
    note("leaves", who);
  }
}

Coro<void> three_enter() {
  Lock lock("lock");
  const auto first = create_task(enters(lock, 1));
  const auto second = create_task(enters(lock, 2));
  const auto third = create_task(enters(lock, 3));
  co_await first;
  co_await second;
  co_await third;
}

/// The processor's time of this thread, in nanoseconds.
double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double unwatched_step_ns = 0;  // the first benchmark

void watched(benchmark::State& state, const std::vector<Monitor>& monitors) {
  sim::Simulation simulation(Options{}.settings());
  detail::MonitorWitness witness(monitors, {});
  witness.watch(simulation);
  sim::RandomWalk policy(1);
  const sim::Scenario scenario = three_enter;
  std::uint64_t run = 0;
  std::uint64_t steps = 0;
  const double start = cpu_ns();
  for ([[maybe_unused]] auto _ : state) {
    policy.begin_run(++run);
    if (simulation.run(scenario, policy)) state.SkipWithError("the program keeps them all");
    steps += simulation.steps();
  }
  const double step_ns = (cpu_ns() - start) / static_cast<double>(steps);
  if (monitors.empty()) unwatched_step_ns = step_ns;
  state.counters["steps/run"] = static_cast<double>(steps) / static_cast<double>(state.iterations());
  state.counters["ns/step"] = step_ns;
  if (unwatched_step_ns > 0 && !monitors.empty())
    state.counters["each"] = (step_ns - unwatched_step_ns) / static_cast<double>(monitors.size());
}

std::vector<Monitor> copies(const Monitor& monitor, std::size_t count) {
  return std::vector<Monitor>(count, monitor);
}

}  // namespace

int main(int count_of_arguments, char** arguments) {
  const Pattern asks = noted("asks");
  const Pattern enters = noted("enters");
  const Pattern leaves = noted("leaves");
  const auto above = [](const Occurrence& now) { return now.value(0)->number() > 3; };
  const std::vector<std::pair<std::string, Monitor>> forms{
      {"never", never(enters.where("above 3", above))},
      {"always",
       always(enters,
              enters.where("no stranger", [](const Occurrence& now) { return now.value(0)->number() < 4; }))},
      {"eventually", eventually(enters)},
      {"leads_to per key", leads_to(asks, enters).per(value(0)).within(1s)},
      {"precedes per key", precedes(asks, enters).per(value(0))},
      {"never_between", never_between(enters, leaves, operation(Verb::release, "lock"))},
      {"exclusive", exclusive(enters, leaves)},
      {"exclusive, of operations",
       exclusive(operation(Verb::acquire, "lock"), operation(Verb::release, "lock"))},
      {"fifo", fifo(asks, leaves)},
      {"bounded_wait", bounded_wait(asks, enters, 10)},
      {"count", count(enters) <= count(leaves) + 1},
      {"happens_before per key", happens_before(asks, enters).per(value(0))},
  };
  const auto add = [](const std::string& name, std::vector<Monitor> monitors) {
    benchmark::RegisterBenchmark(name.c_str(), [monitors = std::move(monitors)](benchmark::State& state) {
      watched(state, monitors);
    });
  };
  std::vector<Monitor> all;
  add("unwatched", {});
  add("notes for nothing", {never(noted("no such note"))});
  add("causes for nothing", {happens_before(noted("no such note"), noted("nor this one"))});
  for (const auto& [name, monitor] : forms) {
    add(name, {monitor});
    add(name + ", 8 of them", copies(monitor, 8));
    all.push_back(monitor);
  }
  add("one of each", all);
  benchmark::Initialize(&count_of_arguments, arguments);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
