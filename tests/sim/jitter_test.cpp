#include <coweave/sim/policies/jitter.hpp>

#include <coweave/coweave.hpp>
#include <coweave/traces/read.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>

using namespace coweave;
using namespace std::chrono_literals;
using traces::VerdictKind;

namespace {

Coro<void> work_for(int steps) {
  for (int step = 0; step < steps; ++step) co_await sleep(0s);
}

/// Takes for granted that work without a wait in it is done within its time.
Coro<void> impatient() { co_await wait_for(work_for(20), 50ms); }

/// Takes for granted that a body in a thread is done before a timer.
Coro<void> hasty() {
  bool done = false;
  const auto body = [&done] { done = true; };
  auto watch = [](bool& is_done) -> Coro<void> {
    co_await sleep(5ms);
    COWEAVE_REQUIRE(is_done);
  };
  const auto watcher = create_task(watch(done));
  co_await to_thread(body);
  co_await watcher;
}

Exploration search(const sim::Scenario& scenario, const char* policy, std::chrono::nanoseconds jitter = 0ns) {
  return explore(scenario, {.name = "jitter", .policy = policy, .runs = 500, .jitter = jitter});
}

}  // namespace

TEST_CASE("jitter: a time-out that races with work is found, and only where times vary") {
  CHECK(search(impatient, "fifo").passed());
  CHECK(search(impatient, "random").passed());
  CHECK(search(impatient, "random", 100ms).finding);
  const Exploration found = search(impatient, "fifo+jitter");
  REQUIRE(found.finding);
  CHECK(found.finding->trace.verdict.kind == VerdictKind::exception);
  CHECK(found.finding->trace.settings.jitter_ns == 100'000'000);
}

TEST_CASE("jitter: a body in a thread may take its time") {
  CHECK(search(hasty, "fifo").passed());
  const Exploration found = search(hasty, "fifo+jitter");
  REQUIRE(found.finding);
  CHECK(found.finding->trace.verdict.kind == VerdictKind::assertion);
}

TEST_CASE("jitter: a pool of threads may take its time, and one of its jobs may be cancelled meanwhile") {
  const auto scenario = []() -> Coro<void> {
    ThreadPoolExecutor pool(1);
    int bodies = 0;
    const auto body = [&bodies] { ++bodies; };
    const Future<void> first = run_in_executor(pool, body);
    const Future<void> second = run_in_executor(pool, body);
    second.cancel();
    co_await first;
    COWEAVE_REQUIRE(bodies == 1);
  };
  const Exploration explored = search(scenario, "fifo+jitter");
  CHECK_MESSAGE(explored.passed(), explored.report());
}

TEST_CASE("jitter: what it finds replays, strictly and tolerantly, and its choices are named") {
  for (const sim::Scenario& scenario : {sim::Scenario(impatient), sim::Scenario(hasty)}) {
    const Exploration found = search(scenario, "fifo+jitter");
    REQUIRE(found.finding);
    const traces::Trace& trace = found.finding->trace;
    for (const ReplayMode mode : {ReplayMode::strict, ReplayMode::tolerant}) {
      const Exploration again = replay(scenario, trace, mode);
      REQUIRE_MESSAGE(again.finding, again.report());
      CHECK(again.finding->trace.verdict.message == trace.verdict.message);
      CHECK(again.finding->trace.verdict.kind == trace.verdict.kind);
    }
    CHECK(std::any_of(trace.choices.begin(), trace.choices.end(), [](const traces::Choice& choice) {
      return choice.label.starts_with("late") && choice.taken != 0 && choice.options == 4;
    }));
    CHECK(std::none_of(trace.choices.begin(), trace.choices.end(), [](const traces::Choice& choice) {
      return choice.label == "next" && choice.taken != 0;
    }));
    const traces::ReadResult read = traces::read_trace(traces::write_trace(trace));
    REQUIRE(read.trace);
    CHECK(read.trace->settings.jitter_ns == trace.settings.jitter_ns);
  }
}

TEST_CASE("jitter: an order that asyncio does not show is never reported by it") {
  const auto scenario = []() -> Coro<void> {
    int stage = 0;
    auto advance = [](int& at) -> Coro<void> {
      at = 1;
      co_await sleep(0s);
      at = 2;
      co_await sleep(1s);
      at = 3;
    };
    auto check = [](int& at) -> Coro<void> {
      COWEAVE_REQUIRE(at == 1);
      co_return;
    };
    const auto one = create_task(advance(stage));
    const auto two = create_task(check(stage));
    co_await one;
    co_await two;
  };
  CHECK(search(scenario, "random").finding);
  const Exploration explored = search(scenario, "fifo+jitter");
  CHECK_MESSAGE(explored.passed(), explored.report());
  CHECK(explored.runs == 500);
}

TEST_CASE("jitter: timers keep their order, however late the loop is") {
  const auto scenario = []() -> Coro<void> {
    int last = 0;
    auto sleeper = [](int& seen, int milliseconds) -> Coro<void> {
      co_await sleep(std::chrono::milliseconds(milliseconds));
      COWEAVE_REQUIRE(seen < milliseconds);
      seen = milliseconds;
    };
    std::vector<Task<>> tasks;
    for (const int milliseconds : {30, 10, 40, 20}) tasks.push_back(create_task(sleeper(last, milliseconds)));
    for (Task<>& task : tasks) co_await task;
  };
  // What was armed in one iteration is due in order; a random order of what is ready is not.
  CHECK(search(scenario, "fifo+jitter").passed());
  CHECK(search(scenario, "random", 100ms).finding);
}

TEST_CASE("jitter: a negative one is refused") {
  CHECK_THROWS_WITH_AS(static_cast<void>(search(impatient, "fifo", -1ns)),
                       "the option jitter is negative: -1 ns", std::invalid_argument);
}
