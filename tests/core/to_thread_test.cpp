#include <coweave/core/to_thread.hpp>

#include <coweave/core/runner.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

TEST_CASE("to_thread: under simulation the body is a step of its own") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto body = [&] {
            log("body");
            return 7;
          };
          call_soon([&] { log("other"); });
          const int value = co_await to_thread(body);
          log("value ", value);
        }) == "other ; body ; value 7");
}

TEST_CASE("to_thread: what the body throws arrives at the await") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto body = []() -> int { throw ValueError("V"); };
          try {
            co_await to_thread(body);
          } catch (...) {
            log(show());
          }
        }) == "V(V)");
}

TEST_CASE("to_thread: one that is cancelled before its body began never runs it (THR3, TH2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto token = std::make_shared<int>(0);
          auto body = [&log, token] { log("body"); };
          const auto future = to_thread(body);
          log("held ", token.use_count() == 3);
          log("cancel ", future.cancel());
          log("held ", token.use_count() == 2);
          log("cancel ", future.cancel());
          co_await sleep(1s);
          log("cancelled ", future.cancelled());
        }) == "held True ; cancel True ; held True ; cancel False ; cancelled True");
}

TEST_CASE("to_thread: cancelling gives CancelledError at once and the outcome is dropped (THR1)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto body = [&] { log("body"); };
          auto caller = [&]() -> Coro<void> {
            try {
              co_await to_thread(body);
            } catch (...) {
              log(show());
              throw;
            }
          };
          const auto t = create_task(caller());
          co_await tick();
          co_await tick();
          t.cancel();
          co_await sleep(1s);
          log(end_of(t));
        }) == "body ; CE ; cancelled");
}

TEST_CASE("to_thread: a body that has not run when the simulation ends is let go of") {
  const auto token = std::make_shared<int>(0);
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          auto body = [token] {};
          const auto left = to_thread(body);
          log("end");
          throw ValueError("stop");
          co_return;
        }).starts_with("end ;"));
  CHECK(token.use_count() == 1);
}

TEST_CASE("to_thread: on an EventLoop the body runs on another thread") {
  const auto main = []() -> Coro<bool> {
    const std::thread::id mine = std::this_thread::get_id();
    const auto body = [] { return std::this_thread::get_id(); };
    const std::thread::id other = co_await to_thread(body);
    co_return mine != other&& mine == std::this_thread::get_id();
  };
  CHECK(run(main()));
}

TEST_CASE("to_thread: bodies on an EventLoop run beside the loop and each other") {
  const auto main = []() -> Coro<int> {
    std::atomic<int> inside = 0;
    const auto body = [&] {
      ++inside;
      while (inside < 2) std::this_thread::yield();
      return 1;
    };
    const auto one = to_thread(body);
    const auto two = to_thread(body);
    const int first = co_await one;
    const int second = co_await two;
    co_return first + second;
  };
  CHECK(run(main()) == 2);
}

TEST_CASE("to_thread: on an EventLoop a running body finishes though its caller was cancelled (THR1)") {
  std::atomic<bool> may_end = false;
  std::atomic<bool> began = false;
  std::atomic<bool> ended = false;
  const auto main = [&]() -> Coro<bool> {
    const auto body = [&] {
      began = true;
      while (!may_end) std::this_thread::yield();
      ended = true;
    };
    auto caller = [&]() -> Coro<void> { co_await to_thread(body); };
    const auto t = create_task(caller());
    while (!began) co_await sleep(1ms);
    t.cancel();
    co_await tick();
    const bool cancelled_at_once = t.cancelled() && !ended;
    may_end = true;
    co_return cancelled_at_once;
  };
  CHECK(run(main()));  // the loop's destructor waits for the body
  CHECK(ended);
}

TEST_CASE("to_thread: an exception on another thread arrives at the await (tTR02)") {
  const auto main = []() -> Coro<std::string> {
    const auto body = []() -> int { throw ValueError("V"); };
    std::string text;
    try {
      co_await to_thread(body);
    } catch (...) {
      text = show();
    }
    co_return text;
  };
  CHECK(run(main()) == "V(V)");
}

namespace {

/// Tells on which thread it dies.
struct Told {
  explicit Told(std::thread::id& where) noexcept : died(&where) {}
  Told(const Told&) = delete;
  Told(Told&& from) noexcept : died(std::exchange(from.died, nullptr)) {}
  ~Told() {
    if (died) *died = std::this_thread::get_id();
  }
  std::thread::id* died;
};

}  // namespace

TEST_CASE("to_thread: what the body gives and throws dies on the loop's thread") {
  // The thread that ran the body lets go of the job at about the time when the loop delivers it.
  const auto main = []() -> Coro<int> {
    int elsewhere = 0;
    for (int time = 0; time < 500; ++time) {
      std::thread::id died;
      const bool throws = time % 2 == 0;
      const auto body = [&died, throws]() -> int {
        if (throws) throw Told(died);
        return 1;
      };
      try {
        co_await to_thread(body);
      } catch (const Told&) {
      }
      if (throws && died != std::this_thread::get_id()) ++elsewhere;
      const auto giver = [&died] { return Told(died); };
      {
        const Told given = co_await to_thread(giver);
      }
      if (died != std::this_thread::get_id()) ++elsewhere;
    }
    co_return elsewhere;
  };
  CHECK(run(main()) == 0);
}

TEST_CASE("to_thread: a hundred bodies give their own results, from what they capture (tTR05)") {
  const auto main = []() -> Coro<int> {
    std::vector<Future<int>> futures;
    for (int number = 0; number < 100; ++number) {
      const auto body = [number] { return number; };
      futures.push_back(to_thread(body));
    }
    int wrong = 0;
    for (int number = 0; number < 100; ++number) {
      const int result = co_await futures[static_cast<std::size_t>(number)];
      if (result != number) ++wrong;
    }
    co_return wrong;
  };
  CHECK(run(main()) == 0);
}

TEST_CASE("to_thread: without a loop it is a RuntimeError") {
  const auto body = [] {};
  CHECK_THROWS_AS(to_thread(body), RuntimeError);
}
