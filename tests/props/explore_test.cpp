#include <coweave/coweave.hpp>
#include <coweave/props/property.hpp>
#include <coweave/sim/policies/policy_name.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;
using traces::VerdictKind;

namespace {

Coro<void> add(int& total, int value) {
  const int read = total;
  co_await sleep(0s);
  total = read + value;
}

/// Two tasks that lose an update in every order but one: the one that does not overlap.
Coro<void> lost_update() {
  int total = 0;
  const auto one = create_task(add(total, 1));
  const auto two = create_task(add(total, 2));
  co_await one;
  co_await two;
  COWEAVE_REQUIRE(total == 3);
}

int runs_of_an_unsteady_scenario = 0;

}  // namespace

TEST_CASE("explore: finds a lost update and shrinks it to asyncio's own order") {
  const Exploration result = explore(lost_update, {.name = "lost update"});
  REQUIRE(!result.passed());
  CHECK(result.finding->trace.verdict.kind == VerdictKind::assertion);
  CHECK(result.finding->deviations == 0);
  CHECK(result.finding->minimal);
}

TEST_CASE("explore: a finding replays to the same trace") {
  const Exploration found = explore(lost_update, {.name = "lost update"});
  REQUIRE(found.finding);
  const Exploration again = replay(lost_update, found.finding->trace);
  REQUIRE(again.finding);
  CHECK(again.finding->trace == found.finding->trace);
}

TEST_CASE("explore: the same seed finds the same, twice") {
  const Exploration one = explore(lost_update, {.name = "lost update", .seed = 9});
  const Exploration two = explore(lost_update, {.name = "lost update", .seed = 9});
  REQUIRE(one.finding);
  REQUIRE(two.finding);
  CHECK(one.finding->trace == two.finding->trace);
}

TEST_CASE("explore: exhaustive search comes to an end and says so") {
  const auto harmless = []() -> Coro<void> {
    int total = 0;
    const auto one = create_task(add(total, 1));
    co_await one;
    const auto two = create_task(add(total, 2));
    co_await two;
    COWEAVE_REQUIRE(total == 3);
  };
  const Exploration result = explore(harmless, {.name = "harmless", .policy = "exhaustive"});
  CHECK(result.passed());
  CHECK(result.exhausted);
}

TEST_CASE("explore: a scenario that depends on more than the schedule is nondeterministic") {
  const auto unsteady = []() -> Coro<void> {
    const int run = ++runs_of_an_unsteady_scenario;
    for (int count = 0; count < run; ++count) co_await sleep(0s);
  };
  const Exploration result = explore(unsteady, {.name = "unsteady"});
  REQUIRE(result.finding);
  CHECK(result.finding->trace.verdict.kind == VerdictKind::nondeterminism);
}

TEST_CASE("explore: a failure that does not come again under the same choices is nondeterministic") {
  int run = 0;
  const auto unsteady = [&run]() -> Coro<void> {
    ++run;
    co_await sleep(0s);
    COWEAVE_REQUIRE(run != 2);
  };
  const Exploration result = explore(unsteady, {.name = "unsteady"});
  REQUIRE(result.finding);
  CHECK(result.finding->trace.verdict.kind == VerdictKind::nondeterminism);
}

TEST_CASE("explore: a failure whose message is another the second time is nondeterministic") {
  int run = 0;
  const auto unsteady = [&run]() -> Coro<void> {
    co_await sleep(0s);
    throw ValueError("run " + std::to_string(++run));
  };
  const Exploration result = explore(unsteady, {.name = "unsteady"});
  REQUIRE(result.finding);
  const traces::Verdict& verdict = result.finding->trace.verdict;
  CHECK(verdict.kind == VerdictKind::nondeterminism);
  CHECK(
      verdict.message.find("the first time it failed (exception): coweave::ValueError: run 1, and the second "
                           "time it failed (exception): coweave::ValueError: run 2") != std::string::npos);
}

TEST_CASE("explore: a scenario that depends on the schedule alone is not nondeterministic") {
  const Exploration result = explore(lost_update, {.name = "steady", .policy = "fifo", .runs = 5});
  REQUIRE(result.finding);
  CHECK(result.finding->trace.verdict.kind == VerdictKind::assertion);
}

TEST_CASE("explore: the bound on wall time ends the search after a run, and the report says so") {
  const auto harmless = []() -> Coro<void> { co_await sleep(0s); };
  const Exploration result =
      explore(harmless, {.name = "harmless", .runs = 1'000'000'000'000, .wall_time_max = 20ms});
  CHECK(result.passed());
  CHECK(result.runs >= 1);
  CHECK(result.notes == std::vector<std::string>{"stopped at the bound on wall time, 20ms"});
  CHECK(result.report().ends_with("  note: stopped at the bound on wall time, 20ms\n"));
}

