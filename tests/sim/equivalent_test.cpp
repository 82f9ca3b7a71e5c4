#include <coweave/sim/causality/equivalent.hpp>

#include <coweave/bench/power/traced_programs.hpp>
#include <coweave/coweave.hpp>
#include <coweave/sim/causality/fingerprinting.hpp>
#include <coweave/sim/causality/order.hpp>
#include <coweave/sim/policies/policy_name.hpp>

#include <doctest/doctest.h>

#include <cstdint>

using namespace coweave;
using namespace coweave::traced;
using sim::Equivalent;

namespace {

/// What a run of a schedule is like.
struct Seen {
  sim::Order order;
  std::uint64_t preemptions;
  std::uint64_t fingerprint;
  sim::Schedule schedule;
};

class Program {
 public:
  explicit Program(sim::Scenario scenario)
      : scenario_(std::move(scenario)),
        simulation_(Options{.scheduling_points = SchedulingPoints::accesses}.settings()) {}

  Seen run(sim::Policy& policy) {
    sim::TakeDownOrder take_down(policy);
    sim::Fingerprinting look(take_down);
    look.begin_run(1);
    REQUIRE(simulation_.run(scenario_, look) == nullptr);
    return {take_down.order(), sim::preemptions(take_down.order()), look.fingerprint(),
            simulation_.schedule()};
  }

 private:
  sim::Scenario scenario_;
  sim::Simulation simulation_;
};

}  // namespace

TEST_CASE("equivalent: only independent steps change places, and a second time nothing does") {
  const sim::Scenario scenarios[] = {program(0, 4, 1, read_or_write), program(0, 3, 2, bump_each<2>),
                                     program(0, 3, 1, write_under_lock), program(0, 4, 4, last_zero<3>)};
  for (const sim::Scenario& scenario : scenarios) {
    Program of(scenario);
    bool changed = false;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      const auto random = sim::make_policy("random", seed);
      const Seen found = of.run(*random);
      for (const auto prefers : {Equivalent::Prefers::arrival, Equivalent::Prefers::staying}) {
        Equivalent once(found.order, prefers);
        const Seen simple = of.run(once);
        CHECK(simple.fingerprint == found.fingerprint);
        changed = changed || simple.schedule != found.schedule;
        Equivalent twice(simple.order, prefers);
        CHECK(of.run(twice).schedule == simple.schedule);
      }
    }
    CHECK(changed);
  }
}

TEST_CASE("equivalent: whoever stays is preempted less often, and who arrived first goes first") {
  Program of(program(0, 3, 3, bump_each<3>));
  std::uint64_t found_preemptions = 0;
  std::uint64_t preemptions = 0;
  std::size_t found_deviations = 0;
  std::size_t deviations = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const auto random = sim::make_policy("random", seed);
    const Seen found = of.run(*random);
    Equivalent staying(found.order, Equivalent::Prefers::staying);
    const Seen straight = of.run(staying);
    Equivalent arrival(found.order, Equivalent::Prefers::arrival);
    found_preemptions += found.preemptions;
    preemptions += straight.preemptions;
    found_deviations += sim::deviations(found.schedule);
    deviations += sim::deviations(of.run(arrival).schedule);
  }
  CHECK(preemptions * 4 < found_preemptions * 3);
  CHECK(deviations < found_deviations);
}
