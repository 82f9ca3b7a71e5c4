#include <coweave/core/recycler.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/core/task.hpp>
#include <coweave/props/options.hpp>
#include <coweave/sim/random_walk.hpp>
#include <coweave/sim/simulation.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <new>

// Under AddressSanitizer the recycler steps aside, and every frame is an allocation.
#if COWEAVE_RECYCLES

namespace {
std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace coweave;
using namespace std::chrono_literals;

namespace {

Coro<void> increment(int& counter) {
  for (int round = 0; round < 2; ++round) {
    co_await sleep(0s);
    const int read = counter;
    co_await sleep(1ms);
    counter = read + 1;
  }
}

Coro<void> three_tasks() {
  int counter = 0;
  const auto first = create_task(increment(counter), {.name = "first"});
  const auto second = create_task(increment(counter), {.name = "second"});
  const auto third = create_task(increment(counter), {.name = "third"});
  co_await first;
  co_await second;
  co_await third;
}

}  // namespace

TEST_CASE("simulation: a run that passes allocates nothing once memory is warm") {
  sim::Simulation simulation(Options{}.settings());
  sim::RandomWalk policy(1);
  const sim::Scenario scenario = three_tasks;
  const auto run = [&](std::uint64_t number) {
    policy.begin_run(number);
    return simulation.run(scenario, policy) == nullptr;
  };
  for (std::uint64_t number = 1; number <= 100; ++number) REQUIRE(run(number));
  const std::size_t before = allocations;
  bool passed = true;
  for (std::uint64_t number = 101; number <= 1'100; ++number) passed = run(number) && passed;
  const std::size_t made = allocations - before;
  CHECK(passed);
  CHECK(made == 0);
}

#endif
