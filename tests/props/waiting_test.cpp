// What must hold of timeouts, groups, shields and waits in whatever order things happen.

#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

Coro<int> sleeper(Duration delay) {
  co_await sleep(delay);
  co_return 1;
}

/// Ends in one of the ways that a task may end, after a few steps.
Coro<int> any_end() {
  const std::uint32_t end = sim::random(4, "end");
  for (std::uint32_t count = sim::random(3, "steps"); count > 0; --count) co_await sleep(0s);
  if (end == 1) throw ValueError("failed");
  if (end == 2) {
    try {
      co_await sleep(10ms);
    } catch (const CancelledError&) {
    }
    co_await sleep(sim::random(2, "cleanup") * 10ms);
  }
  if (end == 3) co_await sleep(10ms);
  co_return 1;
}

/// Explores and returns the report of what fails, or nothing.
std::string failure_of(const sim::Scenario& scenario, const std::string& name,
                       std::uint32_t cancellations = 2) {
  const Exploration result =
      explore(scenario, {.name = name, .runs = 2'000, .cancellations_max = cancellations});
  return result.passed() ? "" : result.report();
}

/// Waits for `task` without looking at how it ends.
template <class T>
Coro<void> ended(Task<T> task) {
  co_await wait(task);
  if (!task.cancelled()) static_cast<void>(task.exception());
}

}  // namespace

TEST_CASE("waiting: a timeout never swallows a cancellation from outside") {
  const auto scenario = []() -> Coro<void> {
    auto worker = []() -> Coro<void> {
      if (sim::random(2, "pending on entry") == 1) current_task().cancel();
      const auto inner = [](Timeout&) -> Coro<int> { co_return co_await timeout(10ms, sleeper(10ms)); };
      try {
        co_await timeout(sim::random(2, "limit") * 10ms, inner);
      } catch (const TimeoutError&) {
      }
      co_await sleep(1s);
    };
    const auto task = create_task(worker());
    sim::may_cancel(task);
    co_await sleep(sim::random(2, "when") * 10ms);
    if (sim::random(2, "cancel") == 1) task.cancel();
    co_await wait(task);
    COWEAVE_REQUIRE(task.cancelled() == (task.cancelling() > 0));
  };
  CHECK(failure_of(scenario, "timeout") == "");
}

TEST_CASE("waiting: wait_for never swallows a cancellation, nor loses an item") {
  const auto scenario = []() -> Coro<void> {
    Queue<int> queue;
    int got = 0;
    auto consumer = [&]() -> Coro<void> {
      for (int round = 0; round < 3; ++round) {
        try {
          got += co_await wait_for(queue.get(), 10ms);
        } catch (const TimeoutError&) {
        }
      }
      co_await sleep(1s);
    };
    auto producer = [&]() -> Coro<void> {
      for (int item = 0; item < 3; ++item) {
        co_await sleep(sim::random(2, "pause") * 10ms);
        queue.put_nowait(1);
      }
    };
    const auto task = create_task(consumer());
    sim::may_cancel(task);
    co_await create_task(producer());
    co_await wait(task);
    COWEAVE_REQUIRE(task.cancelled() == (task.cancelling() > 0));
    COWEAVE_REQUIRE(got + static_cast<int>(queue.qsize()) == 3);
  };
  CHECK(failure_of(scenario, "wait_for") == "");
}

TEST_CASE("waiting: a task group never leaves a task running") {
  const auto scenario = []() -> Coro<void> {
    std::vector<Task<int>> children;
    auto parent = [&]() -> Coro<void> {
      auto body = [&](TaskGroup& group) -> Coro<void> {
        for (int count = 0; count < 3; ++count) {
          children.push_back(group.create_task(any_end()));
          sim::may_cancel(children.back());
          if (sim::random(2, "pause") == 1) co_await sleep(0s);
        }
        if (sim::random(2, "stop") == 1) group.cancel();
        if (sim::random(2, "body") == 1) co_await sleep(10ms);
      };
      bool failed = false;
      bool cancelled = false;
      try {
        co_await TaskGroup::run(body);
      } catch (const ExceptionGroup&) {
        failed = true;
      } catch (const CancelledError&) {
        cancelled = true;
      }
      for (const Task<int>& child : children) {
        COWEAVE_REQUIRE(child.done());
        const bool error = !child.cancelled() && child.exception();
        COWEAVE_REQUIRE((!error || failed));
      }
      COWEAVE_REQUIRE((!cancelled || current_task().cancelling() > 0));
    };
    const auto task = create_task(parent());
    sim::may_cancel(task);
    co_await ended(task);
    for (const Task<int>& child : children) {
      if (!child.cancelled()) static_cast<void>(child.exception());
    }
  };
  CHECK(failure_of(scenario, "task group", 3) == "");
}

TEST_CASE("waiting: a shield never cancels what it shields") {
  const auto scenario = []() -> Coro<void> {
    const auto inner = create_task(sleeper(10ms));
    auto body = [&]() -> Coro<void> {
      const std::uint32_t way = sim::random(3, "way");
      if (way == 0) {
        co_await shield(inner);
      } else if (way == 1) {
        co_await gather(shield(inner), shield(inner));
      } else {
        co_await wait_for(shield(inner), 10ms);
      }
    };
    const auto task = create_task(body());
    sim::may_cancel(task);
    co_await ended(task);
    COWEAVE_REQUIRE(inner.cancelling() == 0U);
    co_await ended(inner);
    COWEAVE_REQUIRE(!inner.cancelled());
  };
  CHECK(failure_of(scenario, "shield") == "");
}

TEST_CASE("waiting: wait and as_completed never cancel what they wait for") {
  const auto scenario = []() -> Coro<void> {
    std::vector<Task<int>> children;
    for (int count = 0; count < 3; ++count) children.push_back(create_task(any_end()));
    auto waits = [&]() -> Coro<void> {
      const WaitOptions options{.timeout = sim::random(3, "timeout") * 5ms,
                                .return_when = static_cast<ReturnWhen>(sim::random(3, "until"))};
      const auto halves = co_await wait(children, options);
      COWEAVE_REQUIRE(halves.done.size() + halves.pending.size() == 3U);
      for (const Task<int>& child : halves.done) COWEAVE_REQUIRE(child.done());
      for (const Task<int>& child : halves.pending) COWEAVE_REQUIRE(!child.done());
    };
    auto takes = [&]() -> Coro<void> {
      auto completions = as_completed(children, 10ms);
      try {
        while (const auto child = co_await completions.next()) COWEAVE_REQUIRE(child->done());
      } catch (const TimeoutError&) {
      }
    };
    const auto waiting = create_task(waits());
    const auto taking = create_task(takes());
    sim::may_cancel(waiting);
    sim::may_cancel(taking);
    co_await ended(waiting);
    co_await ended(taking);
    for (const Task<int>& child : children) {
      COWEAVE_REQUIRE(child.cancelling() == 0U);
      co_await ended(child);
      COWEAVE_REQUIRE(!child.cancelled());
    }
  };
  CHECK(failure_of(scenario, "wait") == "");
}

TEST_CASE("waiting: a staggered race has at most one winner and leaves no task") {
  const auto scenario = []() -> Coro<void> {
    std::vector<Coro<int> (*)()> ways(3, [] { return sleeper(sim::random(3, "takes") * 10ms); });
    auto body = [&]() -> Coro<void> {
      const auto outcome = co_await staggered_race(ways, 10ms);
      COWEAVE_REQUIRE(outcome.winner.has_value());
      COWEAVE_REQUIRE(outcome.index.has_value());
      COWEAVE_REQUIRE(!outcome.exceptions.at(*outcome.index));
    };
    const auto task = create_task(body());
    sim::may_cancel(task);
    co_await ended(task);
    // Cancelled, the race does not wait for its runners; nobody else is left after two iterations.
    co_await sleep(1s);
    COWEAVE_REQUIRE(all_tasks().size() == 1U);
  };
  CHECK(failure_of(scenario, "staggered race") == "");
}

TEST_CASE("waiting: a deadlock through wait and as_completed is told as the cycle that it is") {
  const auto scenario = []() -> Coro<void> {
    std::vector<Task<void>> tasks;
    auto waits = [&]() -> Coro<void> {
      co_await sleep(0s);
      co_await wait(tasks.at(1));
    };
    auto takes = [&]() -> Coro<void> {
      auto completions = as_completed(std::vector<Task<void>>(1, tasks.at(0)));
      co_await completions.next();
    };
    tasks.push_back(create_task(waits(), {.name = "a"}));
    tasks.push_back(create_task(takes(), {.name = "b"}));
    co_await shield(tasks.at(0));
  };
  const Exploration result = explore(scenario, {.name = "cycle", .policy = "fifo"});
  REQUIRE(result.finding);
  CHECK(result.finding->trace.verdict.shape == "cycle");
  CHECK(result.finding->trace.verdict.message == "'a' waits for task 'b', 'b' waits for task 'a'");
}
