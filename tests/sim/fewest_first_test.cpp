#include <coweave/sim/search/fewest_first.hpp>

#include <coweave/bench/power/traced_programs.hpp>
#include <coweave/coweave.hpp>
#include <coweave/sim/random.hpp>
#include <coweave/sim/search/delay_bound.hpp>
#include <coweave/sim/search/preemptions.hpp>
#include <coweave/tests/sim/by_hand.hpp>
#include <coweave/tests/sim/search_programs.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace coweave;
using namespace coweave::traced;
using tests::Taken;

namespace {

sim::Simulation with(SchedulingPoints points) {
  Options options{.scheduling_points = points};
  options.cancellations_max = 2;
  return sim::Simulation(options.settings());
}

std::unique_ptr<sim::FewestFirst> search_for(bool counts_delays, std::uint32_t cost_max,
                                             std::size_t room = sim::KeptRuns::bytes_max) {
  if (counts_delays) return std::make_unique<sim::DelayBound>(cost_max, room);
  return std::make_unique<sim::Preemptions>(cost_max, room);
}

struct Searched {
  std::vector<Taken> runs;
  std::vector<std::uint32_t> costs;
  bool covers_all = false;  // it has come to its end, and says so
};

Searched searched(const sim::Scenario& scenario, SchedulingPoints points, sim::FewestFirst& policy,
                  std::size_t runs_max = SIZE_MAX) {
  sim::Simulation simulation = with(points);
  Searched all;
  while (all.runs.size() < runs_max) {
    if (!policy.begin_run(all.runs.size() + 1)) {
      all.covers_all = policy.covers_all();
      break;
    }
    all.costs.push_back(policy.cost());
    simulation.run(scenario, policy);
    Taken& taken = all.runs.emplace_back();
    for (const sim::Choice& choice : simulation.schedule()) taken.push_back(choice.taken);
  }
  return all;
}

void check_order(const sim::Scenario& scenario, SchedulingPoints points, std::size_t runs_max = 2'000) {
  for (const bool counts_delays : {false, true}) {
    for (const std::uint32_t cost_max : {0U, 1U, 2U, 3U, 20U}) {
      const std::unique_ptr<sim::FewestFirst> policy = search_for(counts_delays, cost_max);
      INFO(std::string(policy->name()));
      const Searched found = searched(scenario, points, *policy, runs_max);
      sim::Simulation simulation = with(points);
      const tests::Enumeration expected(scenario, simulation, counts_delays, cost_max, runs_max);
      CHECK(found.runs == expected.runs());
      CHECK(found.costs == expected.costs());
    }
  }
}

/// The same, but the task that spins draws numbers about the time when patience with it ends.
Coro<void> spins_and_draws() {
  Shared<bool> ready(false);
  auto spin = [](Shared<bool>& flag) -> Coro<void> {
    for (int polls = 0; !co_await flag.read(); ++polls) {
      if (polls > 995 && polls < 1'001) sim::random(2);
    }
  };
  auto raise = [](Shared<bool>& flag) -> Coro<void> { co_await flag.write(true); };
  const auto one = create_task(spin(ready));
  const auto two = create_task(raise(ready));
  co_await one;
  co_await two;
}

/// `tasks` tasks that each look at a variable `times` times.
sim::Scenario readers(int tasks, int times) {
  return [tasks, times]() -> Coro<void> {
    Shared<int> value(0);
    auto body = [](Shared<int>& shared, int count) -> Coro<void> {
      for (int time = 0; time < count; ++time) co_await shared.read();
    };
    std::vector<Task<>> all;
    for (int task = 0; task < tasks; ++task) all.push_back(create_task(body(value, times)));
    for (const Task<>& task : all) co_await task;
  };
}

}  // namespace

TEST_CASE("fewest first: schedules come level by level, and each level in the order in which it was found") {
  const auto accesses = SchedulingPoints::accesses;
  check_order(program(0, 4, 1, read_or_write), accesses);
  check_order(program(0, 3, 2, write_two_under_lock), accesses);
  check_order(tests::draws_and_cancels, accesses);
  check_order(tests::draws_and_cancels, SchedulingPoints::suspensions);
  check_order(readers(3, 3), SchedulingPoints::awaits);
}

TEST_CASE("fewest first: so they do where the search loses its patience with a task") {
  check_order(tests::spins, SchedulingPoints::accesses, 60);
  // What it draws before the next choice does not make it wait its turn again.
  check_order(spins_and_draws, SchedulingPoints::accesses, 60);
}

TEST_CASE("fewest first: options and choices of any size are kept") {
  // A choice among 300, and one of which the 200th option costs nothing.
  const auto many = []() -> Coro<void> {
    Shared<int> value(0);
    auto write = [](Shared<int>& shared) -> Coro<void> { co_await shared.write(1); };
    std::vector<Task<>> all;
    for (int task = 0; task < 300; ++task) all.push_back(create_task(write(value)));
    for (const Task<>& task : all) co_await task;
  };
  check_order(many, SchedulingPoints::accesses, 40);
  const std::vector<sim::Decision> run{{200, 300, sim::Others::ranked},
                                       {70'000, 70'001, sim::Others::closed},
                                       {5, 20'000, sim::Others::one},
                                       {0, 300, sim::Others::free}};
  const auto one = [](std::uint32_t, std::uint32_t) -> std::uint32_t { return 1; };
  for (std::uint32_t options = 2; options < 20'000; options += options / 16 + 1) {
    const std::vector<sim::Decision> same(3, {options - 1, options, sim::Others::one});
    const sim::Stem three = sim::stem_of_dearer(same, 0, 0, one);
    CHECK(sim::Beginnings(three, 1, one).count() == 3 * std::uint64_t{options - 1});
  }
  const sim::Stem stem = sim::stem_of_dearer(run, 0, 4, one);
  CHECK(sim::Beginnings(stem, 1, one).count() == 299 + 19'999);
  sim::Beginnings all(stem, 1, one);
  for (int number = 0; number < 299 + 19'999; ++number) REQUIRE(all.next());
  std::vector<sim::Decision> last;
  all.copy_to(last);
  REQUIRE(last.size() == 3);
  CHECK(last[0].taken == 200);
  CHECK(last[1].taken == 70'000);
  CHECK(last[2].taken == 19'999);
  CHECK(!all.next());
}

TEST_CASE("fewest first: beginnings are counted and passed over as they come one by one") {
  const auto rank = [](std::uint32_t base, std::uint32_t option) -> std::uint32_t {
    return option < base ? option + 1 : option == base ? 0 : option;
  };
  sim::Random random(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<sim::Decision> run(1 + random.below(8));
    for (sim::Decision& decision : run) {
      const std::uint32_t options = 2 + random.below(4);
      decision = {random.below(options), options, static_cast<sim::Others>(random.below(4))};
    }
    const auto own = random.below(static_cast<std::uint32_t>(run.size()));
    for (const std::uint32_t more : {0U, 1U, 2U}) {
      const sim::Stem stem =
          more == 0 ? sim::stem_of_free(run, own, 0) : sim::stem_of_dearer(run, own, 0, rank);
      const auto at = [](const sim::Beginnings& beginnings) {
        std::vector<sim::Decision> decisions;
        beginnings.copy_to(decisions);
        Taken taken;
        for (const sim::Decision& decision : decisions) taken.push_back(decision.taken);
        return taken;
      };
      std::vector<Taken> one_by_one;
      for (sim::Beginnings all(stem, more, rank); all.next();) one_by_one.push_back(at(all));
      CHECK(sim::Beginnings(stem, more, rank).count() == one_by_one.size());
      sim::Beginnings passing(stem, more, rank);
      std::size_t place = 0;
      for (std::uint32_t between = random.below(4); passing.next(between); between = random.below(4)) {
        place += between;
        REQUIRE(place < one_by_one.size());
        CHECK(at(passing) == one_by_one[place++]);
      }
    }
  }
  const std::vector<sim::Decision> draws(3, {1, 16'000'000, sim::Others::free});
  const sim::Stem many = sim::stem_of_free(draws, 0, 0);
  CHECK(sim::Beginnings(many, 0, rank).count() == std::uint64_t{3} * 15'999'998);
  sim::Beginnings passing(many, 0, rank);
  CHECK(passing.next(2 * std::uint64_t{15'999'998}));
  std::vector<sim::Decision> first;
  passing.copy_to(first);
  REQUIRE(first.size() == 1);
  CHECK(first[0].taken == 2);
  CHECK(passing.next(15'999'996));
  CHECK(!passing.next());
}

TEST_CASE("fewest first: what is kept grows with the length of a run, and not with its square") {
  const auto kept_after = [](int times) {
    sim::Preemptions policy(1);
    searched(readers(4, times), SchedulingPoints::accesses, policy, 50);
    return policy.kept_bytes();
  };
  const std::size_t shorter = kept_after(500);
  CHECK(shorter > 0);
  CHECK(kept_after(1'000) < 2 * shorter + 1'000);
}

TEST_CASE("fewest first: without room for more it tries what it has kept, and says what it left out") {
  const sim::Scenario scenario = program(0, 4, 1, read_or_write);
  const auto accesses = SchedulingPoints::accesses;
  for (const bool counts_delays : {false, true}) {
    const std::unique_ptr<sim::FewestFirst> roomy = search_for(counts_delays, 3);
    const Searched all = searched(scenario, accesses, *roomy);
    CHECK(all.covers_all);
    CHECK(roomy->dropped().empty());
    // There is room until some runs that cost one are kept.
    const auto cheap = static_cast<std::size_t>(std::count(all.costs.begin(), all.costs.end(), 0U) +
                                                std::count(all.costs.begin(), all.costs.end(), 1U));
    const std::unique_ptr<sim::FewestFirst> until_then = search_for(counts_delays, 3);
    searched(scenario, accesses, *until_then, cheap);
    const std::size_t room = until_then->kept_bytes() * 3 / 4;
    const std::unique_ptr<sim::FewestFirst> narrow = search_for(counts_delays, 3, room);
    const Searched some = searched(scenario, accesses, *narrow);
    INFO(std::string(narrow->name()));
    CHECK(narrow->kept_bytes() <= room);
    CHECK(!some.covers_all);
    CHECK(narrow->dropped() ==
          "there was no room to keep more for later: of the schedules with more than 1 " +
              std::string(counts_delays ? "delay" : "preemption") + " only some were tried");
    // All of those that cost at most one, and of the others some, in their order.
    CHECK(some.runs.size() < all.runs.size());
    REQUIRE(some.runs.size() > cheap);
    CHECK(std::equal(some.runs.begin(), some.runs.begin() + static_cast<std::ptrdiff_t>(cheap),
                     all.runs.begin()));
    auto place = all.runs.begin();
    for (const Taken& run : some.runs) {
      place = std::find(place, all.runs.end(), run);
      REQUIRE(place != all.runs.end());
    }
  }
}
