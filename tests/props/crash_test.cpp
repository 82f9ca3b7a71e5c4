#include <coweave/coweave.hpp>
#include <coweave/props/replay.hpp>
#include <coweave/traces/read.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <unistd.h>

using namespace coweave;
using namespace std::chrono_literals;
using traces::VerdictKind;

namespace {

enum class End { signal, abort, exit, exit_well, after_a_number, killed, ends_silently };

/// Ends its process if the first task runs after the second has come to its end.
Coro<void> last_one(const bool& done, End end) {
  for (int count = 0; count < 2; ++count) co_await sleep(0s);
  if (!done) co_return;
  switch (end) {
    case End::signal:
      std::raise(SIGSEGV);
      break;
    case End::abort:
      std::abort();
    case End::exit:
      std::exit(3);
    case End::exit_well:
      std::exit(0);
    case End::killed:
      std::raise(SIGKILL);
      break;
    case End::ends_silently:
      _exit(0);
    case End::after_a_number:
      if (sim::random(5, "which") == 3) std::raise(SIGFPE);
      break;
  }
}

Coro<void> first_one(bool& done) {
  for (int count = 0; count < 3; ++count) co_await sleep(0s);
  done = true;
}

sim::Scenario crashing(End end) {
  return [end]() -> Coro<void> {
    bool done = false;
    const auto last = create_task(last_one(done, end), {.name = "last"});
    const auto first = create_task(first_one(done), {.name = "first"});
    co_await last;
    co_await first;
  };
}

Exploration explored(End end, std::uint32_t workers) {
  return explore(crashing(end), {.name = "crashing", .workers = workers});
}

}  // namespace

TEST_CASE("crash: a signal ends a worker, and leaves a small trace that replays") {
  const Exploration result = explored(End::signal, 2);
  REQUIRE(result.finding);
  const traces::Trace& trace = result.finding->trace;
  CHECK(trace.verdict.kind == VerdictKind::crash);
  CHECK(trace.verdict.message == "the process was ended by SIGSEGV in this step");
  CHECK(trace.verdict.task == "0.0");
  REQUIRE(!trace.verdict.stack.empty());
  CHECK(trace.verdict.stack.front().file == "tests/props/crash_test.cpp");
  CHECK(result.finding->minimal);

  const traces::ReadResult read = traces::read_trace(traces::write_trace(trace));
  REQUIRE(read);
  CHECK(*read.trace == trace);

  const Exploration again = replay(crashing(End::signal), trace);
  REQUIRE(again.finding);
  CHECK(again.finding->trace == trace);
}

TEST_CASE("crash: any number of workers leaves the same trace") {
  const Exploration one = explored(End::abort, 1);
  REQUIRE(one.finding);
  CHECK(one.finding->trace.verdict.message == "the process was ended by SIGABRT in this step");
  const Exploration three = explored(End::abort, 3);
  REQUIRE(three.finding);
  CHECK(one.finding->trace == three.finding->trace);
}

