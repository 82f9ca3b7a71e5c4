#include <coweave/core/runner.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/core/to_thread.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

Coro<int> answer() {
  co_await tick();
  co_return 42;
}

Coro<void> fails(std::string text) {
  co_await tick();
  throw ValueError(text);
}

/// A runner's options whose loop writes what it is told into `log`.
RunnerOptions told_to(Log& log) {
  RunnerOptions options;
  options.loop_factory = [&log] {
    auto loop = std::make_unique<EventLoop>();
    loop->set_exception_handler(
        [&log](const Report& report) { log(report.message + ": " + show(report.exception)); });
    return loop;
  };
  return options;
}

template <class Argument>
concept Runnable = requires(Argument argument) { run(std::move(argument)); };

}  // namespace

// What is no coroutine does not compile: asyncio's ValueError.
static_assert(Runnable<Coro<int>> && !Runnable<int> && !Runnable<Coro<int> (*)()> && !Runnable<Task<int>>);

TEST_CASE("run: gives what main returns, also what can only be moved or is a reference (tRN01)") {
  CHECK(run(answer()) == 42);
  auto unique = []() -> Coro<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
  CHECK(*run(unique()) == 7);
  int original = 1;
  auto reference = [&]() -> Coro<int&> { co_return original; };
  CHECK(&run(reference()) == &original);
}

TEST_CASE("run: throws what main throws (tRN02)") {
  CHECK_THROWS_WITH_AS(run(fails("spam")), "spam", ValueError);
  auto gives_up = []() -> Coro<void> {
    current_task().cancel("mine");
    co_await tick();
  };
  CHECK_THROWS_AS(run(gives_up()), CancelledError);
}

TEST_CASE("run: an empty coroutine is refused (tRN03)") {
  CHECK_THROWS_WITH_AS(run(Coro<void>()),
                       "this Coro is empty: it was awaited before, given to a task, or moved from",
                       RuntimeError);
}

TEST_CASE("run: the debug mode of the loop is as asked (tRN04, tRN13, tRN14)") {
  auto mode = []() -> Coro<bool> { co_return static_cast<EventLoop&>(Loop::current()).debug(); };
  CHECK_FALSE(run(mode()));
  CHECK(run(mode(), {.debug = true}));
  CHECK_FALSE(run(mode(), {.debug = false}));
  Runner runner({.debug = true});
  CHECK(runner.get_loop().debug());
}

TEST_CASE("run: within a running loop it is a RuntimeError, and the coroutine is not reported (tRN05)") {
  Log log;
  auto main = [&]() -> Coro<void> {
    CHECK_THROWS_WITH_AS(run(answer()), "Runner.run() cannot be called from a running event loop",
                         RuntimeError);
    co_return;
  };
  run(main(), told_to(log));
  CHECK(log.text().empty());
}

TEST_CASE("run: tasks that main leaves are cancelled and done when it returns (RUN-A, tRN06, R1)") {
  Log log;
  Task<> left;
  auto background = [&]() -> Coro<void> {
    try {
      co_await sleep(100s);
    } catch (...) {
      log("bg " + show());
      throw;
    }
  };
  auto main = [&]() -> Coro<int> {
    left = create_task(background());
    co_await tick();
    log("main end");
    co_return 1;
  };
  log("", run(main()));
  CHECK(left.cancelled());
  left = {};
  CHECK(log.text() == "main end ; bg CE ; 1");
}

TEST_CASE("run: what a task raises when it is cancelled at the end is reported (tRN07, D2)") {
  Log log;
  auto stubborn = [&](std::string text) -> Coro<void> {
    try {
      co_await sleep(100s);
    } catch (const CancelledError&) {
      throw ValueError(text);
    }
  };
  auto main = [&]() -> Coro<void> {
    create_task(stubborn("first"));
    create_task(stubborn("second"));
    co_await tick();
  };
  run(main(), told_to(log));
  CHECK(log.text() ==
        "unhandled exception during asyncio.run() shutdown: V(first) ; "
        "unhandled exception during asyncio.run() shutdown: V(second)");
}

TEST_CASE(
    "run: main's error arrives though a task that is left fails too, and frames are destroyed (tRN08)") {
  Log log;
  const auto token = std::make_shared<int>(0);
  auto stubborn = [](std::shared_ptr<int>) -> Coro<void> {
    try {
      co_await sleep(100s);
    } catch (const CancelledError&) {
      throw ValueError("left");
    }
  };
  auto main = [&]() -> Coro<void> {
    create_task(stubborn(token));
    co_await tick();
    throw ValueError("main");
  };
  CHECK_THROWS_WITH_AS(run(main(), told_to(log)), "main", ValueError);
  CHECK(log.text() == "unhandled exception during asyncio.run() shutdown: V(left)");
  CHECK(token.use_count() == 1);
}

