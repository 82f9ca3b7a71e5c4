#include <coweave/coweave.hpp>
#include <coweave/props/property.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t line_of_overtaken = __LINE__ + 7;

/// Two tasks; in half of the orders the second is done first.
Coro<void> race() {
  std::vector<int> order;
  auto finish = [](std::vector<int>& done, int who) -> Coro<void> {
    co_await sleep(0s);
    sometimes(who == 2 && done.empty(), "overtaken");
    done.push_back(who);
  };
  const auto one = create_task(finish(order, 1));
  const auto two = create_task(finish(order, 2));
  co_await one;
  co_await two;
  sometimes(order.size() > 2, "too many");
}

Coro<void> fails_when_overtaken() {
  int done = 0;
  auto finish = [](int& finished, int who) -> Coro<void> {
    for (int count = 0; count < 3; ++count) co_await sleep(0s);
    sometimes(true, "came by");
    COWEAVE_REQUIRE(who == finished++);
  };
  std::vector<Task<void>> tasks;
  for (int who = 0; who < 2; ++who) tasks.push_back(create_task(finish(done, who)));
  for (const Task<void>& task : tasks) co_await task;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const Mark& mark_called(const Exploration& exploration, const std::string& label) {
  const auto found = std::find_if(exploration.marks.begin(), exploration.marks.end(),
                                  [&](const Mark& mark) { return mark.label == label; });
  REQUIRE(found != exploration.marks.end());
  return *found;
}

}  // namespace

TEST_CASE("marks: outside an exploration they do nothing") {
  sometimes(false, "nobody counts");
  sometimes(true, nullptr);
  EventLoop loop;
  loop.run_until_complete([]() -> Coro<void> {
    sometimes(true, nullptr);
    co_return;
  }());
}

