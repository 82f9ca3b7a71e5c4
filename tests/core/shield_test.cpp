#include <coweave/core/shield.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/core/gather.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

Coro<std::string> named(Log& log, std::string name, Duration delay) {
  try {
    co_await sleep(delay);
  } catch (...) {
    log(show() + "-" + name);
    throw;
  }
  log("ok-" + name);
  co_return name;
}

}  // namespace

TEST_CASE("shield: it ends with the result of the inner future (tTK82)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto inner = create_future<int>();
          const auto outer = shield(inner);
          inner.set_result(42);
          log("done ", outer.done());
          log("", co_await outer);
        }) == "done False ; 42");
}

TEST_CASE("shield: it ends with the exception of the inner future, which counts as seen (tTK83)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto inner = create_future<int>();
          const auto outer = shield(inner);
          co_await tick();
          inner.set_exception(RuntimeError("expected"));
          co_await tick();
          log(show(outer.exception()));
          log("same ", outer.exception() == inner.exception());
        }) == "RuntimeError(expected) ; same True");
}

TEST_CASE("shield: it is cancelled when the inner future is (tTK84)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto inner = create_future<int>();
          const auto outer = shield(inner);
          co_await tick();
          inner.cancel("why");
          co_await tick();
          log("cancelled ", outer.cancelled());
          try {
            co_await outer;
          } catch (...) {
            log(show());
          }
        }) == "cancelled True ; CE");
}

TEST_CASE("shield: cancelled, it leaves the inner future alone and stops listening to it (tTK85)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto inner = create_future<int>();
          const auto outer = shield(inner);
          co_await tick();
          const auto listens = [&] {
            return inner.state().any_done_handle([](const auto&) { return true; });
          };
          log("listens ", listens());
          log("", outer.cancel());
          log("cancelled ", outer.cancelled());
          co_await tick();
          log("listens ", listens());
          log("inner done ", inner.done());
        }) == "listens True ; True ; cancelled True ; listens False ; inner done False");
}

TEST_CASE("shield: of a future that is done it is that future (tTK86)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto inner = create_future<int>();
          inner.set_result(42);
          const auto outer = shield(inner);
          log("same ", outer == inner);
          call_soon([&] { log("other"); });
          log("", co_await outer);
          co_await tick();
        }) == "same True ; 42 ; other");
}

TEST_CASE("shield: cancelling the task that awaits it does not reach the inner coroutine (tTK87)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto waiter = create_future<void>();
          auto inner = [&]() -> Coro<void> {
            co_await waiter;
            log("proof");
          };
          auto outer = [&]() -> Coro<void> {
            co_await shield(inner());
            log("not reached");
          };
          const auto t = create_task(outer());
          co_await tick();
          co_await tick();
          t.cancel();
          try {
            co_await t;
          } catch (...) {
            log(show());
          }
          waiter.set_result();
          co_await tick();
        }) == "CE ; proof");
}

TEST_CASE("shield: the caller is cancelled at once, the task goes on (SHLD1)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto ti = create_task(named(log, "i", 1s));
          auto m = [&]() -> Coro<void> {
            try {
              co_await shield(ti);
            } catch (...) {
              log("m " + show());
              throw;
            }
          };
          const auto tm = create_task(m());
          co_await sleep(100ms);
          tm.cancel("why");
          co_await tick();
          log("tm " + end_of(tm));
          log("ti " + end_of(ti));
          co_await ti;
        }) == "m CE(why) ; tm cancelled ; ti pending ; ok-i");
}

TEST_CASE("shield: around a gather (tTK88)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto one = create_future<int>();
          const auto two = create_future<int>();
          const auto parent = gather(one, two);
          const auto outer = shield(parent);
          co_await tick();
          outer.cancel();
          co_await tick();
          log("outer cancelled ", outer.cancelled());
          one.set_result(1);
          two.set_result(2);
          co_await tick();
          const auto [first, second] = parent.result();
          log("sum ", first + second);
        }) == "outer cancelled True ; sum 3");
}

