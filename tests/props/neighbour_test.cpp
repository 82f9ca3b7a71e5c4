#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// `text` in one line.
std::string unwrapped(const std::string& text) {
  std::string line;
  for (const char character : text) {
    if (character != '\n' && (character != ' ' || !line.ends_with(' '))) line += character;
  }
  return line;
}

Coro<void> append(std::string& word, char letter, int waits) {
  for (int count = 0; count < waits; ++count) co_await sleep(0s);
  word += letter;
}

/// Two letters in one iteration of the loop: the word is "ab" or "ba". And what does not matter.
Coro<void> words() {
  std::string word;
  std::string other;
  const auto a = create_task(append(word, 'a', 1), {.name = "a"});
  const auto b = create_task(append(word, 'b', 1), {.name = "b"});
  const auto c = create_task(append(other, 'c', 1), {.name = "c"});
  co_await a;
  co_await b;
  co_await c;
  COWEAVE_REQUIRE(word == "ab");
}

Exploration explored(const sim::Scenario& scenario, std::uint32_t workers = 0) {
  return explore(scenario, {.name = "words", .workers = workers});
}

}  // namespace

TEST_CASE("neighbour: the two steps whose order decides are found, and told with their awaits") {
  const Exploration result = explored(words);
  REQUIRE(result.finding);
  REQUIRE(result.finding->neighbour);
  // Step 1 is main's, 2 to 4 start the tasks, and 5 to 7 are the three that go on: b, then a.
  const auto [step, before, brings_along, alone, newcomer] = *result.finding->neighbour;
  CHECK(step == before + 1);
  CHECK(before >= 5);
  CHECK(!brings_along);
  CHECK(alone);
  CHECK(newcomer.empty());
  const std::string report = unwrapped(result.report());
  CHECK(contains(report, "What decides: it passes if a (0.0) goes on from tests/props/neighbour_test.cpp:"));
  CHECK(contains(report, "before b (0.1) goes on from"));
}

TEST_CASE("neighbour: workers find the same") {
  const Exploration here = explored(words);
  const Exploration there = explored(words, 2);
  REQUIRE(here.finding);
  REQUIRE(there.finding);
  CHECK(there.report() == here.report());
}

TEST_CASE("neighbour: of what always fails no decision matters") {
  const auto scenario = []() -> Coro<void> {
    std::string word;
    const auto a = create_task(append(word, 'a', 1), {.name = "a"});
    const auto b = create_task(append(word, 'b', 1), {.name = "b"});
    co_await a;
    co_await b;
    throw ValueError("always");
  };
  const Exploration result = explored(scenario);
  REQUIRE(result.finding);
  CHECK(!result.finding->neighbour);
  REQUIRE(result.finding->decisions);
  CHECK(result.finding->decisions->all > 0);
  CHECK(result.finding->decisions->irrelevant.size() == result.finding->decisions->all);
  CHECK(contains(result.report(), "matters on its own: it fails in the same way whoever goes on."));
}

TEST_CASE("neighbour: decisions about tasks that have nothing to do with it are told as irrelevant") {
  const Exploration result = explored(words);
  REQUIRE(result.finding);
  REQUIRE(result.finding->decisions);
  const Decisions& decisions = *result.finding->decisions;
  CHECK(!decisions.irrelevant.empty());
  CHECK(decisions.irrelevant.size() < decisions.all);
}

TEST_CASE("neighbour: numbers that the program asked for stay as they were") {
  const auto scenario = []() -> Coro<void> {
    std::string word;
    const std::uint32_t number = sim::random(7, "which");
    const auto a = create_task(append(word, 'a', 1), {.name = "a"});
    const auto b = create_task(append(word, 'b', 1), {.name = "b"});
    co_await a;
    co_await b;
    COWEAVE_REQUIRE((number != 5 || word == "ab"));
  };
  const Exploration result = explored(scenario);
  REQUIRE(result.finding);
  REQUIRE(result.finding->neighbour);
}

