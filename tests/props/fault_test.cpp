#include <coweave/coweave.hpp>
#include <coweave/traces/read.hpp>
#include <coweave/traces/render_choices.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t line_of_write = __LINE__ + 5;

/// Loses a record if the disk is full just once.
Coro<void> write_all(std::vector<int>& disk) {
  for (int record = 0; record < 3; ++record) {
    if (!fault("disk full")) disk.push_back(record);
    co_await sleep(1ms);
  }
}

Coro<void> loses_records() {
  std::vector<int> disk;
  co_await write_all(disk);
  COWEAVE_REQUIRE(disk.size() == 3);
}

Coro<void> comes_by() {
  std::vector<int> disk;
  co_await write_all(disk);
  static_cast<void>(fault("never looked at twice"));
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// How many schedules a search that tries everything runs, under at most `faults_max` faults.
std::uint64_t schedules(const std::string& policy, std::uint32_t faults_max) {
  const Exploration result =
      explore(comes_by, {.name = "comes by", .policy = policy, .faults_max = faults_max});
  CHECK(result.passed());
  CHECK(result.exhausted);
  return result.runs;
}

}  // namespace

TEST_CASE("faults: outside a simulation nothing goes wrong") {
  CHECK(!fault("disk full"));
  CHECK(!fault(nullptr));
  CHECK_NOTHROW(throw_point("disk full"));
  EventLoop loop;
  bool failed = true;
  loop.run_until_complete([](bool& out) -> Coro<void> {
    out = fault("disk full");
    co_return;
  }(failed));
  CHECK(!failed);
}

TEST_CASE("faults: asyncio's own order has none") {
  std::vector<int> disk;
  const Exploration result = explore(loses_records, {.name = "disk", .policy = "fifo"});
  CHECK(result.passed());
  REQUIRE(result.faults.size() == 1);
  CHECK(result.faults.front() ==
        FaultPoint{"disk full", {"tests/props/fault_test.cpp", line_of_write}, 3, 3, 0});
}

