#include <coweave/core/run_coroutine_threadsafe.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/core/task.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <source_location>
#include <string>
#include <thread>
#include <utility>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

/// What a thread that waits for `coroutine` on `loop` catches.
std::string thrown_to_thread(Coro<void> coroutine, EventLoop& loop) {
  std::string text;
  std::thread thread([&] {
    auto future = run_coroutine_threadsafe(std::move(coroutine), loop);
    try {
      future.result();
    } catch (...) {
      text = show();
    }
    loop.call_soon_threadsafe([&] { loop.stop(); });
  });
  loop.run_forever();
  thread.join();
  return text;
}

}  // namespace

TEST_CASE("threadsafe: a thread gets the result of a coroutine that it gave to the loop (tTH01)") {
  EventLoop loop;
  auto add = [](int a, int b) -> Coro<int> {
    co_await sleep(1ms);
    co_return a + b;
  };
  int result = 0;
  std::thread thread([&] {
    auto future = run_coroutine_threadsafe(add(1, 2), loop);
    result = future.result();
    loop.call_soon_threadsafe([&] { loop.stop(); });
  });
  loop.run_forever();
  thread.join();
  CHECK(result == 3);
}

TEST_CASE("threadsafe: what the coroutine raises arrives in the thread (tTH02)") {
  EventLoop loop;
  auto fails = []() -> Coro<void> {
    throw ValueError("Fail!");
    co_return;
  };
  CHECK(thrown_to_thread(fails(), loop) == "V(Fail!)");
}

TEST_CASE("threadsafe: a thread that stops waiting can cancel the task (tTH03)") {
  EventLoop loop;
  Log log;
  auto sleeper = [&]() -> Coro<void> {
    try {
      co_await sleep(1h);
    } catch (...) {
      log(show());
      throw;
    }
  };
  bool timed_out = false;
  bool cancelled = false;
  std::thread thread([&] {
    auto future = run_coroutine_threadsafe(sleeper(), loop);
    try {
      future.result(10ms);
    } catch (const TimeoutError&) {
      timed_out = true;
    }
    cancelled = future.cancel();
    try {
      future.result();
    } catch (const CancelledError&) {
    }
    CHECK(future.done());
    CHECK_FALSE(future.cancel());
    loop.call_soon_threadsafe(
        [&] { call_later(5ms, [&] { loop.stop(); }); });  // when the task has heard of it
  });
  loop.run_forever();
  thread.join();
  CHECK(timed_out);
  CHECK(cancelled);
  CHECK(log.text() == "CE");
}

TEST_CASE(
    "threadsafe: a wait that is cancelled ends at once, while the loop is busy and whatever the coroutine "
    "does") {
  EventLoop loop;
  loop.set_exception_handler([](const Report&) {});
  auto stubborn = []() -> Coro<int> {
    try {
      co_await sleep(1h);
    } catch (const CancelledError&) {
    }
    co_return 1;
  };
  std::string text;
  std::atomic<bool> ended = false;
  std::thread thread([&] {
    auto future = run_coroutine_threadsafe(stubborn(), loop);
    CHECK(future.cancel());
    CHECK(future.done());
    try {
      future.result();
    } catch (...) {
      text = show();
    }
    ended = true;
    loop.call_soon_threadsafe([&] { loop.stop(); });
  });
  while (!ended) std::this_thread::yield();  // the loop does nothing meanwhile
  loop.run_forever();
  thread.join();
  CHECK(text == "CE");
}

TEST_CASE("threadsafe: a task that is cancelled on its loop is a CancelledError in the thread (tTH04)") {
  EventLoop loop;
  auto gives_up = []() -> Coro<void> {
    current_task().cancel("mine");
    co_await tick();
  };
  CHECK(thrown_to_thread(gives_up(), loop) == "CE(mine)");
}

TEST_CASE("threadsafe: a thread does not wait for ever for a loop that has closed (tTH05)") {
  EventLoop loop;
  loop.set_exception_handler([](const Report&) {});
  auto sleeper = []() -> Coro<void> { co_await sleep(1h); };
  std::atomic<bool> submitted = false;
  std::string text;
  std::thread thread([&] {
    auto future = run_coroutine_threadsafe(sleeper(), loop);
    submitted = true;
    try {
      future.result();
    } catch (...) {
      text = show();
    }
  });
  while (!submitted) std::this_thread::yield();
  loop.stop();
  loop.run_forever();  // one iteration
  loop.close();
  thread.join();
  CHECK(text == "CE");
  std::thread([&] {
    auto refused = [&] { run_coroutine_threadsafe(sleeper(), loop); };
    CHECK_THROWS_WITH_AS(refused(), "Event loop is closed", RuntimeError);
  }).join();
}

TEST_CASE("threadsafe: the task is spawned where the thread asks for it") {
  EventLoop loop;
  std::uint32_t line = 0;
  auto spawned = []() -> Coro<std::uint32_t> {
    co_return Loop::current().current_task()->spawned_at().line();
  };
  std::uint32_t result = 0;
  std::thread thread([&] {
    line = std::source_location::current().line() + 1;
    result = run_coroutine_threadsafe(spawned(), loop).result();
    loop.call_soon_threadsafe([&] { loop.stop(); });
  });
  loop.run_forever();
  thread.join();
  CHECK(result == line);
}