TEST_CASE("run: tasks that are created while the others are cancelled are destroyed with the loop") {
  Log log;
  auto late = []() -> Coro<void> { co_await sleep(100s); };
  auto stubborn = [&]() -> Coro<void> {
    try {
      co_await sleep(100s);
    } catch (const CancelledError&) {
      create_task(late());
    }
  };
  auto main = [&]() -> Coro<void> {
    create_task(stubborn());
    co_await tick();
  };
  run(main(), told_to(log));
  CHECK(log.text() == "Task was destroyed but it is pending!: None");
}

TEST_CASE("run: what is ready when main ends runs for one iteration more (L8)") {
  Log log;
  auto main = [&]() -> Coro<void> {
    call_soon([&] {
      log("soon");
      call_soon([&] { log("later"); });
    });
    co_return;
  };
  run(main());
  CHECK(log.text() == "soon");
}

TEST_CASE("run: a loop factory is used exactly once (tRN11, tRN15)") {
  int made = 0;
  EventLoop* last = nullptr;
  RunnerOptions options;
  options.loop_factory = [&] {
    ++made;
    auto loop = std::make_unique<EventLoop>();
    last = loop.get();
    return loop;
  };
  CHECK(run(answer(), options) == 42);
  CHECK(made == 1);
  Runner runner(options);
  CHECK(made == 1);
  CHECK(&runner.get_loop() == last);
  CHECK(runner.run(answer()) == 42);
  CHECK(made == 2);
}

TEST_CASE("runner: one that is closed refuses runs and gives no loop (tRN16, tRN19, R2)") {
  Runner runner;
  CHECK(runner.run(answer()) == 42);
  EventLoop& loop = runner.get_loop();
  CHECK_FALSE(loop.is_closed());
  runner.close();
  CHECK(loop.is_closed());
  CHECK_THROWS_WITH_AS(runner.run(answer()), "Runner is closed", RuntimeError);
  CHECK_THROWS_WITH_AS(static_cast<void>(runner.get_loop()), "Runner is closed", RuntimeError);
}

TEST_CASE("runner: closing twice, or one that was never used, is nothing (tRN20, tRN21)") {
  Runner used;
  static_cast<void>(used.get_loop());
  used.close();
  used.close();
  Runner unused;
  unused.close();
  unused.close();
  bool ran = false;
  auto body = [&]() -> Coro<void> {
    ran = true;
    co_return;
  };
  CHECK_THROWS_AS(unused.run(body()), RuntimeError);
  CHECK_FALSE(ran);
}

TEST_CASE("runner: its runs share a context that starts as a copy of the one outside (tRN22, R2)") {
  static ContextVar<int> number("number", -1);
  auto get = [](int next) -> Coro<int> {
    const int value = number.get();
    number.set(next);
    co_return value;
  };
  Runner runner;
  CHECK(runner.run(get(1)) == -1);
  CHECK(runner.run(get(2)) == 1);
  const Context other;
  CHECK(runner.run(get(9), {.context = &other}) == -1);
  CHECK(runner.run(get(3)) == 2);
  CHECK(number.get() == -1);
}

TEST_CASE("runner: one whose loop was closed by somebody else is closed") {
  Runner runner;
  runner.get_loop().close();
  runner.close();
  CHECK_THROWS_AS(static_cast<void>(runner.get_loop()), RuntimeError);
}

TEST_CASE("runner: run within a run is a RuntimeError (tRN23)") {
  Runner runner;
  auto main = [&]() -> Coro<void> {
    CHECK_THROWS_WITH_AS(runner.run(answer()), "Runner.run() cannot be called from a running event loop",
                         RuntimeError);
    co_return;
  };
  runner.run(main());
}

TEST_CASE("runner: tasks that one run leaves go on in the next, and are cancelled when it is closed (R2)") {
  Log log;
  auto background = [&]() -> Coro<void> {
    try {
      for (;;) {
        log("bg");
        co_await tick();
      }
    } catch (...) {
      log(show());
    }
  };
  auto first = [&]() -> Coro<void> {
    create_task(background());
    co_await tick();
    log("first");
  };
  auto second = [&]() -> Coro<void> {
    log("second");
    co_return;
  };
  {
    Runner runner;
    runner.run(first());
    runner.run(second());
    log("close");
  }
  CHECK(log.text() == "bg ; first ; bg ; bg ; second ; bg ; close ; CE");
}

TEST_CASE("run: waits for the bodies of to_thread, and lets late outcomes go (tBE01, TH5)") {
  std::atomic<bool> began = false;
  std::atomic<bool> may_end = false;
  std::atomic<bool> ended = false;
  const auto body = [&] {
    began = true;
    while (!may_end) std::this_thread::yield();
    ended = true;
  };
  auto main = [&]() -> Coro<void> {
    const auto job = to_thread(body);
    while (!began) co_await sleep(1ms);
    call_later(5ms, [&] { may_end = true; });
    job.cancel();
    call_soon([&] { may_end = true; });
  };
  run(main());
  CHECK(ended);
}

TEST_CASE("runner: a factory that gives no loop is a ValueError") {
  RunnerOptions options;
  options.loop_factory = [] { return std::unique_ptr<EventLoop>(); };
  CHECK_THROWS_AS(run(answer(), options), ValueError);
}
