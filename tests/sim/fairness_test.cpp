#include <coweave/sim/search/fairness.hpp>

#include <coweave/coweave.hpp>
#include <coweave/props/deadline.hpp>
#include <coweave/sim/policies/policy_name.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t polls_max = sim::Fairness::steps_max;

Coro<void> poll(const bool& ready, int& polls) {
  while (!ready) {
    ++polls;
    co_await sleep(0s);
  }
}
Coro<void> make_ready(bool& ready) {
  ready = true;
  co_return;
}

/// Somebody polls plain memory. The number of polls of each run goes into `seen`.
sim::Scenario polling(std::set<int>& seen) {
  return [&seen]() -> Coro<void> {
    bool ready = false;
    int polls = 0;
    const auto one = create_task(poll(ready, polls));
    const auto two = create_task(make_ready(ready));
    co_await one;
    co_await two;
    seen.insert(polls);
  };
}

Coro<void> poll_shared(Shared<bool>& ready) {
  for (;;) {
    const bool is_ready = co_await ready.read();
    if (is_ready) break;
    co_await sleep(0s);
  }
}
Coro<void> spin(Shared<bool>& ready) {
  bool is_ready = false;
  while (!is_ready) is_ready = co_await ready.read();
}
Coro<void> write_shared(Shared<bool>& ready) { co_await ready.write(true); }

template <class Polls>
sim::Scenario polling_shared(Polls polls, int pollers) {
  return [polls, pollers]() -> Coro<void> {
    Shared<bool> ready(false, "ready");
    std::vector<Task<>> tasks;
    for (int count = 0; count < pollers; ++count) tasks.push_back(create_task(polls(ready)));
    tasks.push_back(create_task(write_shared(ready)));
    for (const Task<>& task : tasks) co_await task;
  };
}

Exploration explored(const sim::Scenario& scenario, const char* policy, SchedulingPoints points,
                     std::uint32_t workers = 0) {
  Options options{.name = "polling", .policy = policy, .scheduling_points = points};
  options.workers = workers;
  options.corpus = no_corpus;
  return explore(scenario, options);
}

bool says_what_it_left_out(const Exploration& result) {
  for (const std::string& note : result.notes) {
    if (note.find("for 32 steps in vain was made to wait") != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("fairness: dfs of a task that polls comes to its end") {
  std::set<int> seen;
  const Exploration result = explored(polling(seen), "dfs", SchedulingPoints::suspensions);
  CHECK(result.passed());
  CHECK(!result.exhausted);  // it left something out
  CHECK(says_what_it_left_out(result));
  CHECK(result.report().find("the search came to its end, but left something out") != std::string::npos);
  CHECK(!result.coverage.schedules_log10);
  CHECK(result.runs < 10'000);
  // All numbers of polls up to the bound, and few beyond: then the other task has run.
  CHECK(seen.size() >= polls_max);
  CHECK(*seen.begin() == 0);
  CHECK(*seen.rbegin() <= static_cast<int>(polls_max) + 2);
}

TEST_CASE("fairness: dpor of tasks that poll a shared variable comes to its end") {
  for (const int pollers : {1, 2}) {
    const Exploration result =
        explored(polling_shared(poll_shared, pollers), "dpor", SchedulingPoints::accesses);
    INFO(result.report());
    CHECK(result.passed());
    CHECK(!result.exhausted);
    CHECK(says_what_it_left_out(result));
    CHECK(result.runs > polls_max / 2);  // a read and a sleep each
    CHECK(result.runs < 2'000);
  }
}

TEST_CASE("fairness: a task that spins without giving way is held back too") {
  const Exploration result = explored(polling_shared(spin, 1), "dpor", SchedulingPoints::accesses);
  CHECK(result.passed());
  CHECK(says_what_it_left_out(result));
  CHECK(result.runs < 200);
}

TEST_CASE("fairness: workers leave out what one process does") {
  std::set<int> seen;
  for (const char* policy : {"dfs", "dpor"}) {
    const sim::Scenario scenario = polling_shared(poll_shared, 1);
    const Exploration alone = explored(scenario, policy, SchedulingPoints::accesses);
    const Exploration shared = explored(scenario, policy, SchedulingPoints::accesses, 2);
    INFO(std::string(policy));
    CHECK(alone.passed());
    CHECK(shared.runs == alone.runs);
    CHECK(shared.steps == alone.steps);
    CHECK(shared.given_up == alone.given_up);
    CHECK(!shared.exhausted);
    CHECK(says_what_it_left_out(shared));
  }
}

TEST_CASE("fairness: polling for what never comes is found") {
  const auto scenario = []() -> Coro<void> {
    bool ready = false;
    int polls = 0;
    auto other = []() -> Coro<void> {
      for (int step = 0; step < 3; ++step) co_await sleep(0s);
    };
    const auto one = create_task(poll(ready, polls));
    const auto two = create_task(other());
    co_await one;
    co_await two;
  };
  Options options{.name = "never", .policy = "dfs", .steps_max = 1'000};
  options.corpus = no_corpus;
  const Exploration result = explore(scenario, options);
  REQUIRE(result.finding);
  CHECK(result.finding->trace.verdict.kind == traces::VerdictKind::livelock);
}

TEST_CASE("fairness: the bound on wall time ends a run that comes to no end") {
  const auto scenario = []() -> Coro<void> {
    auto spin = []() -> Coro<void> {
      for (;;) co_await sleep(0s);
    };
    const auto one = create_task(spin());
    const auto two = create_task(spin());
    co_await one;
    co_await two;
  };
  for (const char* policy : {"random", "dfs", "dpor", "fifo"}) {
    const detail::Stopwatch watch;
    Options options{.name = "endless", .policy = policy, .steps_max = 4'000'000'000};
    options.wall_time_max = 100ms;
    options.corpus = no_corpus;
    const Exploration result = explore(scenario, options);
    INFO(std::string(policy));
    CHECK(watch.elapsed() < 60s);
    CHECK(!result.finding);
    CHECK(result.runs == 0);
    CHECK(!result.passed());
    CHECK(result.unfinished ==
          "stopped at the bound on wall time, 100ms: no run came to its end, so nothing is known");
    CHECK(result.report() == "FAILED: endless: " + result.unfinished + "\n");
  }
}

TEST_CASE("fairness: whoever works is not held back, however long") {
  const auto scenario = []() -> Coro<void> {
    Shared<int> mine(0);
    Shared<int> other(0);
    auto work = [](Shared<int>& count, int times) -> Coro<void> {
      for (int time = 0; time < times; ++time) co_await count.write(time);
    };
    const auto one = create_task(work(mine, 100));
    const auto two = create_task(work(other, 1));
    co_await one;
    co_await two;
  };
  for (const char* policy : {"dfs", "dpor"}) {
    const Exploration result = explored(scenario, policy, SchedulingPoints::accesses);
    INFO(result.report());
    CHECK(result.exhausted);
    CHECK(!says_what_it_left_out(result));
  }
}
