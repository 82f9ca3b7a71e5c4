/// Looking for races allocates nothing once a few runs have been looked at.

#include <coweave/core/callback.hpp>
#include <coweave/core/event.hpp>
#include <coweave/core/lock.hpp>
#include <coweave/core/shared.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/core/task.hpp>
#include <coweave/props/monitors/witness.hpp>
#include <coweave/props/options.hpp>
#include <coweave/props/races/race_listener.hpp>
#include <coweave/sim/policies/random_walk.hpp>
#include <coweave/sim/simulation.hpp>
#include <coweave/tests/allocations.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <string>

#if COWEAVE_RECYCLES

using namespace coweave;
using namespace std::chrono_literals;

namespace {

class Listener final : public detail::RaceListener {
 public:
  void raced(const std::string&, const std::source_location&) override { ++races; }
  void kept_silent(const std::string& name) override {
    silent += name == "Shared 'of which nothing is said'";
  }
  std::size_t races = 0;
  std::size_t silent = 0;
};

Coro<void> add(Shared<int>& guarded, Lock& lock, Shared<int>& open) {
  for (int round = 0; round < 3; ++round) {
    {
      const auto guard = co_await lock.scoped();
      const int before = co_await guarded.read();
      co_await sleep(0s);
      co_await guarded.write(before + 1);
    }
    const int before = co_await open.read();
    co_await sleep(0s);
    co_await open.write(before + 1);
  }
}

Coro<void> three_add() {
  Shared<int> silent(0, "of which nothing is said");
  co_await silent.write(1);
  Shared<int> guarded(0, "guarded");
  Shared<int> open(0, "open");
  Lock lock("lock");
  const auto first = create_task(add(guarded, lock, open));
  const auto second = create_task(add(guarded, lock, open));
  const auto third = create_task(add(guarded, lock, open));
  co_await first;
  co_await second;
  co_await third;
}

Coro<void> asks_for_calls(std::size_t cancelled) {
  Event called;
  for (std::size_t call = 0; call < cancelled; ++call) call_later(1s, [] {}).cancel();
  call_later(1s, [&] { called.set(); });
  co_await called.wait();
}

}  // namespace

TEST_CASE("races: looking for them allocates nothing after the first runs") {
  sim::Simulation simulation(Options{}.settings());
  detail::MonitorWitness witness(
      {}, {.atomicity = Severity::noted, .order = Severity::noted, .silent = {"of which nothing is said"}});
  witness.watch(simulation);
  Listener listener;
  detail::race_listener = &listener;
  sim::RandomWalk policy(1);
  const sim::Scenario scenario = three_add;
  std::size_t before = 0;
  for (std::uint64_t run = 1; run <= 2'000; ++run) {
    if (run == 1'000) before = tests::allocations();
    policy.begin_run(run);
    REQUIRE_FALSE(simulation.run(scenario, policy));
  }
  detail::race_listener = nullptr;
  CHECK(tests::allocations() == before);
  CHECK(listener.races > 1'000);
  CHECK(listener.silent == 2'000);  // it is told in every run: not all may count
}

TEST_CASE("races: calls that were asked for and cancelled leave nothing behind") {
  sim::Simulation simulation(Options{}.settings());
  detail::MonitorWitness witness({}, {.order = Severity::noted});
  witness.watch(simulation);
  sim::RandomWalk policy(1);
  std::size_t cancelled = 10;
  const sim::Scenario scenario = [&] { return asks_for_calls(cancelled); };
  std::size_t before = 0;
  for (std::uint64_t run = 1; run <= 101; ++run) {
    if (run == 101) {
      before = tests::allocations();
      cancelled = 1'000;
    }
    policy.begin_run(run);
    REQUIRE_FALSE(simulation.run(scenario, policy));
  }
  CHECK(tests::allocations() == before);
}

#endif
