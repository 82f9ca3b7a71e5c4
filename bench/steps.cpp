/// How fast exploration is: W1, three tasks that each twice {await; read; await; write} a counter, all orders
/// random, run to the end, choices recorded, all detectors on. Beside it, in the same binary, a bare loop
/// over `std::coroutine_handle` with random pick and recording and nothing else, so that the ratio can be
/// quoted.

#include <coweave/core/sleep.hpp>
#include <coweave/core/task.hpp>
#include <coweave/props/options.hpp>
#include <coweave/sim/random_walk.hpp>
#include <coweave/sim/simulation.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <coroutine>
#include <cstdint>
#include <vector>

namespace {

using namespace coweave;
using namespace std::chrono_literals;

Coro<void> increment(int& counter) {
  for (int round = 0; round < 2; ++round) {
    co_await sleep(0s);
    const int read = counter;
    co_await sleep(0s);
    counter = read + 1;
  }
}

Coro<void> w1() {
  int counter = 0;
  const auto first = create_task(increment(counter));
  const auto second = create_task(increment(counter));
  const auto third = create_task(increment(counter));
  co_await first;
  co_await second;
  co_await third;
  benchmark::DoNotOptimize(counter);
}

void report(benchmark::State& state, std::uint64_t steps) {
  state.counters["runs"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["step"] = benchmark::Counter(static_cast<double>(steps),
                                              benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void explore_w1(benchmark::State& state) {
  sim::Simulation simulation(Options{}.settings());
  sim::RandomWalk policy(1);
  const sim::Scenario scenario = w1;
  std::uint64_t run = 0;
  std::uint64_t steps = 0;
  for ([[maybe_unused]] auto _ : state) {
    policy.begin_run(++run);
    if (simulation.run(scenario, policy)) state.SkipWithError("W1 has no failure");
    steps += simulation.steps();
  }
  report(state, steps);
}

/// The least that random exploration can cost: recycled frames, a random pick, a record of it.
struct Bare {
  struct promise_type : detail::Recycled {
    Bare get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept {}
  };
  std::coroutine_handle<promise_type> handle;
};

Bare bare_increment(int& counter) {
  for (int round = 0; round < 2; ++round) {
    co_await std::suspend_always{};
    const int read = counter;
    co_await std::suspend_always{};
    counter = read + 1;
  }
}

void bare_w1(benchmark::State& state) {
  sim::Random random;
  std::vector<std::uint32_t> choices;
  std::uint64_t run = 0;
  std::uint64_t steps = 0;
  for ([[maybe_unused]] auto _ : state) {
    random.reseed(1, ++run);
    choices.clear();
    int counter = 0;
    std::array<std::coroutine_handle<>, 3> ready{
        bare_increment(counter).handle, bare_increment(counter).handle, bare_increment(counter).handle};
    for (std::uint32_t count = 3; count > 0;) {
      const std::uint32_t pick = count == 1 ? 0 : random.below(count);
      if (count > 1) choices.push_back(pick);
      ready[pick].resume();
      ++steps;
      if (ready[pick].done()) {
        ready[pick].destroy();
        ready[pick] = ready[--count];
      }
    }
    benchmark::DoNotOptimize(counter);
    benchmark::DoNotOptimize(choices.data());
  }
  report(state, steps);
}

BENCHMARK(bare_w1);
BENCHMARK(explore_w1);

}  // namespace

BENCHMARK_MAIN();
