/// Conditions on the state of a scenario.

#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <stdexcept>
#include <string>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

Coro<void> enters(int& inside, Lock* lock) {
  if (lock) co_await lock->acquire();
  ++inside;
  co_await sleep(0s);
  --inside;
  if (lock) lock->release();
}

Coro<void> two_enter(Lock* lock) {
  int inside = 0;
  const auto alone = monitors::always("one inside at most", [&] { return inside <= 1; });
  const auto never_less = monitors::never("fewer than none inside", [&] { return inside < 0; });
  const auto once = monitors::eventually("somebody is inside", [&] { return inside == 1; });
  const auto first = create_task(enters(inside, lock), {.name = "first"});
  const auto second = create_task(enters(inside, lock), {.name = "second"});
  co_await first;
  co_await second;
}

Coro<void> without_lock() { return two_enter(nullptr); }
Coro<void> with_lock() {
  Lock lock;
  co_await two_enter(&lock);
}

traces::Verdict verdict_of(const sim::Scenario& scenario, Options options = {}) {
  const Exploration result = explore(scenario, std::move(options));
  REQUIRE_MESSAGE(result.finding, result.report());
  return result.finding->trace.verdict;
}

}  // namespace

TEST_CASE("state: always fails the run at the step that breaks it") {
  const Exploration result = explore(without_lock, {.policy = "fifo", .runs = 1});
  REQUIRE(result.finding);
  const traces::Verdict& verdict = result.finding->trace.verdict;
  CHECK(verdict.kind == traces::VerdictKind::invariant);
  CHECK(verdict.message ==
        "'one inside at most' is broken: it does not hold\nstep 3, second: comes as far as this\n"
        "  awaited at tests/monitors/state_test.cpp:19");
  CHECK(verdict.step == 3);
  CHECK(verdict.task == "0.1");
  CHECK(verdict.at.file == "tests/monitors/state_test.cpp");
  CHECK(result.finding->signature == "one inside at most");
}

TEST_CASE("state: conditions that hold pass ten thousand schedules") {
  const Exploration result = explore(with_lock, {.policy = "random", .runs = 10'000});
  CHECK_MESSAGE(result.passed(), result.report());
}

TEST_CASE("state: conditions are looked at after every step, whatever monitors ask for") {
  using monitors::noted;
  const auto bad = monitors::never(noted("no such note"));
  const auto soon = monitors::leads_to(noted("no such note"), noted("another")).within(1s);
  for (const monitors::Monitor& monitor : {bad, soon}) {
    Options options{.policy = "fifo", .runs = 1};
    options.monitors = {monitor};
    const auto verdict = verdict_of(without_lock, options);
    CHECK(verdict.message ==
          "'one inside at most' is broken: it does not hold\nstep 3, second: comes as far as this\n"
          "  awaited at tests/monitors/state_test.cpp:19");
    CHECK(verdict.step == 3);
  }
}

TEST_CASE("state: conditions are looked at under every kind of policy and scheduling points") {
  for (const char* policy : {"fifo", "random", "pos", "surw", "dpor", "pct:3"}) {
    for (const SchedulingPoints points : {SchedulingPoints::suspensions, SchedulingPoints::accesses}) {
      const auto verdict =
          verdict_of(without_lock, {.policy = policy, .runs = 1'000, .scheduling_points = points});
      CHECK(verdict.kind == traces::VerdictKind::invariant);
    }
  }
}

TEST_CASE("state: never fails the run in which it holds") {
  const auto scenario = []() -> Coro<void> {
    bool wrong = false;
    const auto check = monitors::never("wrong", [&] { return wrong; });
    co_await sleep(0s);
    wrong = true;
    co_await sleep(0s);
    wrong = false;
  };
  const auto verdict = verdict_of(scenario, {.policy = "fifo", .runs = 1});
  CHECK(verdict.message ==
        "'wrong' is broken: it holds\nstep 2, main: comes as far as this\n"
        "  awaited at tests/monitors/state_test.cpp:99");
  CHECK(verdict.step == 2);
}

TEST_CASE("state: a condition that does not hold when it is given fails at once") {
  const auto verdict = verdict_of(
      []() -> Coro<void> {
        const auto check = monitors::always("never true", [] { return false; });
        co_return;
      },
      {.policy = "fifo", .runs = 1});
  CHECK(verdict.step == 1);
}

TEST_CASE("state: eventually is judged at the end of its scope, and looks once more there") {
  const auto scenario = [](bool gets_done) -> Coro<void> {
    bool done = false;
    const auto check = monitors::eventually("done", [&] { return done; });
    co_await sleep(0s);
    done = gets_done;
  };
  CHECK(explore([=] { return scenario(true); }, {.runs = 10}).passed());
  const auto verdict = verdict_of([=] { return scenario(false); }, {.runs = 10});
  CHECK(verdict.message == "'done' is broken: it never held");
}

TEST_CASE("state: eventually is not judged when an exception ends its scope") {
  const auto verdict = verdict_of(
      []() -> Coro<void> {
        const auto check = monitors::eventually("done", [] { return false; });
        co_await sleep(0s);
        throw RuntimeError("something else");
      },
      {.runs = 1});
  CHECK(verdict.kind == traces::VerdictKind::exception);
}

TEST_CASE("state: eventually has to hold in time, counted from the last injected cancellation") {
  const auto scenario = [](std::chrono::nanoseconds pause) -> Coro<void> {
    bool done = false;
    const auto check = monitors::eventually("done", [&] { return done; }, 10ms);
    co_await sleep(pause);
    co_await sleep(pause);
    done = true;
    co_await sleep(0s);
  };
  CHECK(explore([=] { return scenario(5ms); }, {.runs = 10}).passed());
  const auto verdict = verdict_of([=] { return scenario(6ms); }, {.runs = 10});
  CHECK(verdict.message == "'done' is broken: it did not hold within 10ms");

  const auto cancelled = []() -> Coro<void> {
    bool done = false;
    const auto check = monitors::eventually("done", [&] { return done; }, 10ms);
    auto body = []() -> Coro<void> { co_await sleep(6ms); };
    auto victim = create_task(body());
    sim::may_cancel(victim);
    try {
      co_await victim;
      done = true;
    } catch (const CancelledError&) {
    }
    co_await sleep(6ms);
    done = true;
    co_await sleep(0s);
  };
  const Exploration result = explore(cancelled, {.policy = "dfs"});
  CHECK_MESSAGE(result.passed(), result.report());
}

TEST_CASE("state: outside a simulation nobody looks") {
  const auto check = monitors::always("never true", [] { return false; });
  const auto other = monitors::eventually("never true", [] { return false; });
}

TEST_CASE("state: a condition that is not there and one without a name are refused") {
  const std::function<bool()> nothing;
  CHECK_THROWS_WITH_AS(static_cast<void>(monitors::always("nothing", nothing)),
                       "the condition 'nothing' is an empty function", std::invalid_argument);
  bool (*const nowhere)() = nullptr;
  CHECK_THROWS_AS(static_cast<void>(monitors::never("nowhere", nowhere)), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(monitors::eventually("", [] { return true; })), std::invalid_argument);
}
