/// Names in the options that nothing has are told, and those that something has are not.

#include <coweave/coweave.hpp>
#include <coweave/props/ci/annotations.hpp>
#include <coweave/props/property.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The names of `result`, in brackets those that were not seen.
template <class Result>
std::string names_of(const Result& result) {
  std::string text;
  for (const ExpectedName& expected : result.names)
    text += (text.empty() ? "" : ", ") + (expected.seen ? expected.name : "[" + expected.name + "]");
  return text;
}

Coro<void> page() {
  Shared<int> hits(0, "hits");
  Shared<int> log(0, "log");
  const auto other = create_task([](Shared<int>& one) -> Coro<void> { co_await one.write(1); }(hits));
  co_await hits.write(2);
  if (co_await hits.read() == 1) co_await log.write(1);  // in some runs
  co_await other;
}

Options silent(std::vector<std::string> names) {
  Options options{.name = "page", .policy = "random", .runs = 700};
  options.races = {.order = Severity::failure, .silent = std::move(names)};
  options.scheduling_points = SchedulingPoints::accesses;
  return options;
}

Coro<void> uses(Lock& door, Semaphore& pool) {
  const auto guard = co_await door.scoped();
  const auto permit = co_await pool.scoped();
  co_await sleep(1ms);
}

Coro<void> room() {
  Lock door("door");
  Semaphore pool(2, "pool");
  const Task<> user = create_task(uses(door, pool), {.name = "user"});
  sim::may_cancel(user);
  const std::vector<AnyFuture> all{user};
  co_await wait(all);
}

}  // namespace

TEST_CASE("expected names: a variable that is kept silent in vain is told") {
  const Exploration result = explore(page, silent({"hits", "hist", "log"}));
  REQUIRE_MESSAGE(result.passed(), result.report());
  CHECK(names_of(result) == "Shared 'hits', [Shared 'hist'], Shared 'log'");
  const std::string line = "never seen: Shared 'hist', which races.silent names\n";
  CHECK(result.warnings() == line);
  CHECK(contains(result.report(), "\n  " + line));
  CHECK(
      detail::annotations(result, "") ==
      "::warning title=page%3A never seen::Shared 'hist', which races.silent names, was seen in none of 700 "
      "runs\n");
}

TEST_CASE("expected names: the same with any number of workers") {
  Options options = silent({"hits", "hist", "log"});
  for (const char* policy : {"random", "dfs", "preempt:2"}) {
    options.policy = policy;
    options.workers = 0;
    const std::vector<ExpectedName> names = explore(page, options).names;
    CHECK(names.size() == 3);
    for (const std::uint32_t workers : {1U, 3U}) {
      options.workers = workers;
      CHECK(explore(page, options).names == names);
    }
  }
}

TEST_CASE("expected names: nothing is told if it failed, nor of races that nobody looks for") {
  Options options = silent({"hist"});
  const Exploration failed = explore(page, options);
  CHECK_FALSE(failed.passed());
  CHECK(failed.names.empty());
  options.races.order = Severity::ignored;
  const Exploration passed = explore(page, options);
  CHECK(passed.passed());
  CHECK(passed.warnings() == "");
}

TEST_CASE("expected names: of a property in any of its cases") {
  const auto writes = [](std::uint8_t number) -> Coro<void> {
    Shared<int> it(0, number > 20 ? "large" : "small");
    co_await it.write(number);
  };
  const Exploration result = property("writes", writes, silent({"small", "large", "huge"}));
  REQUIRE_MESSAGE(result.passed(), result.report());
  CHECK(names_of(result) == "Shared 'small', Shared 'large', [Shared 'huge']");
}

TEST_CASE("expected names: what may be held and is never taken is told of a sweep") {
  const Sweep result = sweep(room, cancellation,
                             {.name = "room",
                              .may_be_held = {"Lock 'door'", "Lock 'doors'", "Semaphore", "Queue",
                                              "Semaphore 'pool'", "Lock 'pool'"},
                              .races = {.order = Severity::noted, .silent = {"hits"}}});
  REQUIRE_MESSAGE(result.passed(), result.report());
  CHECK(names_of(result) ==
        "[Shared 'hits'], Lock 'door', [Lock 'doors'], Semaphore, [Queue], Semaphore 'pool', [Lock 'pool']");
  CHECK(result.warnings() ==
        "never seen: Shared 'hits', which races.silent names\n"
        "never seen: Lock 'doors', which may_be_held names\n"
        "never seen: Queue, which may_be_held names\n"
        "never seen: Lock 'pool', which may_be_held names\n");
  CHECK(contains(result.report(), "\n  never seen: Lock 'doors', which may_be_held names\n"));
}

TEST_CASE("expected names: a sweep that failed or could not try everything tells none") {
  const auto keeps_it = []() -> Coro<void> {
    Lock door("door");
    const Task<> user = create_task(
        [](Lock& lock) -> Coro<void> {
          co_await lock.acquire();
          co_await sleep(1ms);
          lock.release();
        }(door),
        {.name = "user"});
    sim::may_cancel(user);
    const std::vector<AnyFuture> all{user};
    co_await wait(all);
  };
  SweepOptions options{.name = "door", .may_be_held = {"Lock 'doors'"}};
  CHECK(sweep(keeps_it, cancellation, options).names.empty());
  options.wall_time_max = 1ns;
  const Sweep unfinished = sweep(room, cancellation, options);
  CHECK_FALSE(unfinished.unfinished.empty());
  CHECK(unfinished.names.empty());
}
