#include <coweave/core/executor.hpp>

#include <coweave/core/event_loop.hpp>
#include <coweave/core/gather.hpp>
#include <coweave/core/runner.hpp>
#include <coweave/core/to_thread.hpp>
#include <coweave/sim/policies/random_walk.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

/// A gate for bodies on real threads.
struct Gate {
  std::atomic<int> entered = 0;
  std::atomic<bool> open = false;
  void pass() {
    ++entered;
    while (!open) std::this_thread::yield();
  }
};

}  // namespace

TEST_CASE("executor: a pool without workers is a ValueError") {
  CHECK_THROWS_WITH_AS(ThreadPoolExecutor(0), "max_workers must be greater than 0", ValueError);
  CHECK(ThreadPoolExecutor(3).max_workers() == 3);
  CHECK(ThreadPoolExecutor().max_workers() >= 1);
}

TEST_CASE("executor: a result and an exception arrive on the loop (TH1, TH4, tFU31, tFU34)") {
  ThreadPoolExecutor executor(2);
  const auto main = [&]() -> Coro<std::string> {
    const std::thread::id mine = std::this_thread::get_id();
    const auto good = [&] { return std::this_thread::get_id() != mine; };
    const auto bad = []() -> int { throw ValueError("V"); };
    const auto future = run_in_executor(executor, good);
    CHECK(&future.state().loop() == &Loop::current());
    std::string text = co_await future ? "elsewhere" : "here";
    try {
      co_await run_in_executor(executor, bad);
    } catch (...) {
      text += " " + show();
    }
    co_return text;
  };
  CHECK(run(main()) == "elsewhere V(V)");
}

TEST_CASE("executor: a job that is queued when its future is cancelled never runs (THR3, tFU36, TH2)") {
  ThreadPoolExecutor executor(1);
  Gate gate;
  std::atomic<int> ran = 0;
  const auto main = [&]() -> Coro<void> {
    const auto token = std::make_shared<int>(0);
    const auto block = [&] { gate.pass(); };
    auto count = [&ran, token] { ++ran; };
    const auto first = run_in_executor(executor, block);
    while (gate.entered == 0) co_await sleep(1ms);
    const auto second = run_in_executor(executor, count);
    const auto third = run_in_executor(executor, count);
    CHECK(token.use_count() == 4);
    CHECK(second.cancel());
    CHECK(token.use_count() == 3);
    gate.open = true;
    co_await first;
    co_await third;
    CHECK(second.cancelled());
  };
  run(main());
  executor.shutdown();
  CHECK(ran == 1);
}

TEST_CASE(
    "executor: cancelling after the body has ended, but before the loop knows, drops its outcome (tFU37)") {
  ThreadPoolExecutor executor(1);
  std::atomic<bool> ended = false;
  const auto main = [&]() -> Coro<void> {
    const auto body = [&] {
      ended = true;
      return 7;
    };
    const auto future = run_in_executor(executor, body);
    while (!ended) std::this_thread::yield();  // the loop cannot run meanwhile
    CHECK(future.cancel());
    co_await sleep(5ms);
    CHECK(future.cancelled());
  };
  run(main());
}

TEST_CASE("executor: at most max_workers bodies run at once") {
  ThreadPoolExecutor executor(2);
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  const auto main = [&]() -> Coro<void> {
    const auto body = [&] {
      const int now = ++inside;
      for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
      }
      std::this_thread::yield();
      --inside;
    };
    std::vector<Future<void>> futures;
    for (int job = 0; job < 50; ++job) futures.push_back(run_in_executor(executor, body));
    for (const auto& future : futures) co_await future;
  };
  run(main());
  CHECK(most >= 1);
  CHECK(most <= 2);
}

TEST_CASE("executor: after shutdown it refuses, and queued jobs have run") {
  ThreadPoolExecutor executor(1);
  std::atomic<int> ran = 0;
  const auto main = [&]() -> Coro<void> {
    const auto body = [&] { ++ran; };
    std::vector<Future<void>> futures;
    for (int job = 0; job < 20; ++job) futures.push_back(run_in_executor(executor, body));
    executor.shutdown();
    CHECK(ran == 20);
    CHECK_THROWS_WITH_AS(run_in_executor(executor, body), "cannot schedule new futures after shutdown",
                         RuntimeError);
    for (const auto& future : futures) co_await future;
  };
  run(main());
}

TEST_CASE("executor: a body cannot shut down the pool that runs it") {
  ThreadPoolExecutor pool(1);
  auto main = [&]() -> Coro<std::string> {
    auto body = [&]() -> std::string {
      try {
        pool.shutdown();
      } catch (...) {
        return show();
      }
      return "done";
    };
    co_return co_await run_in_executor(pool, body);
  };
  CHECK(run(main()).find("cannot join current thread") != std::string::npos);
}

