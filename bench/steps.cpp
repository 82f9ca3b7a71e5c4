/// How fast exploration is: W1, three tasks that each twice {await; read; await; write} a counter, all orders
/// random, run to the end, choices recorded, all detectors on. Beside it, in the same binary, a bare loop
/// over `std::coroutine_handle` with random pick and recording and nothing else, so that the ratio can be
/// quoted. What the figures mean: docs/performance.md.

#include <coweave/core/sleep.hpp>
#include <coweave/core/task.hpp>
#include <coweave/props/options.hpp>
#include <coweave/sim/policies/random_walk.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/sim/simulation.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <coroutine>
#include <cstdint>
#include <ctime>
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

/// The processor's time of this thread, in nanoseconds.
double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Measures a benchmark's loop and writes its counters. `bare` is the time of a step of the bare loop, which
/// runs first: "ratio" is a multiple of it.
class Meter {
 public:
  explicit Meter(benchmark::State& state) : state_(state), start_(cpu_ns()) {}
  void report(std::uint64_t steps, bool is_bare) {
    const double step_ns = (cpu_ns() - start_) / static_cast<double>(steps);
    if (is_bare) bare_step_ns = step_ns;
    const auto runs = static_cast<double>(state_.iterations());
    state_.counters["runs/s"] = benchmark::Counter(runs, benchmark::Counter::kIsRate);
    state_.counters["steps/run"] = static_cast<double>(steps) / runs;
    state_.counters["ns/step"] = step_ns;
    if (bare_step_ns > 0) state_.counters["ratio"] = step_ns / bare_step_ns;
  }

 private:
  static inline double bare_step_ns = 0;
  benchmark::State& state_;
  double start_;
};

void run_w1(benchmark::State& state, sim::Recorder* recorder) {
  sim::Simulation simulation(Options{}.settings());
  sim::RandomWalk policy(1);
  const sim::Scenario scenario = w1;
  std::uint64_t run = 0;
  std::uint64_t steps = 0;
  Meter meter(state);
  for ([[maybe_unused]] auto _ : state) {
    policy.begin_run(++run);
    if (simulation.run(scenario, policy, recorder)) state.SkipWithError("W1 has no failure");
    steps += simulation.steps();
  }
  meter.report(steps, false);
}

void explore_w1(benchmark::State& state) { run_w1(state, nullptr); }

/// With the recorder on, as a failing schedule is replayed once to make its trace. For information.
void record_w1(benchmark::State& state) {
  sim::Recorder recorder;
  run_w1(state, &recorder);
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

Bare bare_awaits(int& counter) {
  for (int round = 0; round < 5; ++round) {
    co_await std::suspend_always{};
    ++counter;
  }
}

template <Bare (&task)(int&)>
void bare_loop(benchmark::State& state) {
  sim::Random random;
  std::vector<std::uint32_t> choices;
  std::uint64_t run = 0;
  std::uint64_t steps = 0;
  Meter meter(state);
  for ([[maybe_unused]] auto _ : state) {
    random.reseed(1, ++run);
    choices.clear();
    int counter = 0;
    std::array<std::coroutine_handle<>, 3> ready{task(counter).handle, task(counter).handle,
                                                 task(counter).handle};
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
  meter.report(steps, true);
}

/// Three tasks with five awaits each.
void bare_five_awaits(benchmark::State& state) { bare_loop<bare_awaits>(state); }
/// The coroutines of W1: what the ratios are relative to.
void bare_w1(benchmark::State& state) { bare_loop<bare_increment>(state); }

BENCHMARK(bare_five_awaits);
BENCHMARK(bare_w1);
BENCHMARK(explore_w1);
BENCHMARK(record_w1);

}  // namespace

BENCHMARK_MAIN();
