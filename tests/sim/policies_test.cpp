#include <coweave/coweave.hpp>
#include <coweave/sim/policies/pct.hpp>
#include <coweave/sim/policies/policy_name.hpp>
#include <coweave/sim/policies/unhurried.hpp>
#include <coweave/sim/search/bounded_search.hpp>
#include <coweave/sim/search/delay_bound.hpp>
#include <coweave/sim/search/preemptions.hpp>
#include <coweave/tests/sim/search_programs.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <vector>

using namespace coweave;
using traces::VerdictKind;

namespace {

constexpr const char* all_policies[] = {
    "random",  "random:stay=80", "pct:3", "pos",  "urw",       "surw",         "rf",
    "delay:2", "portfolio",      "dfs",   "dpor", "preempt:2", "delay-bound:2"};

constexpr SchedulingPoints all_points[] = {SchedulingPoints::suspensions, SchedulingPoints::awaits,
                                           SchedulingPoints::accesses};

sim::Simulation with_accesses() {
  return sim::Simulation(Options{.scheduling_points = SchedulingPoints::accesses}.settings());
}

/// Each of two tasks uses one variable five times; the log says who did.
Coro<void> use(Shared<std::vector<int>>& log, int who, int times) {
  for (int time = 0; time < times; ++time) {
    auto append = [who](std::vector<int>& uses) { uses.push_back(who); };
    co_await log.update(append);
  }
}

sim::Scenario uses(std::vector<int>& seen, std::vector<int> times) {
  return [&seen, times]() -> Coro<void> {
    Shared<std::vector<int>> log;
    std::vector<Task<>> tasks;
    for (std::size_t who = 0; who < times.size(); ++who)
      tasks.push_back(create_task(use(log, static_cast<int>(who), times[who])));
    for (Task<>& task : tasks) co_await task;
    seen = log.unobserved();
  };
}

/// How often each order of the uses came, in `runs` runs.
std::map<std::vector<int>, int> orders(const std::string& policy, const std::vector<int>& times,
                                       std::uint64_t runs) {
  std::map<std::vector<int>, int> counts;
  std::vector<int> seen;
  const sim::Scenario scenario = uses(seen, times);
  sim::Simulation simulation = with_accesses();
  const std::unique_ptr<sim::Policy> decides = sim::make_policy(policy, 7);
  for (std::uint64_t run = 1; run <= runs && decides->begin_run(run); ++run) {
    REQUIRE(simulation.run(scenario, *decides) == nullptr);
    ++counts[seen];
  }
  return counts;
}

double deviation_from_even(const std::map<std::vector<int>, int>& counts, double expected) {
  double sum = 0;
  for (const auto& [order, count] : counts) sum += std::pow(count - expected, 2);
  return std::sqrt(sum / static_cast<double>(counts.size()));
}

/// Moves a counter on from each of `places`, if it is there.
Coro<void> step_through(Shared<int>& next, std::vector<int> places, int& passed) {
  for (const int place : places) {
    auto advance = [place](int& at) { at = at == place ? at + 1 : at; };
    co_await next.update(advance);
  }
  ++passed;
}

/// Fails if the counter comes to `depth` + 1: the tasks take turns at moving it, which takes `depth` ordering
/// constraints.
sim::Scenario bug_of_depth(int depth) {
  return [depth]() -> Coro<void> {
    Shared<int> next(0);
    int passed = 0;
    std::vector<int> even;
    std::vector<int> odd;
    for (int place = 0; place <= depth; ++place) (place % 2 == 0 ? odd : even).push_back(place);
    const auto one = create_task(step_through(next, even, passed));
    const auto two = create_task(step_through(next, odd, passed));
    co_await one;
    co_await two;
    COWEAVE_REQUIRE(next.unobserved() <= depth);
  };
}

}  // namespace

TEST_CASE("policies: urw samples all 252 orders of two tasks with five steps equally often") {
  std::map<std::vector<int>, int> counts;
  std::vector<int> seen;
  const auto scenario = [&seen]() -> Coro<void> {
    seen.clear();
    auto five_steps = [](std::vector<int>& log, int who) -> Coro<void> {
      for (int step = 0; step < 5; ++step) {
        if (step > 0) co_await sleep(std::chrono::seconds(0));
        log.push_back(who);
      }
    };
    const auto one = create_task(five_steps(seen, 1));
    const auto two = create_task(five_steps(seen, 2));
    co_await one;
    co_await two;
  };
  sim::Simulation simulation(Options{}.settings());
  const std::unique_ptr<sim::Policy> policy = sim::make_policy("urw", 7);
  for (std::uint64_t run = 1; run <= 25'200; ++run) {
    policy->begin_run(run);
    REQUIRE(simulation.run(scenario, *policy) == nullptr);
    ++counts[seen];
  }
  CHECK(counts.size() == 252);
  CHECK(deviation_from_even(counts, 100) < 12);  // pure chance: 10
}

