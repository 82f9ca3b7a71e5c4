#include <coweave/core/event.hpp>
#include <coweave/core/lock.hpp>
#include <coweave/core/queue.hpp>
#include <coweave/core/shield.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/core/task.hpp>
#include <coweave/core/task_group.hpp>
#include <coweave/core/timeout.hpp>
#include <coweave/core/wait_for.hpp>
#include <coweave/props/options.hpp>
#include <coweave/sim/policies/random_walk.hpp>
#include <coweave/sim/simulation.hpp>
#include <coweave/tests/allocations.hpp>

#include <doctest/doctest.h>

#if COWEAVE_RECYCLES

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

Coro<void> add_under(Lock& lock, int& counter) {
  const auto guard = co_await lock.scoped();
  const int read = counter;
  co_await sleep(0s);
  counter = read + 1;
}

Coro<void> lock_and_event() {
  Lock lock;
  Event event;
  int counter = 0;
  const auto first = create_task(add_under(lock, counter));
  const auto second = create_task(add_under(lock, counter));
  auto last = [&]() -> Coro<void> {
    co_await first;
    co_await second;
    event.set();
  };
  const auto third = create_task(last());
  co_await event.wait();
  co_await third;
}

Coro<void> put_three(Queue<int>& queue) {
  for (int item = 0; item < 3; ++item) co_await queue.put(item);
}

Coro<void> through_a_queue() {
  Queue<int> queue(1);
  const auto producer = create_task(put_three(queue));
  for (int item = 0; item < 3; ++item) co_await queue.get();
  co_await producer;
}

Coro<void> give_way() { co_await sleep(0s); }

Coro<void> in_a_group() {
  auto body = [](TaskGroup& group) -> Coro<void> {
    group.create_task(give_way());
    group.create_task(give_way());
    co_return;
  };
  co_await TaskGroup::run(body);
}

Coro<void> sleep_once() { co_await sleep(1ms); }

Coro<void> within_limits() {
  Event event;
  const auto task = create_task(wait_for(sleep_once(), 1h));
  co_await timeout(1h, sleep_once());
  co_await shield(task);
  event.set();
  co_await wait_for(event.wait(), 1h);
  static_cast<void>(co_await sleep(1ms, 7));
}

/// How many allocations 1,000 runs make when 100 have gone before.
std::size_t allocations_of(const sim::Scenario& scenario) {
  sim::Simulation simulation(Options{}.settings());
  sim::RandomWalk policy(1);
  bool passed = true;
  const auto run = [&](std::uint64_t number) {
    policy.begin_run(number);
    passed = simulation.run(scenario, policy) == nullptr && passed;
  };
  for (std::uint64_t number = 1; number <= 100; ++number) run(number);
  const std::size_t before = tests::allocations();
  for (std::uint64_t number = 101; number <= 1'100; ++number) run(number);
  const std::size_t made = tests::allocations() - before;
  REQUIRE(passed);
  return made;
}

}  // namespace

TEST_CASE("simulation: a run that passes allocates nothing once memory is warm") {
  CHECK(allocations_of(three_tasks) == 0);
}

TEST_CASE("simulation: locks, events, queues and task groups allocate nothing in such a run") {
  CHECK(allocations_of(lock_and_event) == 0);
  CHECK(allocations_of(through_a_queue) == 0);
  CHECK(allocations_of(in_a_group) == 0);
}

TEST_CASE("simulation: time limits and shields allocate nothing in such a run") {
  CHECK(allocations_of(within_limits) == 0);
}

#endif