TEST_CASE("shield: in a gather that is cancelled (tTK89, SHLD5)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto one = create_future<int>();
          const auto two = create_future<int>();
          const auto inner_one = shield(one);
          const auto inner_two = shield(two);
          const auto parent = gather(inner_one, inner_two);
          co_await tick();
          log("", parent.cancel());
          co_await tick();
          log(show(parent.exception()));
          log("parent cancelled ", parent.cancelled());
          log("shields cancelled ", inner_one.cancelled() && inner_two.cancelled());
          one.set_result(1);
          two.set_result(2);
          log("", one.result() + two.result());
        }) == "True ; CE ; parent cancelled False ; shields cancelled True ; 3");
}

TEST_CASE("shield: of a coroutine, which becomes a task (tTK91)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&]() -> Coro<int> {
            log("runs");
            co_return 42;
          };
          const auto outer = shield(body());
          log("made");
          log("", co_await outer);
        }) == "made ; runs ; 42");
}

TEST_CASE("shield: the end of the inner task reaches who waits two iterations later") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          auto body = [&]() -> Coro<void> {
            co_await shield(f);
            log("shielded");
          };
          const auto t = create_task(body());
          co_await tick();
          f.set_result(1);
          log("0");
          co_await tick();
          log("1");
          co_await tick();
          log("2");
          co_await t;
        }) == "0 ; 1 ; shielded ; 2");
}

TEST_CASE("shield: after it was cancelled an exception of the inner task is for others to see (SH4)") {
  const std::string text = run_fifo([](Log& log) -> Coro<void> {
    auto failing = []() -> Coro<void> {
      co_await sleep(1s);
      throw ValueError("V");
    };
    const auto outer = shield(failing());
    co_await tick();
    outer.cancel();
    co_await sleep(2s);
    log("end");
  });
  CHECK(text == "end ; NEVER RETRIEVED Task exception was never retrieved: coweave::ValueError: V");
}

TEST_CASE("shield: an exception in the iteration of the cancellation counts as seen") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          {
            const auto inner = create_future<int>();
            const auto outer = shield(inner);
            outer.cancel();
            inner.set_exception(ValueError("V"));  // before the shield has stopped listening
            co_await tick();
          }
          log("end");
        }) == "end");
}

TEST_CASE("shield: results that can only be moved") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto make = []() -> Coro<std::unique_ptr<int>> {
            co_await tick();
            co_return std::make_unique<int>(7);
          };
          const auto made = co_await shield(make());
          log("", *made);
          auto nothing = []() -> Coro<void> { co_await tick(); };
          co_await shield(nothing());
        }) == "7");
}

TEST_CASE("shield: a task that waits for one waits for what is shielded") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto inner = create_task(named(log, "i", 1s), {.name = "inner"});
          auto body = [&]() -> Coro<void> { co_await shield(inner); };
          const auto t = create_task(body());
          co_await tick();
          const WaitDescription described = t.base().waiting()->describe();
          log(described.action);
          log(described.tasks.at(0)->name());
          co_await t;
        }) == "shield ; inner ; ok-i");
}

TEST_CASE("shield: dropped before the inner task ends, it goes away and the task runs on") {
  const auto token = std::make_shared<int>(0);
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          auto body = [](Log& text, std::shared_ptr<int> held) -> Coro<std::shared_ptr<int>> {
            co_await sleep(1s);
            text("ran on");
            co_return held;
          };
          {
            const auto dropped = shield(body(log, token));
          }
          co_await sleep(2s);
          log("end");
        }) == "ran on ; end");
  CHECK(token.use_count() == 1);
}

TEST_CASE("shield: frames destroyed while they wait leave nothing behind") {
  Future<int> left;
  const auto token = std::make_shared<int>(0);
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          left = create_future<int>();
          auto body = [&](std::shared_ptr<int>) -> Coro<void> { co_await shield(left); };
          create_task(body(token));
          const auto kept = shield(left);
          co_await tick();
          log("end");
        }) == "end ; LEAK");
  CHECK(token.use_count() == 1);
}
