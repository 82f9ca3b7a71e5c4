/// What must have been given back when a run of a sweep is over.

#include <coweave/tests/props/sweep_programs.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

TEST_CASE("sweep: the own lock of a condition has to be given back as any other") {
  const auto leaves_it = []() -> Coro<void> {
    Condition ready("ready");
    co_await ready.acquire();
    co_await sleep(1ms);
    ready.release();
  };
  const auto waits = [&leaves_it]() -> Coro<void> {
    const Task<> task = create_task(leaves_it());
    sim::may_cancel(task);
    const std::vector<AnyFuture> all{task};
    co_await wait(all);
  };
  const Sweep result = sweep(waits, cancellation, {.name = "own lock"});
  REQUIRE(result.failures.size() == 1);
  CHECK(result.failures.front().finding->trace.verdict.kind == traces::VerdictKind::still_held);
}

TEST_CASE("sweep: a permit and an item that are not given back are told") {
  auto permits = []() -> Coro<void> {
    Semaphore semaphore(2, "pool");
    auto user = [](Semaphore& pool) -> Coro<void> {
      co_await pool.acquire();
      co_await sleep(1ms);
      pool.release();
    };
    const Task<> task = create_task(user(semaphore), {.name = "user"});
    sim::may_cancel(task);
    const std::vector<AnyFuture> all{task};
    co_await wait(all);
  };
  const Sweep of_permits = sweep(permits, cancellation, {.name = "permits"});
  REQUIRE(of_permits.failures.size() == 1);
  CHECK(of_permits.failures[0].finding->trace.verdict.message ==
        "'user' acquired Semaphore 'pool' and never released it");
  CHECK(sweep(permits, cancellation, {.name = "permits", .may_be_held = {"Semaphore"}}).passed());
  CHECK(sweep(permits, cancellation, {.name = "permits", .may_be_held = {"Semaphore 'pool'"}}).passed());
  CHECK(!sweep(permits, cancellation, {.name = "permits", .may_be_held = {"Semaphore 'pond'"}}).passed());

  auto items = []() -> Coro<void> {
    Queue<int> queue(0, "jobs");
    queue.put_nowait(1);
    auto consumer = [](Queue<int>& jobs) -> Coro<void> {
      static_cast<void>(co_await jobs.get());
      co_await sleep(1ms);
      jobs.task_done();
    };
    const Task<> task = create_task(consumer(queue), {.name = "consumer"});
    sim::may_cancel(task);
    const std::vector<AnyFuture> all{task};
    co_await wait(all);
  };
  const Sweep of_items = sweep(items, cancellation, {.name = "items"});
  REQUIRE(of_items.failures.size() == 1);
  CHECK(of_items.failures[0].finding->trace.verdict.message ==
        "'consumer' got an item from Queue 'jobs' and never called task_done()");
}

TEST_CASE("sweep: a queue that nobody tells of items that are done is left alone, and the others are not") {
  auto pipeline = []() -> Coro<void> {
    Queue<int> jobs(0, "jobs");
    Queue<int> results(0, "results");
    auto worker = [&]() -> Coro<void> {
      const int job = co_await jobs.get();
      co_await results.put(job);
      co_await sleep(1ms);
      jobs.task_done();
    };
    auto reader = [&]() -> Coro<void> { static_cast<void>(co_await results.get()); };
    const Task<> works = create_task(worker(), {.name = "worker"});
    const Task<> reads = create_task(reader(), {.name = "reader"});
    sim::may_cancel(works);
    sim::may_cancel(reads);
    jobs.put_nowait(1);
    co_await sleep(5ms);
    reads.cancel();
    const std::vector<AnyFuture> all{works, reads};
    co_await wait(all);
  };
  const Sweep result = sweep(pipeline, cancellation, {.name = "pipeline"});
  REQUIRE(result.failures.size() == 1);
  CHECK(result.notes.empty());
  CHECK(result.failures[0].finding->trace.verdict.message ==
        "'worker' got an item from Queue 'jobs' and never called task_done()");
  const Exploration again = replay(pipeline, result.failures[0].finding->trace);
  REQUIRE(again.finding);
  CHECK(again.finding->trace == result.failures[0].finding->trace);
}

