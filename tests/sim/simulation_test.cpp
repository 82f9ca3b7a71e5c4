#include <coweave/coweave.hpp>
#include <coweave/sim/policies/random_walk.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/sim/recording/replay.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <new>
#include <optional>
#include <string>

using namespace coweave;
using namespace std::chrono_literals;
using traces::VerdictKind;

namespace {

/// How a scenario ends under asyncio's own order, with the evidence.
traces::Verdict verdict_of(const sim::Scenario& scenario, Options options = {}) {
  sim::Simulation simulation(options.settings());
  sim::Fifo policy;
  policy.begin_run(1);
  sim::Recorder recorder;
  simulation.run(scenario, policy, &recorder);
  return recorder.trace().verdict;
}

Coro<int> answer() { co_return 42; }
Coro<void> nothing() { co_return; }
Coro<void> forever() {
  for (;;) co_await sleep(0s);
}
Coro<void> fail() {
  co_await sleep(0s);
  throw ValueError("no such value");
}

}  // namespace

TEST_CASE("simulation: a scenario that ends well passes") {
  const auto scenario = []() -> Coro<void> {
    const int value = co_await answer();
    COWEAVE_REQUIRE(value == 42);
  };
  CHECK(verdict_of(scenario).kind == VerdictKind::passed);
}

TEST_CASE("simulation: an exception of the root task is a failure with type and message") {
  const traces::Verdict verdict = verdict_of(fail);
  CHECK(verdict.kind == VerdictKind::exception);
  CHECK(verdict.message == "coweave::ValueError: no such value");
  CHECK(verdict.task == "0");
}

TEST_CASE("simulation: an assertion counts although the program catches everything") {
  const auto scenario = []() -> Coro<void> {
    co_await nothing();
    try {
      COWEAVE_REQUIRE(1 + 1 == 3);
    } catch (...) {
    }
  };
  const traces::Verdict verdict = verdict_of(scenario);
  CHECK(verdict.kind == VerdictKind::assertion);
  CHECK(verdict.message == "COWEAVE_REQUIRE(1 + 1 == 3), with 2 == 3");
  CHECK(verdict.at.file == "tests/sim/simulation_test.cpp");
}

TEST_CASE("simulation: two tasks that take two locks in opposite order are told as a cycle") {
  const auto scenario = []() -> Coro<void> {
    Lock a("a");
    Lock b("b");
    auto take = [](Lock& first, Lock& second) -> Coro<void> {
      const auto one = co_await first.scoped();
      co_await sleep(0s);
      const auto two = co_await second.scoped();
    };
    const auto left = create_task(take(a, b), {.name = "left"});
    const auto right = create_task(take(b, a), {.name = "right"});
    co_await left;
    co_await right;
  };
  const traces::Verdict verdict = verdict_of(scenario);
  CHECK(verdict.kind == VerdictKind::deadlock);
  CHECK(verdict.shape == "cycle");
  CHECK(verdict.cycle == std::vector<std::string>{"0.0", "0.1"});
  REQUIRE(verdict.waits.size() == 3);
  CHECK(verdict.waits[1].what == "Lock 'b'");
  CHECK(verdict.waits[1].held_by == std::vector<std::string>{"0.1"});
  REQUIRE(verdict.waits[1].stack.size() == 1);
  CHECK(verdict.waits[1].stack[0].file == "tests/sim/simulation_test.cpp");
  CHECK(verdict.message ==
        "'left' waits for Lock 'b' held by 'right', 'right' waits for Lock 'a' held by 'left'");
}

TEST_CASE("simulation: waiting for an event that nobody can set is a deadlock without a cycle") {
  const auto scenario = []() -> Coro<void> {
    Event event("ready");
    co_await event.wait();
  };
  const traces::Verdict verdict = verdict_of(scenario);
  CHECK(verdict.kind == VerdictKind::deadlock);
  CHECK(verdict.shape == "nobody_can_wake");
}

TEST_CASE("simulation: a task that never ends is a livelock at the bound on steps") {
  const traces::Verdict verdict = verdict_of(forever, {.steps_max = 500});
  CHECK(verdict.kind == VerdictKind::livelock);
  CHECK(verdict.step == 500);
}