TEST_CASE("executor: a shutdown that cancels lets no queued job run and cancels their futures") {
  ThreadPoolExecutor executor(1);
  Gate gate;
  std::atomic<int> ran = 0;
  const auto main = [&]() -> Coro<void> {
    const auto block = [&] { gate.pass(); };
    const auto count = [&] { ++ran; };
    const auto first = run_in_executor(executor, block);
    while (gate.entered == 0) co_await sleep(1ms);
    const auto second = run_in_executor(executor, count);
    executor.shutdown(false, true);
    gate.open = true;
    co_await first;
    std::string text;
    try {
      co_await second;
    } catch (...) {
      text = show();
    }
    CHECK(text == "CE");
  };
  run(main());
  CHECK(ran == 0);
}

TEST_CASE("executor: a body that ends after the loop has closed is ignored (TH5)") {
  ThreadPoolExecutor executor(1);
  Gate gate;
  Future<int> future;
  {
    EventLoop loop;
    const auto body = [&] {
      gate.pass();
      return 1;
    };
    const auto main = [&]() -> Coro<void> {
      future = run_in_executor(executor, body);
      while (gate.entered == 0) co_await sleep(1ms);
    };
    loop.run_until_complete(main());
  }
  gate.open = true;
  executor.shutdown();
  CHECK_FALSE(future.done());
}

TEST_CASE("executor: the loop's own refuses after the end of main (R1)") {
  std::string text;
  const auto body = [] {};
  const auto late = [&]() -> Coro<void> {
    try {
      co_await sleep(1h);
    } catch (const CancelledError&) {
    }
    co_await to_thread(body);
    text = "ran";
  };
  const auto main = [&]() -> Coro<void> {
    create_task(late());
    co_await to_thread(body);
  };
  run(main());
  CHECK(text == "ran");
  EventLoop loop;
  loop.shut_down();
  const auto refused = [&]() -> Coro<void> {
    CHECK_THROWS_WITH_AS(to_thread(body), "Executor shutdown has been called", RuntimeError);
    co_return;
  };
  loop.run_until_complete(refused());
}

TEST_CASE("executor: under simulation jobs of one worker run in order, those of two may change places") {
  const auto orders = [](std::size_t workers) {
    std::set<std::string> seen;
    sim::Simulation simulation(fifo_settings());
    sim::RandomWalk policy(1);
    for (std::uint64_t run = 1; run <= 200; ++run) {
      policy.begin_run(run);
      Log log;
      const auto scenario = [&]() -> Coro<void> {
        ThreadPoolExecutor executor(workers);
        std::vector<Future<void>> futures;
        for (int job = 0; job < 3; ++job) {
          const auto body = [&log, job] { log("", job); };
          futures.push_back(run_in_executor(executor, body));
        }
        for (const auto& future : futures) co_await future;
      };
      CHECK(simulation.run(scenario, policy) == nullptr);
      seen.insert(log.text());
    }
    return seen;
  };
  CHECK(orders(1) == std::set<std::string>{"0 ; 1 ; 2"});
  // Job 2 begins only when one of the others has ended.
  CHECK(orders(2) == std::set<std::string>{"0 ; 1 ; 2", "0 ; 2 ; 1", "1 ; 0 ; 2", "1 ; 2 ; 0"});
  CHECK(orders(3).size() == 6);
}

TEST_CASE(
    "executor: under simulation a cancelled job makes room for the next, and a shutdown runs what is left") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          ThreadPoolExecutor executor(1);
          std::vector<Future<void>> futures;
          for (int job = 0; job < 4; ++job) {
            const auto body = [&log, job] { log("", job); };
            futures.push_back(run_in_executor(executor, body));
          }
          CHECK(futures[0].cancel());
          CHECK(futures[2].cancel());
          co_await futures[1];
          log("shutdown");
          const auto body = [&log] { log("last"); };
          const auto last = run_in_executor(executor, body);
          executor.shutdown();
          log("end");
          CHECK_THROWS_AS(run_in_executor(executor, body), RuntimeError);
          co_await futures[3];
          co_await last;
        }) == "1 ; 3 ; shutdown ; last ; end");
}

TEST_CASE(
    "executor: under simulation frames that are destroyed while they wait for a pool leave nothing behind") {
  const auto token = std::make_shared<int>(0);
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          ThreadPoolExecutor executor(1);
          auto body = [token, &log] { log("body"); };
          const auto one = run_in_executor(executor, body);
          const auto two = run_in_executor(executor, body);
          log("end");
          throw ValueError("stop");
          co_return;
        }).starts_with("end ; "));
  CHECK(token.use_count() == 1);
}

TEST_CASE(
    "to_thread: gives the result, is called once, and ten at once are ten calls (tTR01, tTR03, tTR04)") {
  std::atomic<int> calls = 0;
  const auto body = [&] { return ++calls; };
  const auto main = [&]() -> Coro<void> {
    const int first = co_await to_thread(body);
    CHECK(first == 1);
    std::vector<Future<int>> futures;
    for (int job = 0; job < 10; ++job) futures.push_back(to_thread(body));
    co_await gather(futures);
    CHECK(calls == 11);
  };
  run(main());
}
