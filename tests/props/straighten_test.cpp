#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

Coro<void> set_both(Shared<int>& a, Shared<int>& b) {
  co_await a.write(1);
  co_await b.write(1);
}

Coro<void> check_both(Shared<int>& a, Shared<int>& b) {
  const int first = co_await a.read();
  const int second = co_await b.read();
  COWEAVE_REQUIRE(first == second);
}

/// A checker must come between the two writes of some setter, before all others: one preemption.
sim::Scenario half_set(int setters, int checkers) {
  return [=]() -> Coro<void> {
    Shared<int> a(0, "a");
    Shared<int> b(0, "b");
    std::vector<Task<>> tasks;
    for (int setter = 0; setter < setters; ++setter)
      tasks.push_back(co_await spawn(set_both(a, b), {.name = "setter"}));
    for (int checker = 0; checker < checkers; ++checker)
      tasks.push_back(co_await spawn(check_both(a, b), {.name = "checker"}));
    for (Task<>& task : tasks) co_await task;
  };
}

/// What the report says, in one line.
std::string said(const Exploration& exploration) {
  std::string line;
  for (const char character : exploration.report()) {
    if (character != '\n' && character != ' ')
      line += character;
    else if (!line.ends_with(' '))
      line += ' ';
  }
  return line;
}

Exploration explored(const sim::Scenario& scenario, std::uint64_t seed) {
  return explore(
      scenario,
      {.name = "half set", .seed = seed, .runs = 100'000, .scheduling_points = SchedulingPoints::accesses});
}

}  // namespace

TEST_CASE("straighten: a bug of one preemption is shown with one, however it was found") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Exploration small = explored(half_set(2, 1), seed);
    REQUIRE(small.finding);
    CHECK(small.finding->preemptions == 1);
    CHECK(small.finding->minimal);
    const Finding& found = *small.finding;
    REQUIRE(found.shrink_runs_to_it < found.shrink_runs);
    const std::string runs = std::to_string(found.shrink_runs_to_it) + " run";
    const std::string more = std::to_string(found.shrink_runs - found.shrink_runs_to_it) + " more runs";
    CHECK(said(small).find(
              "Brought to 1 preemption in " + runs + (found.shrink_runs_to_it == 1 ? "; " : "s; ") + more +
              " show that no schedule with fewer preemptions fails in this way.") != std::string::npos);
  }
}

TEST_CASE("straighten: what is too long for it is said to be that, and not to be minimal") {
  const auto scenario = []() -> Coro<void> {
    constexpr int times = 700;
    Shared<int> sum(0, "sum");
    auto count = [](Shared<int>& to) -> Coro<void> {
      for (int time = 0; time < times; ++time) {
        const int seen = co_await to.read();
        co_await to.write(seen + 1);
      }
    };
    auto one = co_await spawn(count(sum));
    auto two = co_await spawn(count(sum));
    co_await one;
    co_await two;
    COWEAVE_REQUIRE(sum.unobserved() == 2 * times);
  };
  Options options{.name = "long", .policy = "random", .scheduling_points = SchedulingPoints::accesses};
  options.shrink_time_max = 200ms;
  options.corpus = no_corpus;
  const Exploration result = explore(scenario, options);
  REQUIRE(result.finding);
  CHECK(!result.finding->preemptions);
  CHECK(!result.finding->minimal);
  CHECK(result.notes ==
        std::vector<std::string>{"it is too long to be brought to the fewest preemptions: more "
                                 "than 2,000 choices"});
  CHECK(result.report().find("that ends its process") == std::string::npos);
}

TEST_CASE("straighten: many tasks that do not matter are put out of the way") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Exploration large = explored(half_set(8, 8), seed);
    REQUIRE(large.finding);
    CHECK(large.finding->preemptions == 1);
  }
}

TEST_CASE(
    "straighten: of tasks that are alike the first to arrive plays the part, and nobody comes out of turn") {
  const auto deposits = []() -> Coro<void> {
    Shared<int> balance(0, "balance");
    auto add = [](Shared<int>& sum, int amount) -> Coro<void> {
      const int before = co_await sum.read();
      co_await sum.write(before + amount);
    };
    std::vector<Task<>> tasks;
    for (const int amount : {1, 2, 4}) tasks.push_back(co_await spawn(add(balance, amount)));
    for (Task<>& task : tasks) co_await task;
    COWEAVE_REQUIRE(balance.unobserved() == 7);
  };
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Exploration result = explored(deposits, seed);
    REQUIRE(result.finding);
    CHECK(result.finding->preemptions == 1);
    std::string report = result.report();
    report.erase(report.find("\nFind it again"));  // the command of this test says it
    INFO(report);
    CHECK(report.find("1 preemption, in ") != std::string::npos);
    CHECK(report.find("out of turn") == std::string::npos);
    CHECK(report.find("(read)") != std::string::npos);
    CHECK(report.find("something") == std::string::npos);
  }
}