TEST_CASE(
    "crash: the run that ends its process is the one that would have failed, and those before it count") {
  const auto scenario = [](bool crashes) -> sim::Scenario {
    return [crashes]() -> Coro<void> {
      co_await sleep(0s);
      if (sim::random(3'000, "which") != 7) co_return;
      if (crashes) std::raise(SIGSEGV);
      throw ValueError("seven");
    };
  };
  for (const char* policy : {"random", "dfs", "preempt"}) {
    Options options{.name = "seven", .policy = policy, .seed = 3, .runs = 100'000};
    const Exploration failed = explore(scenario(false), options);
    REQUIRE(failed.finding);
    for (const std::uint32_t workers : {1U, 3U}) {
      options.workers = workers;
      const Exploration crashed = explore(scenario(true), options);
      REQUIRE(crashed.finding);
      CHECK(crashed.finding->run == failed.finding->run);
      CHECK(crashed.runs == failed.runs);
      CHECK(crashed.steps == failed.steps);
      CHECK(crashed.coverage == failed.coverage);
    }
  }
}

TEST_CASE("crash: a call of exit is one too, whatever its status") {
  const Exploration result = explored(End::exit, 2);
  REQUIRE(result.finding);
  CHECK(result.finding->trace.verdict.message == "the process ended with exit status 3 in this step");
  const Exploration well = explored(End::exit_well, 2);
  REQUIRE(well.finding);
  CHECK(well.finding->trace.verdict.message == "the process ended with exit status 0 in this step");
}

TEST_CASE("crash: numbers that the last step has asked for are in the trace") {
  const Exploration result = explored(End::after_a_number, 2);
  REQUIRE(result.finding);
  const traces::Trace& trace = result.finding->trace;
  CHECK(trace.verdict.message == "the process was ended by SIGFPE in this step");
  REQUIRE(!trace.choices.empty());
  CHECK(trace.choices.back().label == "random:which");
  CHECK(trace.choices.back().options == 5);
  CHECK(trace.choices.back().taken == 3);
  CHECK(replay(crashing(End::after_a_number), trace).finding);
}

TEST_CASE("crash: before the first step it has no events") {
  const auto scenario = []() -> Coro<void> {
    std::raise(SIGSEGV);
    return []() -> Coro<void> { co_return; }();
  };
  const Exploration result = explore(scenario, {.name = "at once", .workers = 2});
  REQUIRE(result.finding);
  CHECK(result.runs == 1);
  CHECK(result.finding->trace.verdict.message == "the process was ended by SIGSEGV before the first step");
  CHECK(result.finding->trace.events.empty());
  CHECK(traces::read_trace(traces::write_trace(result.finding->trace)));
}

TEST_CASE("crash: a replay of a program that was mended passes") {
  const Exploration result = explored(End::signal, 1);
  REQUIRE(result.finding);
  const auto mended = []() -> Coro<void> {
    bool done = false;
    const auto last = create_task(first_one(done), {.name = "last"});
    const auto first = create_task(first_one(done), {.name = "first"});
    co_await last;
    co_await first;
  };
  CHECK(replay(mended, result.finding->trace).passed());
}

TEST_CASE("crash: a worker that ends without a word leaves its choices all the same") {
  for (const End end : {End::killed, End::ends_silently}) {
    for (const char* policy : {"random", "dfs"}) {
      const Exploration result =
          explore(crashing(end), {.name = "silent", .policy = policy, .seed = 2, .workers = 2});
      REQUIRE(result.finding);
      const traces::Trace& trace = result.finding->trace;
      CHECK(trace.verdict.kind == VerdictKind::crash);
      CHECK(trace.verdict.message == (end == End::killed
                                          ? "the process was ended by SIGKILL in this step"
                                          : "the process ended with exit status 0 in this step"));
      CHECK(trace.verdict.task == "0.0");
      CHECK(result.finding->deviations > 0);
      const Exploration again = replay(crashing(end), trace);
      REQUIRE(again.finding);
      CHECK(again.finding->trace == trace);
    }
  }
}

TEST_CASE("crash: a trace whose choices nobody knows is not replayed") {
  // It is killed by what it has not chosen: only the first worker that comes by is.
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  REQUIRE(write(pipe_ends[1], "x", 1) == 1);
  close(pipe_ends[1]);
  const auto scenario = [&]() -> Coro<void> {
    co_await sleep(0s);
    char token = 0;
    if (read(pipe_ends[0], &token, 1) == 1) std::raise(SIGKILL);
  };
  const Exploration result = explore(scenario, {.name = "killed", .seed = 5, .workers = 1});
  close(pipe_ends[0]);
  REQUIRE(result.finding);
  CHECK(result.finding->trace.verdict.kind == VerdictKind::crash);
  CHECK(result.finding->trace.verdict.message ==
        "the process was ended by SIGKILL, and left nothing: the choices of run 1 are not known");
  CHECK_THROWS_WITH_AS(static_cast<void>(replay(scenario, result.finding->trace)),
                       "the trace of 'killed' cannot be replayed: the process left no choices when it ended. "
                       "Explore again with seed 5, which ended it in run 1",
                       std::runtime_error);
}

TEST_CASE("crash: signals without a name are told by number") {
  const auto scenario = []() -> Coro<void> {
    co_await sleep(0s);
    std::raise(SIGRTMIN + 3);
  };
  const Exploration result = explore(scenario, {.name = "real time", .workers = 2});
  REQUIRE(result.finding);
  CHECK(result.finding->trace.verdict.message.starts_with("the process was ended by signal "));
}

TEST_CASE("crash: a step that does not come back in a worker is told as that") {
  const auto scenario = []() -> Coro<void> {
    co_await sleep(0s);
    for (volatile bool forever = true; forever;) {
    }
  };
  const Exploration result = explore(scenario, {.name = "hangs", .workers = 1, .step_wall_time_max = 100ms});
  CHECK(!result.passed());
  CHECK(!result.finding);
  CHECK(result.blocked.starts_with("step 2 of run 1, or one before it, took more than 100ms of real time"));
}