TEST_CASE("simulation: of a livelock while a timer is pending a hint says that time stands still") {
  const auto scenario = []() -> Coro<void> {
    bool ready = false;
    auto get_ready = [](bool& flag) -> Coro<void> {
      co_await sleep(10ms);
      flag = true;
    };
    const auto task = create_task(get_ready(ready));
    while (!ready) co_await sleep(0s);
    co_await task;
  };
  const auto run = [&](const Options& options) -> std::optional<sim::Failure> {
    sim::Simulation simulation(options.settings());
    sim::Fifo policy;
    policy.begin_run(1);
    const sim::Failure* failure = simulation.run(scenario, policy);
    return failure ? std::optional(*failure) : std::nullopt;
  };
  const auto stands_still = run({.steps_max = 1'000, .step_cost = 0ns});
  REQUIRE(stands_still);
  CHECK(stands_still->kind == VerdictKind::livelock);
  CHECK(stands_still->hint ==
        "a timer is due in 10 ms, and time stands still while a task is ready: if it polls until then, give "
        "steps a cost (option step_cost), or let the loop be late (jitter)");
  CHECK(!run({.steps_max = 100'000, .step_cost = 1us}));
}

TEST_CASE("simulation: sleeping for ever is a livelock at the bound on virtual time") {
  const auto scenario = []() -> Coro<void> {
    for (;;) co_await sleep(1h);
  };
  CHECK(verdict_of(scenario, {.virtual_time_max = 24h}).kind == VerdictKind::livelock);
}

TEST_CASE("simulation: a task that outlives the root task has leaked") {
  const auto scenario = []() -> Coro<void> {
    create_task(forever(), {.name = "stray"});
    co_await sleep(0s);
  };
  const traces::Verdict verdict = verdict_of(scenario);
  CHECK(verdict.kind == VerdictKind::leaked_task);
  CHECK(verdict.message.find("'stray'") != std::string::npos);
  CHECK(verdict_of(scenario, {.leaks_allowed = true}).kind == VerdictKind::passed);
}

TEST_CASE("simulation: a coroutine that is dropped was never awaited") {
  const auto scenario = []() -> Coro<void> {
    static_cast<void>(answer());
    co_await nothing();
  };
  CHECK(verdict_of(scenario).kind == VerdictKind::never_awaited);
}

TEST_CASE("simulation: an exception that nobody looks at was never retrieved") {
  const auto scenario = []() -> Coro<void> {
    create_task(fail(), {.name = "failing"});
    co_await sleep(1s);
  };
  const traces::Verdict verdict = verdict_of(scenario);
  CHECK(verdict.kind == VerdictKind::never_retrieved);
  CHECK(verdict.message == "Task exception was never retrieved: coweave::ValueError: no such value");
}

TEST_CASE("simulation: what an exception leaves behind does not hide the exception") {
  const auto scenario = [](bool caught) -> Coro<void> {
    const auto body = []() -> Coro<void> {
      const auto secondary = create_task(fail());
      const Coro<int> unused = answer();
      co_await sleep(1s);
      throw ValueError("connection lost");
    };
    if (!caught) co_await body();
    try {
      co_await body();
    } catch (const ValueError&) {
    }
  };
  const traces::Verdict verdict = verdict_of([&] { return scenario(false); });
  CHECK(verdict.kind == VerdictKind::exception);
  CHECK(verdict.message == "coweave::ValueError: connection lost");
  CHECK(verdict_of([&] { return scenario(true); }).kind == VerdictKind::never_awaited);

  const auto dies_at_once = []() -> Coro<void> {
    const Coro<int> unused = answer();
    co_await sleep(0s);
    throw ValueError("connection lost");
  };
  CHECK(verdict_of(dies_at_once).message == "coweave::ValueError: connection lost");
}

TEST_CASE("simulation: tasks that block each other while another goes on for ever are a deadlock") {
  const auto take_both = [](Lock& first, Lock& second) -> Coro<void> {
    co_await first.acquire();
    co_await sleep(0s);
    co_await second.acquire();
  };
  for (const Duration pause : {Duration(0s), Duration(1s)}) {
    const auto scenario = [&]() -> Coro<void> {
      Lock a("a");
      Lock b("b");
      const auto one = create_task(take_both(a, b), {.name = "one"});
      const auto two = create_task(take_both(b, a), {.name = "two"});
      for (;;) co_await sleep(pause);
    };
    const traces::Verdict verdict = verdict_of(scenario, {.steps_max = 200});
    CHECK(verdict.kind == VerdictKind::deadlock);
    CHECK(verdict.shape == "cycle");
    CHECK(verdict.message ==
          "'one' waits for Lock 'b' held by 'two', 'two' waits for Lock 'a' held by 'one'");
  }
}

TEST_CASE("simulation: too many live tasks are a failure") {
  const auto scenario = []() -> Coro<void> {
    std::vector<Task<>> all;
    for (int count = 0; count < 20; ++count) all.push_back(create_task(nothing()));
    for (const Task<>& task : all) co_await task;
  };
  CHECK(verdict_of(scenario, {.tasks_max = 10}).kind == VerdictKind::task_bound);
}

TEST_CASE("simulation: time stands still while something can run, and an hour costs nothing") {
  const auto scenario = []() -> Coro<void> {
    const Duration start = Loop::current().time();
    for (int count = 0; count < 10; ++count) co_await sleep(0s);
    COWEAVE_REQUIRE((Loop::current().time() - start).count() == 0);
    co_await sleep(1h);
    COWEAVE_REQUIRE(Loop::current().time() - start == Duration(1h));
  };
  CHECK(verdict_of(scenario).kind == VerdictKind::passed);
}

TEST_CASE("simulation: a cost per step lets time-outs race with work") {
  const auto scenario = []() -> Coro<void> {
    bool rang = false;
    call_later(1ms, [&rang] { rang = true; });
    for (int count = 0; count < 20; ++count) co_await sleep(0s);
    COWEAVE_REQUIRE(rang);
  };
  CHECK(verdict_of(scenario).kind == VerdictKind::assertion);
  CHECK(verdict_of(scenario, {.step_cost = 100us}).kind == VerdictKind::passed);
}

TEST_CASE("simulation: to_thread runs its body as a step of its own") {
  const auto scenario = []() -> Coro<void> {
    const auto body = [] { return 7; };
    const int value = co_await to_thread(body);
    COWEAVE_REQUIRE(value == 7);
  };
  CHECK(verdict_of(scenario).kind == VerdictKind::passed);
}

TEST_CASE("simulation: the same seed gives the same schedule, other seeds give others") {
  const auto scenario = []() -> Coro<void> {
    std::vector<Task<>> all;
    for (int count = 0; count < 5; ++count) {
      all.push_back(create_task([]() -> Coro<void> {
        co_await sleep(0s);
        co_await sleep(0s);
      }()));
    }
    for (const Task<>& task : all) co_await task;
  };
  const auto schedule_of = [&](std::uint64_t seed) {
    sim::Simulation simulation(Options{}.settings());
    sim::RandomWalk policy(seed);
    policy.begin_run(1);
    simulation.run(scenario, policy);
    return simulation.schedule();
  };
  CHECK(schedule_of(1) == schedule_of(1));
  CHECK(schedule_of(1) != schedule_of(2));
}

TEST_CASE("simulation: strict replay says where a run leaves the schedule") {
  sim::Simulation simulation(Options{}.settings());
  const auto draws = [](std::uint32_t options) {
    return [options]() -> Coro<void> {
      co_await nothing();
      sim::random(2, "first");
      sim::random(options, "second");
    };
  };
  sim::RandomWalk random(1);
  random.begin_run(1);
  REQUIRE(simulation.run(draws(3), random) == nullptr);
  sim::StrictReplay replay(simulation.schedule());
  replay.begin_run(1);
  simulation.run(draws(3), replay);
  CHECK(!replay.divergence());
  replay.begin_run(1);
  simulation.run(draws(4), replay);
  REQUIRE(replay.divergence());
  CHECK(replay.divergence()->position == 1);
  CHECK(replay.divergence()->expected->options() == 3);
  CHECK(replay.divergence()->found->options() == 4);
}