TEST_CASE("policies: surw samples the orders of the uses of the one object equally often") {
  const auto counts = orders("surw", {5, 5}, 25'200);
  CHECK(counts.size() == 252);
  CHECK(deviation_from_even(counts, 100) < 12);
}

TEST_CASE("policies: the random walk does not") {
  const auto counts = orders("random", {5, 5}, 25'200);
  CHECK(deviation_from_even(counts, 100) > 50);
}

TEST_CASE("policies: urw delays a short task behind a long one, which the random walk never does") {
  std::vector<int> last(25, 1);
  last.push_back(0);
  CHECK(orders("random", {1, 25}, 10'000).count(last) == 0);
  CHECK(orders("urw", {1, 25}, 1'000).count(last) == 1);
}

TEST_CASE("policies: pct keeps its promise for bugs of depth 1 to 3") {
  for (const int depth : {1, 2, 3}) {
    const sim::Scenario scenario = bug_of_depth(depth);
    sim::Simulation simulation = with_accesses();
    sim::Pct policy(3, static_cast<std::uint32_t>(depth));
    constexpr std::uint64_t runs = 20'000;
    std::uint64_t failed = 0;
    for (std::uint64_t run = 1; run <= runs; ++run) {
      policy.begin_run(run);
      failed += simulation.run(scenario, policy) ? 1U : 0U;
    }
    const double actors = 3;  // the two, and the one that made them
    const double promised = 1 / (actors * std::pow(policy.choices_max(), depth - 1));
    CHECK(static_cast<double>(failed) / static_cast<double>(runs) >= promised);
  }
}

TEST_CASE("policies: preempt tries all schedules with few preemptions, and each once") {
  const auto few = orders("preempt:1", {2, 2}, 10'000);
  const auto all = orders("preempt:100", {2, 2}, 100'000);
  CHECK(few.size() == 4);  // 0011, 1100, 0110, 1001
  CHECK(all.size() == 6);
  // The same schedule never comes twice.
  std::vector<int> seen;
  const sim::Scenario scenario = uses(seen, {2, 1});
  sim::Simulation simulation = with_accesses();
  sim::Preemptions policy(100);
  std::set<std::vector<std::uint32_t>> schedules;
  std::uint64_t runs = 0;
  while (policy.begin_run(++runs)) {
    REQUIRE(simulation.run(scenario, policy) == nullptr);
    std::vector<std::uint32_t> taken;
    for (const sim::Choice& choice : simulation.schedule()) taken.push_back(choice.taken);
    schedules.insert(taken);
  }
  CHECK(schedules.size() == runs - 1);
  const std::unique_ptr<sim::Policy> every = sim::make_policy("dfs", 1);
  std::uint64_t all_runs = 0;
  while (every->begin_run(all_runs + 1)) {
    ++all_runs;
    simulation.run(scenario, *every);
  }
  CHECK(all_runs == runs - 1);
}

TEST_CASE("policies: delay-bound tries all schedules with few delays, fewest first and each once") {
  // By hand: what each choice of dfs costs, over all schedules that there are.
  class Counting final : public sim::Policy {
   public:
    [[nodiscard]] std::string_view name() const override { return "counting"; }
    bool begin_run(std::uint64_t run) override {
      delays = last_ = 0;
      return search_.begin_run(run);
    }
    [[nodiscard]] bool looks_closely() const noexcept override { return true; }
    std::uint32_t pick(const sim::ChoicePoint& point) override {
      const std::uint32_t taken = search_.pick(point);
      for (std::uint32_t place = 0; place < point.options; ++place)
        delays += sim::option_at(point, last_, place) == taken ? place : 0;
      return taken;
    }
    void stepped(const sim::Step& step) override { last_ = step.taken.actor; }
    void end_run(std::span<const sim::Choice> schedule) override { search_.end_run(schedule); }
    std::uint32_t delays = 0;

   private:
    sim::BoundedSearch search_;
    std::uint32_t last_ = 0;
  };
  std::vector<int> seen;
  const sim::Scenario scenario = uses(seen, {2, 1, 1});
  sim::Simulation simulation = with_accesses();
  Counting every;
  std::map<std::vector<std::uint32_t>, std::uint32_t> cost_of;
  const auto taken = [&] {
    std::vector<std::uint32_t> options;
    for (const sim::Choice& choice : simulation.schedule()) options.push_back(choice.taken);
    return options;
  };
  for (std::uint64_t run = 1; every.begin_run(run); ++run) {
    REQUIRE(simulation.run(scenario, every) == nullptr);
    cost_of[taken()] = every.delays;
  }
  for (const std::uint32_t bound : {0U, 1U, 2U, 3U, 1'000U}) {
    sim::DelayBound policy(bound);
    std::set<std::vector<std::uint32_t>> schedules;
    std::uint32_t cost = 0;
    std::uint64_t runs = 0;
    while (policy.begin_run(runs + 1)) {
      ++runs;
      REQUIRE(simulation.run(scenario, policy) == nullptr);
      schedules.insert(taken());
      CHECK(cost_of.at(taken()) >= cost);
      cost = cost_of.at(taken());
    }
    CHECK(schedules.size() == runs);
    const auto few = std::count_if(cost_of.begin(), cost_of.end(),
                                   [&](const auto& schedule) { return schedule.second <= bound; });
    CHECK(runs == static_cast<std::uint64_t>(few));
  }
}

TEST_CASE("policies: the same seed gives the same schedules, and another seed others") {
  std::vector<int> seen;
  const sim::Scenario scenario = uses(seen, {3, 4, 2});
  const auto schedules = [&](const char* name, std::uint64_t seed) {
    sim::Simulation simulation = with_accesses();
    const std::unique_ptr<sim::Policy> policy = sim::make_policy(name, seed);
    std::vector<sim::Schedule> all;
    for (std::uint64_t run = 1; run <= 20 && policy->begin_run(run); ++run) {
      simulation.run(scenario, *policy);
      all.push_back(simulation.schedule());
    }
    return all;
  };
  for (const char* name : all_policies) {
    CAPTURE(name);
    CHECK(schedules(name, 1) == schedules(name, 1));
    const bool systematic = std::string_view(name) == "dfs" || std::string_view(name) == "dpor" ||
                            std::string_view(name).starts_with("preempt") ||
                            std::string_view(name).starts_with("delay-bound");
    CHECK((schedules(name, 1) == schedules(name, 2)) == systematic);
  }
}

TEST_CASE("policies: what a run after the learning ones does depends on no other run but those") {
  // How long the tasks are is drawn, so every further run would teach something.
  const auto scenario = []() -> Coro<void> {
    Shared<int> one(0);
    Shared<int> two(0);
    auto work = [](Shared<int>& reads, Shared<int>& writes) -> Coro<void> {
      const std::uint64_t rounds = 1 + sim::random(20, "rounds") * sim::random(20, "times");
      for (std::uint64_t round = 0; round < rounds; ++round) co_await writes.write(1 + co_await reads.read());
    };
    std::vector<Task<>> tasks;
    for (int task = 0; task < 2; ++task) tasks.push_back(co_await spawn(work(one, two)));
    for (int task = 0; task < 2; ++task) tasks.push_back(co_await spawn(work(two, one)));
    for (Task<>& task : tasks) co_await task;
  };
  for (const char* name : all_policies) {
    CAPTURE(name);
    const std::string_view policy = name;
    const bool systematic = policy == "dfs" || policy == "dpor" ||
                            (policy.starts_with("preempt") || policy.starts_with("delay-bound"));
    CHECK(sim::make_policy(name, 5)->sampled() == !systematic);
    if (systematic) continue;
    constexpr std::uint64_t all = 2 * sim::Policy::learning_runs + 50;
    const auto schedules = [&](const std::vector<std::uint64_t>& runs) {
      sim::Simulation simulation = with_accesses();
      const std::unique_ptr<sim::Policy> decides = sim::make_policy(name, 5);
      std::map<std::uint64_t, sim::Schedule> made;
      for (const std::uint64_t run : runs) {
        decides->begin_run(run);
        REQUIRE(simulation.run(scenario, *decides) == nullptr);
        made[run] = simulation.schedule();
      }
      return made;
    };
    std::vector<std::uint64_t> runs(all);
    std::iota(runs.begin(), runs.end(), 1);
    const auto expected = schedules(runs);
    runs.resize(sim::Policy::learning_runs);
    for (std::uint64_t run = all; run > all - 14; --run) runs.push_back(run);
    for (const auto& [run, schedule] : schedules(runs)) CHECK(schedule == expected.at(run));
  }
}

TEST_CASE("policies: rf finds an unlikely flow of data, however many tasks there are") {
  const auto scenario = []() -> Coro<void> {
    Shared<int> first(0);
    Shared<int> second(0);
    auto set = [](Shared<int>& one, Shared<int>& two) -> Coro<void> {
      co_await one.write(1);
      co_await two.write(1);
    };
    auto check = [](Shared<int>& one, Shared<int>& two) -> Coro<void> {
      const int seen = co_await one.read();
      const int later = co_await two.read();
      COWEAVE_REQUIRE(seen == later);
    };
    std::vector<Task<>> tasks;
    for (int task = 0; task < 30; ++task) tasks.push_back(co_await spawn(set(first, second)));
    tasks.push_back(co_await spawn(check(first, second)));
    for (Task<>& task : tasks) co_await task;
  };
  const auto finds = [&](const char* policy, std::uint64_t seed) {
    return !explore(scenario, {.name = "flow",
                               .policy = policy,
                               .seed = seed,
                               .runs = 60,
                               .scheduling_points = SchedulingPoints::accesses,
                               .shrink_time_max = std::chrono::seconds(0)})
                .passed();
  };
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
    CHECK(finds("rf", seed));
    CHECK_FALSE(finds("pos", seed));
  }
}

TEST_CASE("policies: each finds a lost update, whatever the scheduling points") {
  const auto scenario = []() -> Coro<void> {
    Shared<int> counter(0);
    auto increment = [](Shared<int>& shared) -> Coro<void> {
      const int before = co_await shared.read();
      co_await sleep(std::chrono::seconds(0));
      co_await shared.write(before + 1);
    };
    const auto one = create_task(increment(counter));
    const auto two = create_task(increment(counter));
    co_await one;
    co_await two;
    COWEAVE_REQUIRE(counter.unobserved() == 2);
  };
  for (const char* name : all_policies) {
    for (const SchedulingPoints points : all_points) {
      CAPTURE(name);
      const Exploration found =
          explore(scenario, {.name = "lost update", .policy = name, .scheduling_points = points});
      REQUIRE(found.finding);
      CHECK(found.finding->trace.verdict.kind == VerdictKind::assertion);
    }
  }
}

TEST_CASE("policies: none lets a task spin for ever") {
  const auto scenario = []() -> Coro<void> {
    Shared<bool> ready(false);
    auto spin = [](Shared<bool>& flag) -> Coro<void> {
      for (bool seen = false; !seen;) {
        seen = co_await flag.read();
        co_await sleep(std::chrono::seconds(0));
      }
    };
    auto raise = [](Shared<bool>& flag) -> Coro<void> { co_await flag.write(true); };
    const auto one = create_task(spin(ready));
    const auto two = create_task(raise(ready));
    co_await one;
    co_await two;
  };
  for (const char* name : all_policies) {
    const std::string_view policy = name;
    if (policy == "dfs" || policy == "dpor" ||
        (policy.starts_with("preempt") || policy.starts_with("delay-bound")))
      continue;  // they try that schedule too: to sleep is to suspend
    for (const SchedulingPoints points : all_points) {
      const Exploration explored =
          explore(scenario, {.name = "spin", .policy = name, .runs = 200, .scheduling_points = points});
      CHECK_MESSAGE(explored.passed(), explored.report());
    }
  }
}

TEST_CASE("policies: who holds a spin lock is not kept from going on for ever") {
  // With exact draws the holder now and then has a priority that the spinning task would not fall below in
  // 100,000 steps.
  const auto scenario = []() -> Coro<void> {
    Shared<bool> taken(false);
    Shared<int> count(0);
    auto add = [](Shared<bool>& lock, Shared<int>& number) -> Coro<void> {
      for (bool was_taken = true; was_taken;) was_taken = co_await lock.exchange(true);
      const int before = co_await number.read();
      co_await number.write(before + 1);
      co_await lock.write(false);
    };
    const auto one = co_await spawn(add(taken, count));
    const auto two = co_await spawn(add(taken, count));
    co_await one;
    co_await two;
  };
  for (const char* policy : {"pos", "rf"}) {
    const Exploration explored = explore(
        scenario,
        {.name = "spin", .policy = policy, .runs = 5'000, .scheduling_points = SchedulingPoints::accesses});
    CHECK_MESSAGE(explored.passed(), explored.report());
  }
}

TEST_CASE("policies: a task that spins without suspending does not go on for ever under bounds") {
  for (const char* policy : {"preempt:0", "preempt:1", "delay-bound:0", "delay-bound:1"}) {
    const Exploration explored = explore(
        tests::spins,
        {.name = "spin", .policy = policy, .runs = 2'000, .scheduling_points = SchedulingPoints::accesses});
    CHECK_MESSAGE(explored.passed(), explored.report());
    CHECK(!explored.exhausted);  // it has lost its patience
    CHECK(explored.report().find("every schedule") == std::string::npos);
    const auto says = [&](const char* what) {
      return std::any_of(explored.notes.begin(), explored.notes.end(),
                         [&](const std::string& note) { return note.starts_with(what); });
    };
    CHECK(says("the search came to its end, but left something out"));
    CHECK(says("a task that was picked 1,000 times in a row did not count as going on after that"));
  }
}

TEST_CASE("policies: under bounds a task does not spin for ever because it draws numbers or may fail") {
  for (const bool draws : {false, true}) {
    const auto scenario = [draws]() -> Coro<void> {
      Shared<bool> ready(false);
      auto spin = [draws](Shared<bool>& flag) -> Coro<void> {
        while (!co_await flag.read()) {
          if (draws) {
            sim::random(2);
          } else if (fault("disk")) {
            co_return;
          }
        }
      };
      auto raise = [](Shared<bool>& flag) -> Coro<void> { co_await flag.write(true); };
      const auto one = create_task(spin(ready));
      const auto two = create_task(raise(ready));
      co_await one;
      co_await two;
    };
    for (const char* policy : {"preempt:0", "preempt:1", "delay-bound:0", "delay-bound:1"}) {
      const Exploration explored = explore(
          scenario,
          {.name = "spin", .policy = policy, .runs = 30, .scheduling_points = SchedulingPoints::accesses});
      CHECK_MESSAGE(explored.passed(), explored.report());
    }
  }
}

TEST_CASE("policies: a bounded search that came to its end says what it covers") {
  std::vector<int> seen;
  const sim::Scenario scenario = uses(seen, {2, 2});
  const auto first_line = [&](const char* policy, std::uint64_t runs) {
    const std::string report =
        explore(
            scenario,
            {.name = "uses", .policy = policy, .runs = runs, .scheduling_points = SchedulingPoints::accesses})
            .report();
    return report.substr(0, report.find('\n'));
  };
  const auto covers = [&](const char* policy, const std::string& what) {
    CAPTURE(policy);
    return first_line(policy, 10'000).ends_with(" steps, every schedule " + what);
  };
  CHECK(covers("preempt:2", "with at most 2 preemptions"));
  CHECK(covers("preempt:1", "with at most 1 preemption"));
  CHECK(covers("delay-bound:0", "without delays"));
  CHECK(first_line("preempt:2", 3).find("every schedule") == std::string::npos);
}

TEST_CASE("policies: a name says which, and a wrong one is told what is wrong with it") {
  for (const char* name : all_policies) CHECK_NOTHROW(static_cast<void>(sim::make_policy(name, 1)));
  CHECK(sim::make_policy("pct", 1)->name() == "pct:3");
  CHECK(sim::make_policy("delay:5", 1)->name() == "delay:5");
  CHECK(sim::make_policy("random:stay=0", 1)->name() == "random");
  const auto refusal = [](const char* name) {
    try {
      static_cast<void>(sim::make_policy(name, 1));
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(refusal("pct:x") == "policy 'pct:x' is wrong: pct takes a whole number from 1 to 1000, got 'x'");
  CHECK(refusal("pct:") == "policy 'pct:' is wrong: pct takes a whole number from 1 to 1000, got ''");
  CHECK(refusal("pct:0").find("from 1 to 1000") != std::string::npos);
  CHECK(refusal("pct:3:4").find("got '3:4'") != std::string::npos);
  CHECK(refusal("pct:99999999999").find("from 1 to 1000") != std::string::npos);
  CHECK(refusal("pos:3") == "policy 'pos:3' is wrong: pos takes nothing; write pos");
  CHECK(refusal("random:90") ==
        "policy 'random:90' is wrong: random takes stay=N, N being a whole number from 0 to 99, got '90'");
  CHECK(refusal("Surw").starts_with("no policy is called 'Surw'; there are: random[:stay=percent], "));
}
