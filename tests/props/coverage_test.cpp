#include <coweave/bench/power/traced_programs.hpp>
#include <coweave/coweave.hpp>
#include <coweave/props/coverage/census.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

Coro<void> write(Shared<int>& value, int steps) {
  for (int count = 0; count < steps; ++count) co_await value.write(count);
}

/// `tasks` tasks that write a variable of their own, or one that they share, `steps` times.
sim::Scenario writers(int tasks, int steps, bool shared) {
  return [=]() -> Coro<void> {
    std::deque<Shared<int>> values;
    for (int task = 0; task < (shared ? 1 : tasks); ++task) values.emplace_back(0);
    std::vector<Task<void>> running;
    for (int task = 0; task < tasks; ++task)
      running.push_back(create_task(write(values[shared ? 0 : static_cast<std::size_t>(task)], steps)));
    for (const Task<void>& task : running) co_await task;
  };
}

Coverage covered(const sim::Scenario& scenario, const std::string& policy, std::uint64_t runs) {
  const Exploration result = explore(
      scenario,
      {.name = "writers", .policy = policy, .runs = runs, .scheduling_points = SchedulingPoints::accesses});
  REQUIRE(result.passed());
  return result.coverage;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("coverage: tasks that share nothing have one order, those that share have all") {
  const Coverage apart = covered(writers(2, 2, false), "random", 500);
  CHECK(apart.distinct == 1);
  CHECK(apart.seen_once == 0);
  CHECK(apart.chance_of_new() == 0);
  // Two sequences of two writes each: 4! / (2! 2!) orders.
  CHECK(covered(writers(2, 2, true), "random", 500).distinct == 6);
}

TEST_CASE("coverage: the chance of something new falls as the orders are seen") {
  const Coverage early = covered(writers(3, 3, true), "random", 100);  // of 1,680 orders
  const Coverage late = covered(writers(3, 3, true), "random", 100'000);
  CHECK(early.chance_of_new() > 0.5);
  CHECK(late.chance_of_new() < 0.15);
  CHECK(late.distinct > 1'300);
  CHECK(late.distinct <= 1'680);
}

TEST_CASE("coverage: an order that was seen once is a seventh of the chance among seven runs") {
  Coverage coverage;
  coverage.looked_at = 7;
  coverage.seen_once = 1;
  CHECK(coverage.chance_of_new() == doctest::Approx(1.0 / 7));
  CHECK(Coverage{}.chance_of_new() == 1);
}

TEST_CASE("coverage: without a failure in n runs at most 3 of n fail") {
  CHECK(covered(writers(2, 1, true), "random", 300).chance_of_failure() == doctest::Approx(0.01));
  CHECK(covered(writers(2, 1, true), "dfs", 1'000).chance_of_failure() == 1);
}

TEST_CASE("coverage: the estimate of how many schedules there are comes near, and is exact in the end") {
  const Exploration whole = explore(writers(2, 3, true), {.name = "writers",
                                                          .policy = "dfs",
                                                          .runs = 1'000'000,
                                                          .scheduling_points = SchedulingPoints::accesses});
  REQUIRE(whole.exhausted);
  REQUIRE(whole.coverage.schedules_log10);
  const double all = std::log10(static_cast<double>(whole.runs));
  CHECK(*whole.coverage.schedules_log10 == doctest::Approx(all));
  const Coverage walked = covered(writers(2, 3, true), "random", 1'000);
  REQUIRE(walked.schedules_log10);
  CHECK(std::pow(10, *walked.schedules_log10 - all) == doctest::Approx(1).epsilon(0.1));
}

TEST_CASE("coverage: the estimate holds for runs whose chance is below any double") {
  // Two tasks of 2,000 steps each: far more than 10^308 schedules.
  for (const char* policy : {"random", "dfs"}) {
    const Exploration some = explore(
        writers(2, 2'000, true),
        {.name = "writers", .policy = policy, .runs = 20, .scheduling_points = SchedulingPoints::accesses});
    INFO(std::string(policy));
    REQUIRE(some.coverage.schedules_log10);
    CHECK(*some.coverage.schedules_log10 > 500);
    CHECK(*some.coverage.schedules_log10 < 4'000);
    CHECK(contains(some.report(), "there are about 10^"));
  }
}

TEST_CASE("coverage: dpor says how many runs it takes in all, once it knows something of them") {
  Options options{.name = "writers", .policy = "dpor", .scheduling_points = SchedulingPoints::accesses};
  const Exploration whole = explore(writers(4, 1, true), options);
  REQUIRE(whole.exhausted);
  CHECK(!whole.coverage.runs_log10);
  options.runs = whole.runs / 2;
  const Exploration half = explore(writers(4, 1, true), options);
  REQUIRE(half.coverage.runs_log10);
  const double times = std::pow(10, *half.coverage.runs_log10) / static_cast<double>(whole.runs);
  CHECK(times > 0.25);
  CHECK(times < 4);
  CHECK(contains(half.report(), "the search takes about "));
}

TEST_CASE("coverage: where dpor gives runs up they are among those that it says it takes") {
  // Published are 43 executions; it gives up more runs than that.
  const sim::Scenario scenario = traced::program(1, 5, 1, traced::swap_from_last);
  Options options{.name = "casrot", .policy = "dpor", .scheduling_points = SchedulingPoints::accesses};
  const Exploration whole = explore(scenario, options);
  REQUIRE(whole.exhausted);
  REQUIRE(whole.given_up > whole.runs / 2);
  options.runs = whole.runs - 1;  // all that is left is one run
  const Exploration most = explore(scenario, options);
  REQUIRE(most.coverage.runs_log10);
  CHECK(std::pow(10, *most.coverage.runs_log10) ==
        doctest::Approx(static_cast<double>(whole.runs)).epsilon(0.1));
}

TEST_CASE("coverage: of a search that left something out there is no estimate") {
  const auto scenario = []() -> Coro<void> {
    Shared<bool> ready(false);
    auto poll = [](Shared<bool>& flag) -> Coro<void> {
      for (bool seen = false; !seen;) {
        seen = co_await flag.read();
        co_await sleep(0s);
      }
    };
    auto set = [](Shared<bool>& flag) -> Coro<void> { co_await flag.write(true); };
    const auto one = create_task(poll(ready));
    const auto two = create_task(set(ready));
    co_await one;
    co_await two;
  };
  for (const char* policy : {"dfs", "dpor"}) {
    Options options{.name = "polls", .policy = policy, .scheduling_points = SchedulingPoints::accesses};
    const Exploration whole = explore(scenario, options);
    CHECK(!whole.exhausted);
    options.runs = whole.runs - 1;
    const Exploration most = explore(scenario, options);
    INFO(most.report());
    CHECK(!contains(most.report(), "estimated from these"));
  }
}

TEST_CASE("coverage: nor of one in which only a run that was given up left something out") {
  class Estimates final : public sim::Policy {
   public:
    [[nodiscard]] std::string_view name() const override { return "estimates"; }
    bool begin_run(std::uint64_t) override { return true; }
    std::uint32_t pick(const sim::ChoicePoint&) override { return 0; }
    [[nodiscard]] std::optional<double> runs_in_all() const override { return 10; }
  };
  const Estimates policy;
  detail::Census census;
  detail::RunRecord run;
  census.add(run, policy);
  run.gave_up = true;
  census.add(run, policy);
  CHECK(census.coverage(policy).runs_log10);
  run.left_out = true;
  census.add(run, policy);
  CHECK(!census.coverage(policy).runs_log10);
}

TEST_CASE("coverage: PCT says what its runs assure") {
  const Coverage coverage = covered(writers(2, 1, true), "pct:1", 100);
  CHECK(contains(coverage.assurance, "a bug of depth 1 is found in so many runs with a chance of at least "));
}

TEST_CASE(
    "coverage: PCT assures nothing of runs that are longer than those it learnt from, or draw numbers") {
  const auto now_and_then = [](bool draws) -> sim::Scenario {
    return [draws]() -> Coro<void> {
      static int run = 0;
      ++run;
      if (draws) sim::random(2, "n");
      auto give_way = [](int times) -> Coro<void> {
        for (int time = 0; time < times; ++time) co_await sleep(0s);
      };
      const bool is_long = !draws && run > 150;
      const auto one = create_task(give_way(is_long ? 9 : 3));
      const auto other = create_task(give_way(3));
      co_await one;
      co_await other;
    };
  };
  CHECK(covered(now_and_then(false), "pct:2", 200).assurance == "");
  CHECK(covered(now_and_then(true), "pct:2", 200).assurance == "");
}

TEST_CASE("coverage: the report of a search that found nothing tells it") {
  const Exploration result = explore(
      writers(2, 2, true), {.name = "writers", .runs = 500, .scheduling_points = SchedulingPoints::accesses});
  const std::string report = result.report();
  CHECK(contains(report, "6 different orders in the 500 runs looked at, with "));
  CHECK(contains(report, "each was seen more than once"));
  CHECK(contains(report, "a run fails with a chance below 0.6 %, with 95 % confidence"));
}