TEST_CASE("neighbour: what is decided in a step comes with it, and the report says so") {
  const auto scenario = []() -> Coro<void> {
    std::string word;
    std::uint32_t number = 0;
    auto draw = [](std::string& out, std::uint32_t& drawn) -> Coro<void> {
      co_await sleep(0s);
      drawn = sim::random(4, "which");
      out += 'a';
    };
    const auto a = create_task(draw(word, number), {.name = "a"});
    const auto b = create_task(append(word, 'b', 1), {.name = "b"});
    co_await a;
    co_await b;
    COWEAVE_REQUIRE((number != 3 || word == "ab"));
  };
  const Exploration result = explored(scenario);
  REQUIRE(result.finding);
  REQUIRE(result.finding->neighbour);
  CHECK(result.finding->neighbour->brings_along);
  CHECK(contains(unwrapped(result.report()), "and with it what was decided in it or right behind it"));
}

TEST_CASE("neighbour: where no order decides, the choice of another kind that does is told") {
  const auto scenario = []() -> Coro<void> {
    const std::uint32_t number = sim::random(4, "which");
    COWEAVE_REQUIRE(number != 3);
    co_return;
  };
  const Exploration result = explored(scenario);
  REQUIRE(result.finding);
  CHECK(!result.finding->neighbour);
  REQUIRE(result.finding->otherwise);
  CHECK(contains(unwrapped(result.report()),
                 "What decides, at step 1: it drew 3 of 0..3 for 'which'. It passes if it drew 0 of 0..3 "
                 "for 'which'."));
}

TEST_CASE("neighbour: under a policy that keeps asyncio's order nothing is told that it could not do") {
  // It fails if two numbers are 1, or if the order is another; the latter would take one deviation less.
  const auto scenario = []() -> Coro<void> {
    std::string word;
    const std::uint32_t one = sim::random(2, "one");
    const std::uint32_t other = sim::random(2, "other");
    const std::uint32_t neither = sim::random(2, "neither");
    const auto a = create_task(append(word, 'a', 1), {.name = "a"});
    const auto b = create_task(append(word, 'b', 1), {.name = "b"});
    co_await a;
    co_await b;
    COWEAVE_REQUIRE((one + other + 0 * neither < 2 && word == "ab"));
  };
  const auto is_switch = [](const sim::Choice& choice) {
    return choice.kind() == sim::ChoiceKind::next && choice.taken != 0;
  };
  for (const std::uint32_t workers : {0U, 2U}) {
    const Exploration result =
        explore(scenario, {.name = "words", .policy = "fifo+jitter", .workers = workers});
    REQUIRE(result.finding);
    const Finding& found = *result.finding;
    CHECK(std::none_of(found.schedule.begin(), found.schedule.end(), is_switch));
    CHECK(found.deviations == 2);
    CHECK(found.minimal);
    CHECK(!found.neighbour);
    REQUIRE(found.otherwise);
    REQUIRE(found.decisions);
    CHECK(found.decisions->all == 3);
    CHECK(found.decisions->irrelevant == std::vector<std::uint64_t>{1});
    const std::string report = unwrapped(result.report());
    INFO(report);
    CHECK(contains(report, "What decides, at step 1: it drew 1 of 0..1 for 'other'. It passes if it drew 0"));
    CHECK(contains(report,
                   "1 of its 3 decisions does not matter on its own: it fails in the same way "
                   "whatever is decided there."));  // step 1 is not named: what decides is in it too
    CHECK(contains(report, "schedule in asyncio's own order with fewer deviations fails in this way"));
  }
  const Exploration free = explored(scenario);
  REQUIRE(free.finding);
  CHECK(free.finding->deviations == 1);
}

TEST_CASE("neighbour: an exploration in asyncio's own order says that others were not tried") {
  const auto scenario = []() -> Coro<void> { co_await sleep(1ms); };
  const Exploration result = explore(scenario, {.name = "calm", .policy = "fifo+jitter", .runs = 10});
  CHECK(result.passed());
  CHECK(contains(result.report(), "note: tasks ran in asyncio's own order; other orders were not tried"));
}

