#include <coweave/coweave.hpp>
#include <coweave/props/property.hpp>

#include <doctest/doctest.h>

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

TEST_CASE("explore: an unknown policy is an error that lists those that there are") {
  CHECK_THROWS_WITH_AS(explore(lost_update, {.policy = "best"}),
                       "no policy is called 'best'; there are: random, fifo, exhaustive",
                       std::invalid_argument);
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

TEST_CASE("property: passes when there is nothing to find") {
  const auto holds = [](int value) -> Coro<void> {
    co_await sleep(0s);
    COWEAVE_REQUIRE(value == value);
  };
  const Exploration result = property("holds", holds, {.runs = 100, .cases = 10});
  CHECK(result.passed());
  CHECK(result.cases == 10);
}