TEST_CASE("sweep: what a program holds anyway is not asked for") {
  auto budget = []() -> Coro<void> {
    Semaphore semaphore(10, "budget");
    auto user = [](Semaphore& pool) -> Coro<void> {
      co_await pool.acquire();  // used up for good
      co_await sleep(1ms);
    };
    const Task<> task = create_task(user(semaphore), {.name = "user"});
    sim::may_cancel(task);
    const std::vector<AnyFuture> all{task};
    co_await wait(all);
  };
  const Sweep result = sweep(budget, cancellation, {.name = "budget"});
  CHECK_MESSAGE(result.passed(), result.report());
  CHECK(contains(result.report(), "note: Semaphore 'budget' is held at the end without any injection"));
}

TEST_CASE("sweep: a semaphore that is a signal holds nothing") {
  auto signals = []() -> Coro<void> {
    Semaphore ready(0, "ready");
    auto consumer = [&]() -> Coro<void> {
      co_await sleep(1ms);
      co_await ready.acquire();
    };
    const Task<> task = create_task(consumer(), {.name = "consumer"});
    sim::may_cancel(task);
    ready.release();
    const std::vector<AnyFuture> all{task};
    co_await wait(all);
  };
  const Sweep result = sweep(signals, cancellation, {.name = "signals"});
  CHECK_MESSAGE(result.passed(), result.report());
  CHECK(result.notes.empty());
}

TEST_CASE("sweep: a get or a put that is cancelled loses no item, in any window of any order") {
  auto scenario = []() -> Coro<void> {
    Queue<int> queue(1, "queue");
    std::vector<int> put;
    std::vector<int> got;
    auto getter = [&]() -> Coro<void> {
      for (int count = 0; count < 2; ++count) {
        const int item = co_await queue.get();
        got.push_back(item);
      }
    };
    auto putter = [&](int item) -> Coro<void> {
      co_await sleep(1ms);
      co_await queue.put(item);
      put.push_back(item);
    };
    std::vector<Task<>> tasks{create_task(getter(), {.name = "one"}), create_task(getter(), {.name = "two"})};
    for (int item = 1; item <= 4; ++item) tasks.push_back(create_task(putter(item), {.name = "putter"}));
    for (const Task<>& task : tasks) sim::may_cancel(task);
    const std::vector<AnyFuture> all(tasks.begin(), tasks.end());
    static_cast<void>(co_await wait(all, {.timeout = 1s}));
    for (Task<>& task : tasks) task.cancel();
    co_await wait(all);
    while (!queue.empty()) got.push_back(queue.get_nowait());
    std::sort(got.begin(), got.end());
    std::sort(put.begin(), put.end());
    COWEAVE_REQUIRE(got == put);
  };
  for (const std::uint32_t deviations : {0U, 1U}) {
    const Sweep result =
        sweep(scenario, cancellation,
              {.name = "items", .deviations_max = deviations, .everywhere = deviations == 0});
    CHECK_MESSAGE(result.passed(), result.report());
    CHECK(result.entries.size() > 30);
  }
}

TEST_CASE("sweep: a semaphore that others release than acquire it is a signal, and nobody holds it") {
  auto buffer = []() -> Coro<void> {
    Semaphore full(0, "full");
    Semaphore room(2, "room");
    auto producer = [&]() -> Coro<void> {
      co_await room.acquire();
      full.release();
    };
    auto consumer = [&]() -> Coro<void> {
      co_await full.acquire();
      room.release();
    };
    const Task<> puts = create_task(producer(), {.name = "producer"});
    const Task<> gets = create_task(consumer(), {.name = "consumer"});
    sim::may_cancel(gets);
    const std::vector<AnyFuture> all{puts, gets};
    co_await wait(all);
    COWEAVE_REQUIRE(full.value() + room.value() == 2);
  };
  const Sweep result = sweep(buffer, cancellation, {.name = "buffer"});
  CHECK_MESSAGE(result.passed(), result.report());
  CHECK(result.entries.size() > 1);
}