TEST_CASE("faults: every policy that goes by chance finds what one breaks") {
  for (const std::string policy :
       {"portfolio", "random", "pct:3", "pos", "urw", "surw", "rf", "random:stay=90", "delay"}) {
    CAPTURE(policy);
    const Exploration result = explore(loses_records, {.name = "disk", .policy = policy, .runs = 1'000});
    REQUIRE(!result.passed());
    CHECK(result.finding->deviations == 1);
    CHECK(result.finding->minimal);
  }
}

TEST_CASE("faults: a search that tries everything tries each of them once, up to the bound") {
  for (const std::string policy : {"dfs", "dpor"}) {
    CAPTURE(policy);
    CHECK(schedules(policy, 0) == 1);
    CHECK(schedules(policy, 1) == 1 + 4);
    CHECK(schedules(policy, 2) == 1 + 4 + 6);
    CHECK(schedules(policy, 9) == 16);
  }
}

TEST_CASE("faults: the trace has the label and the place, and replays strictly and tolerantly") {
  const Exploration found = explore(loses_records, {.name = "disk", .seed = 3});
  REQUIRE(found.finding);
  const traces::Trace& trace = found.finding->trace;
  const auto injected = std::find_if(trace.choices.begin(), trace.choices.end(),
                                     [](const traces::Choice& choice) { return choice.taken != 0; });
  REQUIRE(injected != trace.choices.end());
  CHECK(injected->label == "fault:disk full");
  CHECK(injected->options == 2);
  CHECK(injected->at == traces::Site{"tests/props/fault_test.cpp", line_of_write});
  const auto read = traces::read_trace(traces::write_trace(trace));
  REQUIRE(read.trace);
  CHECK(*read.trace == trace);
  for (const ReplayMode mode : {ReplayMode::strict, ReplayMode::tolerant}) {
    const Exploration again = replay(loses_records, *read.trace, mode);
    REQUIRE(again.finding);
    CHECK(again.notes.empty());
    CHECK(again.finding->trace == trace);
  }
}

TEST_CASE("faults: the report says which was injected, and where") {
  const Exploration found = explore(loses_records, {.name = "disk"});
  REQUIRE(found.finding);
  const std::string place = "tests/props/fault_test.cpp:" + std::to_string(line_of_write);
  const std::string report = found.report();
  CHECK(contains(report, "injected the fault 'disk full' at " + place));
  CHECK(contains(report, "fault 'disk full' injected"));
}

TEST_CASE("faults: a replay says so if the program does not come to one any more") {
  const Exploration found = explore(loses_records, {.name = "disk"});
  REQUIRE(found.finding);
  const auto careful = []() -> Coro<void> { co_await sleep(1ms); };
  const Exploration tolerant = replay(careful, found.finding->trace, ReplayMode::tolerant);
  CHECK(tolerant.passed());
  REQUIRE(tolerant.notes.size() == 1);
  CHECK(contains(tolerant.notes.front(), "'fault:disk full' in step "));
  CHECK(contains(tolerant.notes.front(), "fault_test.cpp:" + std::to_string(line_of_write) +
                                             ": the program did not come to it so often"));
  const Exploration strict = replay(careful, found.finding->trace, ReplayMode::strict);
  REQUIRE(strict.finding);
  CHECK(contains(strict.finding->trace.verdict.message, "'fault:disk full' in step "));
}

TEST_CASE("faults: only those whose labels are given are injected") {
  const auto scenario = []() -> Coro<void> {
    COWEAVE_REQUIRE(!fault("forbidden"));
    static_cast<void>(fault("allowed"));
    co_return;
  };
  const Exploration result =
      explore(scenario, {.name = "labels", .runs = 1'000, .fault_labels = {"allowed", "unknown"}});
  REQUIRE(result.passed());
  CHECK(contains(result.report(), "  never seen: fault 'unknown', which fault_labels names\n"));
  REQUIRE(result.faults.size() == 2);
  CHECK(result.faults[0].label == "forbidden");
  CHECK(result.faults[0].seen == 1'000);
  CHECK(result.faults[0].armed == 0);
  CHECK(result.faults[1].armed > 0);
  CHECK(result.faults[1].fired > 0);
  CHECK(!explore(scenario, {.name = "labels", .runs = 1'000}).passed());
}

TEST_CASE("faults: a label is armed in as many runs as the odds say, and fires at as many visits") {
  const auto scenario = []() -> Coro<void> {
    for (int visit = 0; visit < 10; ++visit) static_cast<void>(fault("often"));
    static_cast<void>(fault("often"));  // another place with the same label is armed with it
    co_return;
  };
  const Exploration result =
      explore(scenario,
              {.name = "odds", .policy = "random", .runs = 10'000, .faults_max = 100, .fault_odds = {4, 10}});
  REQUIRE(result.faults.size() == 2);
  const FaultPoint& often = result.faults[0];
  CHECK(often.seen == 100'000);
  CHECK(often.armed % 10 == 0);
  CHECK(often.armed == 10 * result.faults[1].armed);
  CHECK(often.armed > 24'000);  // 25,000, and a deviation of 433
  CHECK(often.armed < 26'000);
  CHECK(often.fired > often.armed / 11);
  CHECK(often.fired < often.armed / 9);
  const Exploration never =
      explore(scenario, {.name = "odds", .policy = "random", .runs = 100, .faults_max = 0});
  CHECK(never.faults[0].armed == 0);
  CHECK(never.faults[0].fired == 0);
}

TEST_CASE("faults: the report tells which were never injected") {
  const auto scenario = []() -> Coro<void> {
    static_cast<void>(fault("one"));
    static_cast<void>(fault("other"));
    co_return;
  };
  CHECK(contains(explore(scenario, {.name = "labels", .runs = 1'000}).report(),
                 "\n  each of 2 faults was injected in some run\n"));
  const std::string report =
      explore(scenario, {.name = "labels", .runs = 1'000, .fault_labels = {"one"}}).report();
  CHECK(contains(report, "\n  no fault: 'other' at tests/props/fault_test.cpp:"));
  CHECK(contains(report, ", seen 1,000 times, armed 0 times\n"));
  CHECK(!contains(report, "'one'"));
}

TEST_CASE("faults: worker processes find and count the same") {
  const auto tell = [](std::uint32_t workers) {
    const Exploration passes =
        explore(comes_by, {.name = "workers", .runs = 2'000, .workers = workers, .faults_max = 2});
    const Exploration fails =
        explore(loses_records, {.name = "workers", .workers = workers, .faults_max = 2});
    REQUIRE(fails.finding);
    return passes.report() + std::to_string(passes.faults.front().fired) +
           traces::write_trace(fails.finding->trace);
  };
  const std::string alone = tell(0);
  CHECK(tell(1) == alone);
  CHECK(tell(2) == alone);
}

TEST_CASE("faults: a point throws what it is told to") {
  const auto scenario = []() -> Coro<void> {
    try {
      throw_point<std::out_of_range>("range");
    } catch (const std::out_of_range& error) {
      COWEAVE_REQUIRE(std::string(error.what()) == "injected fault: range");
    }
    throw_point("plain");
    co_return;
  };
  const Exploration result = explore(scenario, {.name = "throws", .policy = "dfs"});
  REQUIRE(result.finding);
  CHECK(result.runs == 2);
  CHECK(contains(result.finding->trace.verdict.message, "injected fault: plain"));
}

TEST_CASE("faults: a counterexample gets along without a fault if a switch does the same") {
  const auto scenario = []() -> Coro<void> {
    int order = 0;
    auto first = [](int& done) -> Coro<void> {
      if (fault("slow")) co_await sleep(1s);
      done = done == 0 ? 1 : 3;
    };
    auto second = [](int& done) -> Coro<void> {
      if (done == 0) done = 2;
      co_return;
    };
    const auto one = create_task(first(order));
    const auto two = create_task(second(order));
    co_await one;
    co_await two;
    COWEAVE_REQUIRE(order == 1);
  };
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    const Exploration found =
        explore(scenario, {.name = "slow", .policy = "random", .seed = seed, .fault_odds = {1, 2}});
    REQUIRE(found.finding);
    CHECK(found.finding->deviations == 1);
    for (const sim::Choice& choice : found.finding->schedule)
      CHECK((choice.kind() != sim::ChoiceKind::fault || choice.taken == 0));
  }
}

TEST_CASE("faults: a simulation tells whether one may still come, and when the last one came") {
  std::set<std::string> seen;
  const auto scenario = [&seen]() -> Coro<void> {
    const sim::Simulation& simulation = *sim::Simulation::running();
    CHECK(simulation.may_inject());
    CHECK(simulation.last_injection() == 0);
    co_await sleep(0s);
    const bool injected = fault("once");
    CHECK(simulation.may_inject() == !injected);
    CHECK(simulation.last_injection() == (injected ? simulation.steps() : 0));
    seen.insert(injected ? "injected" : "not");
    CHECK(!(injected && fault("once")));
  };
  CHECK(explore(scenario, {.name = "once", .policy = "dfs"}).passed());
  CHECK(seen.size() == 2);
}

TEST_CASE("faults: odds of none are refused") {
  CHECK_THROWS_WITH_AS(static_cast<void>(explore(comes_by, {.name = "odds", .fault_odds = {0, 1}})),
                       "explore() needs fault_odds.armed of at least 1; faults_max = 0 is for none",
                       std::invalid_argument);
}
