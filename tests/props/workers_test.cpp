#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;
using traces::VerdictKind;

namespace {

Coro<void> give_way(int times, std::vector<int>& order, int who) {
  for (int count = 0; count < times; ++count) {
    co_await sleep(0s);
    order.push_back(who);
  }
}

/// Three tasks; how their steps interleave is in `order`.
Coro<void> three(std::vector<int>& order) {
  std::vector<Task<void>> tasks;
  for (int who = 0; who < 3; ++who) tasks.push_back(create_task(give_way(3, order, who)));
  for (const Task<void>& task : tasks) co_await task;
}

/// Fails in one of the 216 orders: three rounds, in each of which the three run in one of six.
Coro<void> rarely_fails() {
  std::vector<int> order;
  co_await three(order);
  COWEAVE_REQUIRE(order != std::vector<int>({2, 1, 0, 1, 2, 0, 2, 0, 1}));
}

Coro<void> never_fails() {
  std::vector<int> order;
  co_await three(order);
  COWEAVE_REQUIRE(order.size() == 9);
}

void check_same(const Exploration& one, const Exploration& other) {
  CHECK(one.runs == other.runs);
  CHECK(one.steps == other.steps);
  CHECK(one.exhausted == other.exhausted);
  CHECK(one.coverage == other.coverage);
  REQUIRE(one.finding.has_value() == other.finding.has_value());
  if (one.finding) CHECK(one.finding->trace == other.finding->trace);
}

}  // namespace

TEST_CASE("workers: any number of them finds the same failure, in the same run") {
  for (const char* policy : {"random", "portfolio"}) {
    Options options{.name = "rarely", .policy = policy, .runs = 100'000};
    Exploration alone = explore(rarely_fails, options);
    while (alone.runs < 600) {  // not in the runs that everybody does, nor in the piece behind them
      ++options.seed;
      alone = explore(rarely_fails, options);
    }
    REQUIRE(alone.finding);
    for (const std::uint32_t workers : {1U, 2U, 5U}) {
      options.workers = workers;
      check_same(alone, explore(rarely_fails, options));
    }
  }
}

TEST_CASE("workers: a failure of the first runs is found once") {
  const auto fails = []() -> Coro<void> {
    co_await sleep(0s);
    throw ValueError("always");
  };
  const Exploration result = explore(fails, {.name = "always", .workers = 3});
  REQUIRE(result.finding);
  CHECK(result.runs == 1);
  CHECK(result.finding->trace.verdict.kind == VerdictKind::exception);
}

TEST_CASE("workers: any number of them counts the same") {
  Options options{.name = "never", .runs = 3'000};
  const Exploration alone = explore(never_fails, options);
  CHECK(alone.runs == 3'000);
  CHECK(alone.coverage.looked_at == 1'000 + 2'000 / 16);
  for (const std::uint32_t workers : {1U, 4U}) {
    options.workers = workers;
    check_same(alone, explore(never_fails, options));
  }
}

TEST_CASE("workers: any number of them tries every schedule once") {
  Options options{.name = "never", .policy = "dfs", .runs = 1'000'000};
  const Exploration alone = explore(never_fails, options);
  CHECK(alone.exhausted);
  for (const std::uint32_t workers : {1U, 3U}) {
    options.workers = workers;
    check_same(alone, explore(never_fails, options));
  }
  options.name = "rarely";
  options.workers = 0;
  const Exploration fails = explore(rarely_fails, options);
  REQUIRE(fails.finding);
  options.workers = 2;
  check_same(fails, explore(rarely_fails, options));
}

TEST_CASE("workers: the bound on runs holds for the parts of a tree together") {
  const Options options{.name = "never", .policy = "dfs", .runs = 1'000, .workers = 2};
  const Exploration result = explore(never_fails, options);
  CHECK(result.runs == 1'000);
  CHECK(!result.exhausted);
}

TEST_CASE("workers: the one run of asyncio's own order is done by one, and nothing is said of that") {
  Options options{.name = "never", .policy = "fifo"};
  const Exploration alone = explore(never_fails, options);
  CHECK(alone.runs == 1);
  options.workers = 2;
  const Exploration result = explore(never_fails, options);
  check_same(alone, result);
  CHECK(result.notes == alone.notes);
}

TEST_CASE("workers: what cannot be divided is done by one, and that is said") {
  const Exploration found = explore(rarely_fails, {.name = "rarely"});
  REQUIRE(found.finding);
  Options options{.name = "rarely", .runs = 20, .replay_choices = 2};
  const Exploration alone = replay(never_fails, found.finding->trace, ReplayMode::continuing, options);
  options.workers = 2;
  const Exploration result = replay(never_fails, found.finding->trace, ReplayMode::continuing, options);
  const std::string note = "a run of policy portfolio may depend on all before it: one worker did them all";
  CHECK(std::count(alone.notes.begin(), alone.notes.end(), note) == 0);
  CHECK(std::count(result.notes.begin(), result.notes.end(), note) == 1);
}

TEST_CASE("workers: a run that is another in another process is nondeterministic") {
  int runs = 0;
  const auto unsteady = [&runs]() -> Coro<void> {
    ++runs;
    co_await sleep(0s);
    COWEAVE_REQUIRE(runs != 300);  // of this process
  };
  const Exploration result = explore(unsteady, {.name = "unsteady", .runs = 2'000, .workers = 1});
  REQUIRE(result.finding);
  CHECK(result.finding->trace.verdict.kind == VerdictKind::nondeterminism);
}

TEST_CASE("workers: the bound on wall time ends them") {
  const Options options{.name = "never", .runs = std::uint64_t{1} << 40U, .workers = 2, .wall_time_max = 2s};
  const Exploration result = explore(never_fails, options);
  CHECK(result.passed());
  REQUIRE(!result.notes.empty());
  CHECK(result.notes.back() == "stopped at the bound on wall time, 2s");
}

TEST_CASE("workers: too many of them are refused") {
  CHECK_THROWS_AS(static_cast<void>(explore(never_fails, {.workers = 257})), std::invalid_argument);
}
