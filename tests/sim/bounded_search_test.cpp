#include <coweave/sim/search/bounded_search.hpp>

#include <coweave/core/sleep.hpp>
#include <coweave/props/options.hpp>
#include <coweave/sim/simulation.hpp>

#include <doctest/doctest.h>

#include <set>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

/// Tasks of `steps` steps each; the log says which task made each step.
sim::Scenario tasks_of(int tasks, int steps, std::vector<int>& log) {
  return [tasks, steps, &log]() -> Coro<void> {
    log.clear();
    auto body = [](int task, int count, std::vector<int>& out) -> Coro<void> {
      for (int step = 0; step < count; ++step) {
        out.push_back(task);
        if (step + 1 < count) co_await sleep(0s);
      }
    };
    std::vector<Task<>> all;
    for (int task = 0; task < tasks; ++task) all.push_back(create_task(body(task, steps, log)));
    for (const Task<>& task : all) co_await task;
  };
}

struct Counted {
  std::uint64_t runs = 0;
  std::set<std::vector<int>> interleavings;
};

Counted search(int tasks, int steps, std::size_t deviations_max) {
  Counted counted;
  std::vector<int> log;
  const sim::Scenario scenario = tasks_of(tasks, steps, log);
  sim::Simulation simulation(Options{}.settings());
  sim::BoundedSearch policy(deviations_max);
  while (policy.begin_run(counted.runs + 1)) {
    ++counted.runs;
    REQUIRE(simulation.run(scenario, policy) == nullptr);
    counted.interleavings.insert(log);
  }
  return counted;
}

}  // namespace

TEST_CASE("exhaustive search: two tasks of n steps have as many interleavings as the binomial formula says") {
  // (2n)! / (n! n!); the main task waits for the first to end and adds orders of its own that the log cannot
  // tell.
  CHECK(search(2, 1, sim::BoundedSearch::no_bound).interleavings.size() == 2);
  CHECK(search(2, 2, sim::BoundedSearch::no_bound).interleavings.size() == 6);
  CHECK(search(2, 3, sim::BoundedSearch::no_bound).interleavings.size() == 20);
  CHECK(search(2, 5, sim::BoundedSearch::no_bound).interleavings.size() == 252);
}

TEST_CASE("exhaustive search: three tasks of two steps have the multinomial number of interleavings") {
  CHECK(search(3, 2, sim::BoundedSearch::no_bound).interleavings.size() == 90);  // 6! / (2! 2! 2!)
}

TEST_CASE("exhaustive search: no deviation is asyncio's own order, once") {
  const Counted counted = search(3, 3, 0);
  CHECK(counted.runs == 1);
  CHECK(*counted.interleavings.begin() == std::vector<int>{0, 1, 2, 0, 1, 2, 0, 1, 2});
}

TEST_CASE("exhaustive search: a larger bound contains the smaller") {
  const Counted one = search(2, 3, 1);
  const Counted two = search(2, 3, 2);
  CHECK(one.runs < two.runs);
  for (const auto& interleaving : one.interleavings) CHECK(two.interleavings.contains(interleaving));
}
