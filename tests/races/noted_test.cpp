/// Races that are noted: which are one and the same, and how they are told.

#include <coweave/coweave.hpp>
#include <coweave/tests/page.hpp>
#include <coweave/tests/races/both.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

Coro<void> careless(Shared<int>& it) {
  const int before = co_await it.read();
  co_await sleep(0s);
  co_await it.write(before + 1);
}

Coro<void> careless_elsewhere(Shared<int>& it) {
  const int before = co_await it.read();
  co_await sleep(0s);
  co_await it.write(before + 1);
}

std::vector<NotedRace> lost_updates(const sim::Scenario& scenario, std::uint32_t workers = 0) {
  Options options{.policy = "random", .runs = 1'000};
  options.workers = workers;
  options.races = {.atomicity = Severity::noted};
  std::vector<NotedRace> races = explore(scenario, options).races;
  std::erase_if(races,
                [](const NotedRace& race) { return race.what.find("a lost update") == std::string::npos; });
  return races;
}

}  // namespace

TEST_CASE("noted races: those of the same name and kind are told apart by their places") {
  const auto scenario = []() -> Coro<void> {
    Shared<int> one(0, "count");
    Shared<int> other(0, "count");
    co_await both(careless(one), careless(one));
    co_await both(careless_elsewhere(other), careless_elsewhere(other));
  };
  const std::vector<NotedRace> races = lost_updates(scenario);
  REQUIRE(races.size() == 2);
  CHECK(races[0].what ==
        "Shared 'count': a task read and then wrote it, and another wrote it in between: a lost update; read "
        "at "
        "tests/races/noted_test.cpp:20, written by another at tests/races/noted_test.cpp:22, written at "
        "tests/races/noted_test.cpp:22");
  CHECK(races[0].at.line == 22);
  CHECK(races[1].at.line == 28);
  CHECK(lost_updates(scenario, 1) == races);
  CHECK(lost_updates(scenario, 3) == races);
}

TEST_CASE("noted races: also those whose last access alone is at the same place") {
  // Whose write came in between differs.
  const auto scenario = []() -> Coro<void> {
    Shared<int> it(0, "count");
    co_await both(careless(it), careless_elsewhere(it));
    co_await both(careless(it), careless(it));
  };
  const std::vector<NotedRace> races = lost_updates(scenario);
  CHECK(races.size() == 3);
  CHECK(std::count_if(races.begin(), races.end(), [](const NotedRace& race) { return race.at.line == 22; }) ==
        2);
}

TEST_CASE("noted races: in the places of an access that stands in a function of its own") {
  const auto set = [](Shared<int>& it) -> Coro<void> { co_await it.write(1); };
  const auto scenario = [&]() -> Coro<void> {
    Shared<int> it(0, "count");
    co_await both(set(it), careless(it));
  };
  const std::vector<NotedRace> races = lost_updates(scenario);
  REQUIRE(races.size() == 1);
  CHECK(races[0].what.find("noted_test.cpp:77") != std::string::npos);
}

TEST_CASE("noted races: those that come to one place by different ways are told apart") {
  const auto by_one_way = [](Shared<int>& it) -> Coro<void> { co_await careless(it); };      // line 88
  const auto by_another_way = [](Shared<int>& it) -> Coro<void> { co_await careless(it); };  // line 89
  const auto scenario = [&]() -> Coro<void> {
    Shared<int> it(0, "count");
    co_await both(by_one_way(it), by_one_way(it));
    co_await both(by_another_way(it), careless(it));
  };
  const std::vector<NotedRace> races = lost_updates(scenario);
  REQUIRE(races.size() == 3);
  CHECK(races[0].what.ends_with(
      "; read at tests/races/noted_test.cpp:20 (in tests/races/noted_test.cpp:88), written by another at "
      "tests/races/noted_test.cpp:22 (in tests/races/noted_test.cpp:88), written at "
      "tests/races/noted_test.cpp:22 (in tests/races/noted_test.cpp:88)"));
  CHECK(races[1].what.ends_with(
      "; read at tests/races/noted_test.cpp:20 (in tests/races/noted_test.cpp:89), written by another at "
      "tests/races/noted_test.cpp:22, written at tests/races/noted_test.cpp:22 (in "
      "tests/races/noted_test.cpp:89)"));
  CHECK(races[2].what.ends_with(
      "; read at tests/races/noted_test.cpp:20, written by another at tests/races/noted_test.cpp:22 (in "
      "tests/races/noted_test.cpp:89), written at tests/races/noted_test.cpp:22"));
  CHECK(lost_updates(scenario, 3) == races);
}

TEST_CASE("noted races: all awaits are told through which an access was come to, and which access is whose") {
  const auto page = [](Shared<int>& it) -> Coro<void> { co_await careless(it); };
  const auto visit = [&](Shared<int>& it) -> Coro<void> { co_await page(it); };
  const auto reset = [](Shared<int>& it) -> Coro<void> { co_await it.update([](int) { return 0; }); };
  const auto scenario = [&]() -> Coro<void> {
    Shared<int> it(0, "hits");
    co_await both(visit(it), reset(it));
  };
  Options options{.policy = "random", .runs = 1'000};
  options.races = {.atomicity = Severity::noted, .order = Severity::noted};
  const Exploration result = explore(scenario, options);
  const std::string report = result.report();
  const std::string lines = report.substr(report.find("  race: "));
  CHECK(tests::compare_with_page("docs/races.md", "noted by ways", lines) == "");
}
