#include <coweave/core/event.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace coweave;
using namespace coweave::tests;

namespace {

Coro<void> waiter(Event& event, Log& log, std::string name) {
  try {
    const bool result = co_await event.wait();
    log(name + " " + (result ? "True" : "False"));
  } catch (...) {
    log(show() + "-" + name);
    throw;
  }
}

}  // namespace

TEST_CASE("event: waiting for one that is set does not suspend (tEV03)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Event event;
          event.set();
          call_soon([&] { log("other"); });
          const bool result = co_await event.wait();
          log("", result);
          co_await tick();
        }) == "True ; other");
}

TEST_CASE("event: set wakes everybody in order of arrival, one iteration later (EVT1)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Event event;
          const auto a = create_task(waiter(event, log, "a"));
          const auto b = create_task(waiter(event, log, "b"));
          const auto c = create_task(waiter(event, log, "c"));
          co_await tick();
          event.set();
          event.set();
          log("set");
          co_await tick();
          log("main");
        }) == "set ; a True ; b True ; c True ; main");
}

TEST_CASE("event: who was woken returns though the event was cleared meanwhile (EVT2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Event event;
          const auto a = create_task(waiter(event, log, "a"));
          co_await tick();
          event.set();
          event.clear();
          log("is_set ", event.is_set());
          co_await a;
        }) == "is_set False ; a True");
}

TEST_CASE("event: who comes after a clear waits for the next set (EVT3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Event event;
          const auto a = create_task(waiter(event, log, "a"));
          co_await tick();
          event.set();
          event.clear();
          const auto b = create_task(waiter(event, log, "b"));
          co_await tick();
          co_await tick();
          log("b.done ", b.done());
          event.set();
          co_await b;
        }) == "a True ; b.done False ; b True");
}

TEST_CASE("event: a newcomer between set, clear and the waiter's step waits for the next set") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Event event;
          const auto a = create_task(waiter(event, log, "a"));
          co_await tick();
          const auto n = create_task(waiter(event, log, "n"));  // its step comes before a's
          event.set();
          event.clear();
          co_await tick();
          log("n.done ", n.done());
          event.set();
          co_await n;
        }) == "a True ; n.done False ; n True");
}

TEST_CASE("event: a waiter that is cancelled leaves the others alone (window 1)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Event event;
          const auto a = create_task(waiter(event, log, "a"));
          const auto b = create_task(waiter(event, log, "b"));
          co_await tick();
          a.cancel();
          co_await tick();
          event.set();
          co_await b;
          CHECK(a.cancelled());
        }) == "CE-a ; b True");
}

TEST_CASE(
    "event: a woken waiter that is cancelled gets CancelledError, the others return (EVT4b, window 2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Event event;
          const auto a = create_task(waiter(event, log, "a"));
          const auto b = create_task(waiter(event, log, "b"));
          co_await tick();
          event.set();
          a.cancel("why");
          co_await b;
          CHECK(a.cancelled());
          log("is_set ", event.is_set());
        }) == "CE(why)-a ; b True ; is_set True");
}

TEST_CASE("event: set while a cancelled waiter still stands in line does not wake it twice (window 3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Event event;
          const auto a = create_task(waiter(event, log, "a"));
          const auto b = create_task(waiter(event, log, "b"));
          co_await tick();
          a.cancel("why");
          event.set();
          co_await b;
          co_await tick();
          CHECK(a.cancelled());
        }) == "CE(why)-a ; b True");
}

TEST_CASE("event: a newcomer is served whichever waiter was cancelled (windows 1 to 3)") {
  for (const int window : {1, 2, 3}) {
    CAPTURE(window);
    CHECK(run_fifo([window](Log& log) -> Coro<void> {
            Event event;
            const auto a = create_task(waiter(event, log, "a"));
            co_await tick();
            if (window == 1) {
              a.cancel();
              co_await tick();
              event.set();
            } else if (window == 2) {
              event.set();
              a.cancel();
            } else {
              a.cancel();
              event.set();
            }
            const auto n = create_task(waiter(event, log, "n"));
            co_await n;
          }) == "CE-a ; n True");
  }
}

TEST_CASE("event: a waiter that removes itself while set walks the line disturbs nobody (S22)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Event event;
          const auto a = create_task(waiter(event, log, "a"));
          const auto b = create_task(waiter(event, log, "b"));
          const auto c = create_task(waiter(event, log, "c"));
          const auto d = create_task(waiter(event, log, "d"));
          co_await tick();
          b.cancel();
          event.set();
          c.cancel();
          co_await a;
          co_await d;
        }) == "CE-b ; a True ; CE-c ; d True");
}

TEST_CASE("event: one that nobody sets is a deadlock") {
  CHECK(run_fifo([](Log&) -> Coro<void> {
          Event event;
          co_await event.wait();
        }) == "DEADLOCK");
}

TEST_CASE("event: frames destroyed while they wait leave nothing behind") {
  Event event;
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          for (const char* name : {"a", "b", "c"}) create_task(waiter(event, log, name));
          co_await tick();
          log("end");
        }) == "end ; LEAK");
  event.set();
}

TEST_CASE("event: frames destroyed between set and their step leave nothing behind") {
  Event event;
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          for (const char* name : {"a", "b", "c"}) create_task(waiter(event, log, name));
          co_await tick();
          event.set();
          log("end");
          throw ValueError("stop");
        }) == "end ; a True ; b True ; c True ; EXCEPTION coweave::ValueError: stop");
}

TEST_CASE("event: destroying it while a task waits is reported") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::optional<Event> event(std::in_place, "ready");
          create_task(waiter(*event, log, "a"));
          co_await tick();
          event.reset();
        }) == "EXCEPTION Event 'ready' was destroyed while tasks wait for it: they will never be woken");
}

TEST_CASE("event: a newcomer whose first step comes before the wake-ups passes before them (tEV02)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Event event;
          const auto one = create_task(waiter(event, log, "1"));
          const auto two = create_task(waiter(event, log, "2"));
          co_await tick();
          const auto three = create_task(waiter(event, log, "3"));
          event.set();
          co_await tick();
          for (const Task<>& task : {one, two, three}) CHECK(task.done());
        }) == "3 True ; 1 True ; 2 True");
}

TEST_CASE("event: a waiter that is cancelled leaves the line (tEV04)") {
  Event event;
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          const auto task = create_task(waiter(event, log, "a"));
          call_soon([&] { task.cancel(); });
          try {
            co_await task;
          } catch (const CancelledError&) {
            log("CE");
          }
          event.set();
          co_await tick();
        }) == "CE-a ; CE");
}

TEST_CASE("event: is set and cleared (tEV05)") {
  Event event;
  CHECK_FALSE(event.is_set());
  event.set();
  CHECK(event.is_set());
  event.clear();
  CHECK_FALSE(event.is_set());
}

TEST_CASE("event: set again and again wakes a waiter once (tEV06)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Event event;
          const auto task = create_task(waiter(event, log, "a"));
          co_await tick();
          event.set();
          event.clear();
          log("is_set ", event.is_set());
          event.set();
          event.set();
          co_await tick();
          CHECK(task.done());
          event.clear();
          co_await tick();
        }) == "is_set False ; a True");
}