TEST_CASE("straighten: a number that a failure needs is brought to the lowest that fails") {
  const auto scenario = []() -> Coro<void> {
    Shared<int> a(0, "a");
    const std::uint32_t amount = sim::random(1000, "amount");
    const auto add = [](Shared<int>& shared, int more) -> Coro<void> {
      const int before = co_await shared.read();
      co_await shared.write(before + more);
    };
    const int more = static_cast<int>(amount);
    const auto one = co_await spawn(add(a, more));
    const auto two = co_await spawn(add(a, more));
    co_await one;
    co_await two;
    COWEAVE_REQUIRE((a.unobserved() == 2 * more || more < 417));
  };
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Exploration result = explored(scenario, seed);
    REQUIRE(result.finding);
    CHECK(result.finding->preemptions == 1);
    const std::vector<traces::Choice>& choices = result.finding->trace.choices;
    CHECK(std::any_of(choices.begin(), choices.end(), [](const traces::Choice& choice) {
      return choice.label == "random:amount" && choice.taken == 417;
    }));
  }
}

TEST_CASE("straighten: numbers that a failure does not need are dropped there too") {
  const auto scenario = []() -> Coro<void> {
    Shared<int> a(0, "a");
    for (int draw = 0; draw < 5; ++draw) static_cast<void>(sim::random(4, "unused"));
    const auto add = [](Shared<int>& shared) -> Coro<void> {
      const int before = co_await shared.read();
      co_await shared.write(before + 1);
    };
    const auto one = co_await spawn(add(a));
    const auto two = co_await spawn(add(a));
    co_await one;
    co_await two;
    COWEAVE_REQUIRE(a.unobserved() == 2);
  };
  const Exploration found = explored(scenario, 3);
  REQUIRE(found.finding);
  CHECK(found.finding->preemptions == 1);
  for (const traces::Choice& choice : found.finding->trace.choices) {
    if (choice.label != "next") CHECK(choice.taken == 0);
  }
}

TEST_CASE("straighten: with asyncio's own scheduling points deviations count") {
  const auto scenario = []() -> Coro<void> {
    int last = 0;
    const auto note = [](int& place, int who) -> Coro<void> {
      place = who;
      co_return;
    };
    const auto one = create_task(note(last, 1));
    const auto two = create_task(note(last, 2));
    co_await one;
    co_await two;
    COWEAVE_REQUIRE(last == 2);
  };
  const Exploration found = explore(scenario, {.name = "order"});
  REQUIRE(found.finding);
  CHECK(!found.finding->preemptions);
  CHECK(found.finding->deviations == 1);
}

TEST_CASE("straighten: a fault that the failure does not need is not injected for fewer preemptions") {
  const sim::Scenario deposits = []() -> Coro<void> {
    Shared<int> balance(100, "balance");
    auto deposit = [&](int amount) -> Coro<void> {
      const int read = co_await balance.read();
      if (fault("slow")) co_await sleep(1ms);
      co_await balance.write(read + amount);
    };
    const auto ann = create_task(deposit(10), {.name = "ann"});
    const auto ben = create_task(deposit(20), {.name = "ben"});
    co_await ann;
    co_await ben;
    COWEAVE_REQUIRE(balance.unobserved() == 130);
  };
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    const Exploration result = explore(
        deposits,
        {.name = "deposits", .policy = "pos", .seed = seed, .scheduling_points = SchedulingPoints::accesses});
    REQUIRE(result.finding);
    CHECK(result.finding->preemptions == 1);
    CHECK(result.finding->minimal);
    for (const sim::Choice& choice : result.finding->schedule)
      CHECK((choice.taken == 0 || choice.kind() == sim::ChoiceKind::next));
  }
}