TEST_CASE("marks: an exploration counts how often each was seen, and held") {
  const Exploration result = explore(race, {.name = "race", .runs = 1'000});
  REQUIRE(result.passed());
  REQUIRE(result.marks.size() == 2);
  const Mark& overtaken = result.marks.front();
  CHECK(overtaken.label == "overtaken");
  CHECK(overtaken.at == traces::Site{"tests/props/marks_test.cpp", line_of_overtaken});
  CHECK(overtaken.seen == 2'000);
  CHECK(overtaken.held > 400);
  CHECK(overtaken.held < 600);
  const Mark& too_many = result.marks.back();
  CHECK(too_many.seen == 1'000);
  CHECK(too_many.held == 0);
}

TEST_CASE("marks: the report tells which never held, and where that stands") {
  const Exploration result = explore(race, {.name = "race", .runs = 1'000});
  CHECK(contains(result.report(), "\n  never: 'too many' at tests/props/marks_test.cpp:" +
                                      std::to_string(result.marks.back().at.line) + ", seen 1,000 times\n"));
  CHECK(!contains(result.report(), "overtaken"));
}

TEST_CASE("marks: the report says so if all of them held") {
  const auto two = []() -> Coro<void> {
    const std::uint32_t drawn = sim::random(2);
    sometimes(drawn == 0, "none");
    sometimes(drawn == 1, "one");
    co_return;
  };
  const Exploration result = explore(two, {.name = "two", .policy = "dfs", .require_marks = true});
  CHECK(result.passed());
  CHECK(result.marks.size() == 2);
  CHECK(contains(result.report(), "\n  each of 2 marks held in some run\n"));
  const Exploration first = explore(two, {.name = "two", .runs = 1, .require_marks = true});
  CHECK(!first.passed());
}

TEST_CASE("marks: an exploration without any says nothing of them") {
  const auto nothing = []() -> Coro<void> { co_return; };
  const Exploration result = explore(nothing, {.name = "nothing", .runs = 10, .require_marks = true});
  CHECK(result.passed());
  CHECK(result.marks.empty());
  CHECK(!contains(result.report(), "mark"));
}

TEST_CASE("marks: what was expected is told also if no run came by it") {
  const Exploration result =
      explore(race, {.name = "race", .runs = 1'000, .expected_marks = {"refilled", "overtaken", "refilled"}});
  CHECK(result.passed());
  REQUIRE(result.marks.size() == 3);
  CHECK(result.marks.front() == Mark{"refilled", {}, 0, 0});
  CHECK(contains(result.report(), "\n  never: 'refilled', which was expected: no run came by such a mark\n"));
}

TEST_CASE("marks: if they are required an exploration without one of them has not passed") {
  const Exploration missed = explore(race, {.name = "race", .runs = 1'000, .require_marks = true});
  CHECK(!missed.passed());
  CHECK(!missed.finding);
  CHECK(contains(missed.report(), "FAILED: race: not every mark held in 1,000 runs, "));
  CHECK(contains(missed.report(), "\n  never: 'too many' at "));
  const auto nothing = []() -> Coro<void> { co_return; };
  CHECK(!explore(nothing, {.name = "nothing", .expected_marks = {"any"}, .require_marks = true}).passed());
}

TEST_CASE("marks: runs that are repeated, shrunk, explained and recorded do not count") {
  const Exploration result = explore(fails_when_overtaken, {.name = "overtaken", .require_marks = true});
  REQUIRE(result.finding);
  CHECK(result.finding->shrink_runs > 0);
  CHECK(!result.marks_missed);
  // Of a run that fails, the one that fails comes by it first.
  CHECK(mark_called(result, "came by").seen == 2 * (result.runs - 1) + 1);
  const Exploration replayed = replay(fails_when_overtaken, result.finding->trace, ReplayMode::strict);
  CHECK(replayed.marks.empty());
}

TEST_CASE("marks: any number of workers counts the same") {
  for (const char* policy : {"random", "dfs", "dpor"}) {
    for (const std::uint64_t runs : {100U, 700U, 3'000U}) {
      const auto three = [] {
        return []() -> Coro<void> {
          int done = 0;
          auto finish = [](int& finished, int who) -> Coro<void> {
            for (int count = 0; count < 4; ++count) co_await sleep(0s);
            sometimes(finished != who, "out of turn");
            if (finished == 2) sometimes(who == 0, "the first is the last");
            ++finished;
          };
          std::vector<Task<void>> tasks;
          for (int who = 0; who < 3; ++who) tasks.push_back(create_task(finish(done, who)));
          for (const Task<void>& task : tasks) co_await task;
        }();
      };
      Options options{.name = "three", .policy = policy, .runs = runs, .expected_marks = {"nowhere"}};
      const Exploration alone = explore(three, options);
      CHECK(alone.marks.size() == 3);
      for (const std::uint32_t workers : {1U, 2U, 5U}) {
        options.workers = workers;
        CHECK(explore(three, options).marks == alone.marks);
      }
    }
  }
}

TEST_CASE("marks: any number of workers counts the same up to a failure") {
  const auto fails_once = [] {
    return []() -> Coro<void> {
      const std::uint32_t drawn = sim::random(2'000);
      sometimes(drawn > 1'000, "large");
      COWEAVE_REQUIRE(drawn != 77);
      co_return;
    }();
  };
  for (const char* policy : {"random", "dfs"}) {
    Options options{.name = "once", .policy = policy, .runs = 100'000};
    const Exploration alone = explore(fails_once, options);
    REQUIRE(alone.finding);
    CHECK(mark_called(alone, "large").seen == alone.runs);
    for (const std::uint32_t workers : {1U, 3U}) {
      options.workers = workers;
      CHECK(explore(fails_once, options).marks == alone.marks);
    }
  }
}

TEST_CASE("marks: of a property those of all its cases are counted together") {
  const auto is_even = [](int number) -> Coro<void> {
    sometimes(number % 2 == 0, "even");
    sometimes(number == 1'000'000, "a million");
    co_return;
  };
  const Exploration result = property(
      "even", is_even, {.runs = 200, .cases = 100, .expected_marks = {"odd"}, .require_marks = true});
  CHECK(!result.passed());
  CHECK(result.marks.size() == 3);
  const Mark& even = mark_called(result, "even");
  CHECK(even.seen == 200);
  CHECK(even.held > 0);
  CHECK(even.held < 200);
  CHECK(mark_called(result, "a million").held == 0);
}

TEST_CASE("marks: labels are told apart by their text, places by their lines") {
  const auto labelled = []() -> Coro<void> {
    for (const char* text : {"first", "other", "first"}) {
      auto label = std::make_unique<std::string>(text);  // at the same address, most likely
      sometimes(true, label->c_str());
    }
    const char* const same = "same";
    sometimes(true, same);
    sometimes(false, same);
    co_return;
  };
  const Exploration result = explore(labelled, {.name = "labelled", .runs = 10});
  REQUIRE(result.marks.size() == 4);
  CHECK(mark_called(result, "first").seen == 20);
  CHECK(mark_called(result, "other").seen == 10);
  CHECK(result.marks[2].at.line + 1 == result.marks[3].at.line);
  CHECK(result.marks[2].held == 10);
  CHECK(result.marks[3].held == 0);
}

TEST_CASE("marks: one without a label is counted too") {
  const auto unlabelled = []() -> Coro<void> {
    sometimes(true, nullptr);
    co_return;
  };
  const Exploration result = explore(unlabelled, {.name = "unlabelled", .runs = 10});
  REQUIRE(result.passed());
  REQUIRE(result.marks.size() == 1);
  CHECK(result.marks.front().label == "");
  CHECK(result.marks.front().held == 10);
}