TEST_CASE("explore: what the time ended before any run came to its end has not passed, whoever did it") {
  const auto endless = []() -> Coro<void> {
    for (;;) co_await sleep(0s);
  };
  Options options{.name = "endless", .steps_max = 4'000'000'000};
  options.wall_time_max = 50ms;
  options.corpus = no_corpus;
  const std::string what =
      "stopped at the bound on wall time, 50ms: no run came to its end, so nothing is known";
  for (const std::uint32_t workers : {0U, 2U}) {
    options.workers = workers;
    const Exploration result = explore(endless, options);
    CHECK(!result.passed());
    CHECK(result.runs == 0);
    CHECK(result.report() == "FAILED: endless: " + what + "\n");
  }
  options.workers = 0;
  const Exploration result = property("endless", [&](int) { return endless(); }, options);
  CHECK(!result.passed());
  CHECK(result.unfinished == what);
}

TEST_CASE("explore: the time that is up within a later run does not undo those before it") {
  int runs = 0;
  const auto endless_at_last = [&runs]() -> Coro<void> {
    const bool endless = ++runs > 5;  // run 1, 2 and 4 are done twice
    do co_await sleep(0s);
    while (endless);
  };
  Options options{.name = "later", .steps_max = 4'000'000'000};
  options.wall_time_max = 1s;
  options.corpus = no_corpus;
  const Exploration result = explore(endless_at_last, options);
  CHECK(result.passed());
  CHECK(result.runs == 3);
  CHECK(result.notes == std::vector<std::string>{
                            "stopped at the bound on wall time, 1s, within run 4, which is not counted"});
}

TEST_CASE("explore: the bound on runs is kept exactly") {
  const auto harmless = []() -> Coro<void> { co_await sleep(0s); };
  CHECK(explore(harmless, {.name = "harmless", .runs = 17}).runs == 17);
}

TEST_CASE("explore: quick steps do not trouble the watchdog") {
  const auto harmless = []() -> Coro<void> {
    for (int count = 0; count < 100; ++count) co_await sleep(0s);
  };
  Options options{.name = "harmless", .runs = 1'000'000'000, .wall_time_max = 300ms};
  options.step_wall_time_max = 100ms;
  CHECK(explore(harmless, options).passed());
}

TEST_CASE("explore: shrinking keeps to its time, and says if it came to no end") {
  // Needs nine numbers out of thirty, so that all schedules with fewer deviations are too many to try.
  const auto scenario = []() -> Coro<void> {
    co_await sleep(0s);
    int drawn = 0;
    for (int count = 0; count < 30; ++count) drawn += sim::random(2) == 1 ? 1 : 0;
    COWEAVE_REQUIRE(drawn < 9);
  };
  Options options{.name = "hard to prove"};
  options.shrink_time_max = 50ms;
  const Exploration result = explore(scenario, options);
  REQUIRE(result.finding);
  CHECK(result.finding->deviations == 9);
  CHECK(!result.finding->minimal);
  CHECK(result.notes == std::vector<std::string>{"the time to shrink, 50ms, was up before the failure was "
                                                 "proved to be the smallest"});
}

TEST_CASE("explore: without time to shrink the failure is told as it was found") {
  const auto scenario = []() -> Coro<void> {
    co_await sleep(0s);
    int drawn = 0;
    for (int count = 0; count < 30; ++count) drawn += sim::random(2) == 1 ? 1 : 0;
    COWEAVE_REQUIRE(drawn < 9);
  };
  Options options{.name = "as found"};
  options.shrink_time_max = 0ms;
  const Exploration result = explore(scenario, options);
  REQUIRE(result.finding);
  CHECK(result.finding->deviations > 9);
  CHECK(result.finding->deviations == result.finding->deviations_found);
  CHECK(result.finding->shrink_runs == 0);
}

TEST_CASE("explore: a scenario that draws less the second time is nondeterministic, whatever searches") {
  for (const char* policy : {"exhaustive", "random"}) {
    for (int change = 1; change < 40; ++change) {
      int call = 0;
      const auto scenario = [&]() -> Coro<void> {
        const std::uint32_t options = ++call < change ? 5 : 2;
        int high = 0;
        for (int draw = 0; draw < 3; ++draw) high += sim::random(options) != 0 ? 1 : 0;
        COWEAVE_REQUIRE(high < 3);
        co_return;
      };
      const Exploration result = explore(scenario, {.policy = policy});
      CHECK(result.finding);
    }
  }
}

TEST_CASE("explore: of a run without end the beginning is told, and replays") {
  const auto heartbeat = []() -> Coro<void> {
    for (;;) co_await sleep(1ms);
  };
  const Exploration result = explore(heartbeat, {.name = "heartbeat"});
  REQUIRE(result.finding);
  CHECK(result.finding->trace.verdict.kind == VerdictKind::livelock);
  CHECK(result.finding->trace.verdict.step == 1'000);
  REQUIRE(result.notes.size() == 1);
  CHECK(result.notes[0] == "it went on for 100,000 steps; told are the first 1000");
  const Exploration again = replay(heartbeat, result.finding->trace, ReplayMode::strict);
  REQUIRE(again.finding);
  CHECK(again.finding->trace == result.finding->trace);
}

TEST_CASE("explore: only a search through every schedule says so") {
  const auto scenario = []() -> Coro<void> { co_await sleep(0s); };
  CHECK_FALSE(explore(scenario, {.policy = "fifo"}).exhausted);
  CHECK(explore(scenario, {.policy = "exhaustive"}).exhausted);
}

TEST_CASE("explore: a negative duration is refused by name") {
  const auto scenario = []() -> Coro<void> { co_await sleep(0s); };
  CHECK_THROWS_WITH_AS(explore(scenario, {.step_cost = -1s}),
                       "the option step_cost is negative: -1000000000 ns", std::invalid_argument);
  CHECK_THROWS_AS(explore(scenario, {.virtual_time_max = -1s}), std::invalid_argument);
}

TEST_CASE("explore: a directory for traces that cannot be made is told before the search") {
  int runs = 0;
  const auto scenario = [&runs]() -> Coro<void> {
    ++runs;
    co_return;
  };
  CHECK_THROWS_AS(explore(scenario, {.trace_dir = "/dev/null/traces"}), std::runtime_error);
  CHECK(runs == 0);
}

TEST_CASE("explore: the trace of a run that does not repeat is not replayed") {
  int runs = 0;
  const auto scenario = [&runs]() -> Coro<void> {
    COWEAVE_REQUIRE(++runs != 2);
    co_return;
  };
  const Exploration result = explore(scenario);
  REQUIRE(result.finding);
  CHECK(result.finding->trace.verdict.kind == VerdictKind::nondeterminism);
  CHECK(result.report().find("Replay it") == std::string::npos);
  CHECK_THROWS_AS(replay(scenario, result.finding->trace, ReplayMode::strict), std::runtime_error);
}

TEST_CASE("explore: an unknown policy is an error that lists those that there are") {
  std::string all;
  for (const sim::PolicyKind& kind : sim::policy_kinds())
    all += (all.empty() ? "" : ", ") + std::string(kind.form);
  CHECK_THROWS_WITH_AS(explore(lost_update, {.policy = "best"}),
                       ("no policy is called 'best'; there are: " + all).c_str(), std::invalid_argument);
}

TEST_CASE("property: finds a failing input and makes it small") {
  const auto sums = [](std::vector<int> values) -> Coro<void> {
    int total = 0;
    int sum = 0;
    std::vector<Task<>> tasks;
    for (const int value : values) {
      sum += value;
      tasks.push_back(create_task(add(total, value)));
    }
    for (const Task<>& task : tasks) co_await task;
    COWEAVE_REQUIRE(total == sum);
  };
  const Exploration result = property("sums", sums);
  REQUIRE(result.finding);
  REQUIRE(result.finding->trace.generated.size() == 1);
  // Two tasks are needed, and the update that is lost must be of something. In asyncio's own order the second
  // task writes last, so losing its update takes a deviation.
  const std::string& values = result.finding->trace.generated[0].arguments[0].value;
  CHECK((values == "[0, 1]" || values == "[1, 0]"));
  CHECK(result.finding->deviations == (values == "[0, 1]" ? 1 : 0));
}

TEST_CASE("property: neighbouring seeds share no inputs") {
  std::vector<std::vector<int>> seen[2];
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    const auto collect = [&](std::vector<int> values) -> Coro<void> {
      if (values.size() > 3) seen[seed - 1].push_back(values);
      co_return;
    };
    CHECK(property("collect", collect, {.seed = seed, .runs = 100, .cases = 100}).passed());
  }
  CHECK(seen[0].size() > 50);
  for (const std::vector<int>& values : seen[0])
    CHECK(std::find(seen[1].begin(), seen[1].end(), values) == seen[1].end());
}

TEST_CASE("property: passes when there is nothing to find") {
  const auto holds = [](int value) -> Coro<void> {
    co_await sleep(0s);
    COWEAVE_REQUIRE(value == value);
  };
  const Exploration result = property("holds", holds, {.runs = 100, .cases = 10});
  CHECK(result.passed());
  CHECK(result.cases == 10);
  for (const std::uint64_t runs : {1U, 7U}) {
    const Exploration few = property("holds", holds, {.runs = runs, .cases = 10});
    CHECK(few.runs == runs);
    CHECK(few.cases == runs);
  }
}

TEST_CASE("property: when time alone bounds it, new inputs come as long as there is time") {
  std::vector<int> seen;
  const auto holds = [&seen](int value) -> Coro<void> {
    if (seen.empty() || seen.back() != value) seen.push_back(value);
    co_await sleep(0s);
  };
  const Exploration result =
      property("holds", holds, {.runs = std::numeric_limits<std::uint64_t>::max(), .wall_time_max = 50ms});
  CHECK(result.passed());
  CHECK(result.cases > 10);
  CHECK(seen.size() > 5);
  CHECK(result.notes == std::vector<std::string>{"stopped at the bound on wall time, 50ms"});
}