TEST_CASE("straighten: what needs a cancellation is brought to the fewest preemptions with it") {
  // The one that is cancelled has taken an item out of the queue, and has not noted it yet.
  const sim::Scenario consumers = []() -> Coro<void> {
    Queue<int> queue;
    std::vector<int> got;
    auto consume = [&]() -> Coro<void> {
      const int item = co_await queue.get();
      co_await sleep(0s);
      got.push_back(item);
    };
    const auto one = create_task(consume(), {.name = "one"});
    const auto two = create_task(consume(), {.name = "two"});
    sim::may_cancel(one);
    co_await queue.put(1);
    co_await queue.put(2);
    const std::vector<AnyTask> both{one, two};
    co_await wait(both);
    COWEAVE_REQUIRE(got.size() + queue.qsize() == 2);
  };
  for (const SchedulingPoints points : {SchedulingPoints::awaits, SchedulingPoints::accesses}) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      CAPTURE(seed);
      const Exploration result =
          explore(consumers, {.name = "consumers", .seed = seed, .scheduling_points = points});
      REQUIRE(result.finding);
      CHECK(result.finding->preemptions == 0);
      CHECK(result.finding->minimal);
      CHECK(std::count_if(result.finding->schedule.begin(), result.finding->schedule.end(),
                          sim::is_no_switch) == 1);
    }
  }
}

TEST_CASE("straighten: no proof is claimed where numbers were not tried") {
  const sim::Scenario scenario = []() -> Coro<void> {
    Shared<int> a(0, "a");
    const auto add = [](Shared<int>& shared) -> Coro<void> {
      const int before = co_await shared.read();
      co_await shared.write(before + 1);
    };
    const bool luck = sim::random(100, "luck") == 42;
    const auto one = co_await spawn(add(a));
    const auto two = co_await spawn(add(a));
    co_await one;
    co_await two;
    COWEAVE_REQUIRE((a.unobserved() == 2 && !luck));
  };
  const Exploration result = explored(scenario, 1);
  REQUIRE(result.finding);
  const std::string report = said(result);
  INFO(report);
  CHECK(result.finding->preemptions == 1);
  CHECK(!result.finding->minimal);
  CHECK(report.find("it is not proved that no schedule with fewer preemptions") != std::string::npos);
  CHECK(report.find(" made it no smaller.") != std::string::npos);
}

namespace {

/// Polls until `done`, and fails if it sees the other in the middle, or for long.
Coro<void> poll(Shared<int>& value, Shared<bool>& done, int long_polls, bool only_together) {
  for (int polls = 0;; ++polls) {
    const int seen = co_await value.read();
    const bool is_long = polls > long_polls;
    const bool is_wrong = only_together ? seen == 1 && is_long : seen == 1 || is_long;
    COWEAVE_REQUIRE(!is_wrong);
    if ((only_together && seen == 1) || co_await done.read()) co_return;
  }
}

/// A window in the middle of which the value is 1, and somebody who polls.
sim::Scenario window(int long_polls, bool only_together, Duration open_for) {
  return [=]() -> Coro<void> {
    Shared<int> value(0, "value");
    Shared<bool> done(false, "done");
    auto open = [&]() -> Coro<void> {
      co_await value.write(1);
      if (open_for > 0s) co_await sleep(open_for);
      co_await value.write(0);
      co_await done.write(true);
    };
    const auto one = create_task(open(), {.name = "window"});
    const auto other = create_task(poll(value, done, long_polls, only_together), {.name = "poll"});
    co_await one;
    co_await other;
  };
}

Exploration polled(const sim::Scenario& scenario, const char* policy) {
  return explore(
      scenario,
      {.name = "window", .policy = policy, .runs = 1'000, .scheduling_points = SchedulingPoints::accesses});
}

}  // namespace

TEST_CASE("straighten: nothing is proved where a search makes one that polls wait for the others") {
  // Without a preemption: who polls goes on for more polls than the search lets it.
  const Exploration result = polled(window(600, false, 0s), "random");
  REQUIRE(result.finding);
  CHECK(result.finding->preemptions.value_or(0) > 0);
  CHECK_FALSE(result.finding->minimal);
}

TEST_CASE("straighten: a switch that a search forces counts as the preemption that it is") {
  const Exploration result = polled(window(300, true, 1s), "pct:1");
  REQUIRE(result.finding);
  REQUIRE(result.finding->preemptions);
  CHECK(*result.finding->preemptions == 1);
  CHECK_FALSE(result.finding->minimal);
}