TEST_CASE("neighbour: whoever the failing run ended before is let in where it could have gone on") {
  // Between the two writes the checker reads both, and what it requires ends the run.
  const auto scenario = []() -> Coro<void> {
    Shared<int> a(0, "a");
    Shared<int> b(0, "b");
    const auto set = [](Shared<int>& first, Shared<int>& second) -> Coro<void> {
      co_await first.write(1);
      co_await second.write(1);
    };
    const auto check = [](Shared<int>& first, Shared<int>& second) -> Coro<void> {
      const int one = co_await first.read();
      const int other = co_await second.read();
      COWEAVE_REQUIRE(one == other);
    };
    const auto setter = co_await spawn(set(a, b), {.name = "setter"});
    const auto checker = co_await spawn(check(a, b), {.name = "checker"});
    co_await setter;
    co_await checker;
  };
  for (const std::uint32_t workers : {0U, 2U}) {
    const Exploration result = explore(
        scenario, {.name = "halves", .workers = workers, .scheduling_points = SchedulingPoints::accesses});
    REQUIRE(result.finding);
    const Finding& found = *result.finding;
    const std::string report = unwrapped(result.report());
    INFO(report);
    REQUIRE(found.neighbour);
    CHECK(found.neighbour->step == 0);
    CHECK(found.neighbour->newcomer == "0.0");
    CHECK(found.neighbour->alone);
    REQUIRE(found.decisions);
    CHECK(found.decisions->irrelevant.size() < found.decisions->all);
    CHECK(!contains(report, "Each of its"));
    CHECK(contains(report,
                   "What decides: it passes if setter (0.0) goes on from tests/props/neighbour_test.cpp:"));
    CHECK(contains(report, "before checker (0.1) goes on from tests/props/neighbour_test.cpp:"));
    CHECK(contains(
        report, ", at step " + std::to_string(found.neighbour->before) + ", and all else stays as it was."));
  }
}

TEST_CASE("neighbour: where no single step makes a difference, several that wait may") {
  const auto lost_update = []() -> Coro<void> {
    int total = 0;
    auto add = [&](int amount) -> Coro<void> {
      const int before = total;
      co_await sleep(0s);
      co_await sleep(0s);
      total = before + amount;
    };
    const auto a = create_task(add(1), {.name = "a"});
    const auto b = create_task(add(2), {.name = "b"});
    co_await a;
    co_await b;
    COWEAVE_REQUIRE(total == 3);
  };
  const Exploration result = explored(lost_update);
  REQUIRE(result.finding);
  REQUIRE(result.finding->neighbour);
  const std::string report = unwrapped(result.report());
  CHECK_MESSAGE(contains(report, "What decides: it passes if a (0.0) goes on from"), report);
  CHECK_MESSAGE(contains(report, " before b (0.1), spawned at"), report);
}

TEST_CASE("neighbour: who was let in does not draw the numbers of others") {
  const auto halves = []() -> Coro<void> {
    bool first = false;
    bool second = false;
    auto set = [&]() -> Coro<void> {
      first = true;
      co_await sleep(0s);
      co_await sleep(0s);
      if (sim::random(2, "really") == 1) second = true;
    };
    auto check = [&]() -> Coro<void> {
      co_await sleep(0s);
      const bool is_strict = sim::random(2, "strict") == 1;
      COWEAVE_REQUIRE((!is_strict || first == second));
    };
    const auto setter = create_task(set(), {.name = "setter"});
    const auto checker = create_task(check(), {.name = "checker"});
    co_await setter;
    co_await checker;
  };
  const Exploration result = explored(halves);
  REQUIRE(result.finding);
  REQUIRE(result.finding->neighbour);
  CHECK(result.finding->neighbour->newcomer.empty());
}
