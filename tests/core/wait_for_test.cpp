#include <coweave/core/wait_for.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/core/event.hpp>
#include <coweave/core/lock.hpp>
#include <coweave/core/queue.hpp>
#include <coweave/core/shield.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <concepts>
#include <memory>
#include <string>
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
  log(name);
  co_return name;
}

/// Ends only some time after it was cancelled, with what `end` gives.
template <class End>
Coro<int> reluctant(Log& log, Duration cleanup, End end) {
  bool cancelled = false;
  try {
    co_await sleep(10s);
  } catch (const CancelledError&) {
    cancelled = true;
  }
  co_await sleep(cleanup);
  log(at_ms(cancelled ? "cleaned up" : "slept"));
  co_return end();
}

int forty_two() { return 42; }
int cancelled() { throw CancelledError("mine"); }
int fails() { throw ValueError("cleanup"); }

/// Awaits `waiting` and logs what comes of it, and when.
template <class T>
Coro<void> logged(Log& log, Coro<T> waiting) {
  try {
    if constexpr (std::same_as<T, std::string>) {
      log(at_ms("=" + co_await std::move(waiting)));
    } else {
      const T value = co_await std::move(waiting);
      log(at_ms("=" + std::to_string(value)));
    }
  } catch (...) {
    log(at_ms(show()));
    if (show().starts_with("CE")) throw;
  }
}

}  // namespace

TEST_CASE("wait_for: it ends only when what it cancelled has ended (tWF01)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto t = create_task(logged(log, wait_for(reluctant(log, 500ms, cancelled), 5s)));
          co_await sleep(100ms);
          t.cancel("outside");
          try {
            co_await t;
          } catch (...) {
            log(show());
          }
          log(end_of(t));
        }) == "cleaned up @600 ; CE(mine) @600 ; CE(mine) ; cancelled");
}

TEST_CASE("wait_for: it ends only when what took too long has ended (tWF02)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          co_await logged(log, wait_for(reluctant(log, 500ms, cancelled), 100ms));
          const auto task = create_task(reluctant(log, 500ms, cancelled));
          co_await logged(log, wait_for(task, 100ms));
          log(end_of(task));
        }) == "cleaned up @600 ; TE @600 ; cleaned up @1200 ; TE @1200 ; cancelled");
}

TEST_CASE("wait_for: without any time it gives what is done (tWF03)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          f.set_result(7);
          call_soon([&] { log("other"); });
          co_await logged(log, wait_for(f, 0s));
          co_await logged(log, wait_for(f, -1s));
          const auto failed = create_future<int>();
          failed.set_exception(ValueError("V"));
          co_await logged(log, wait_for(failed, 0s));
          co_await tick();
        }) == "=7 @0 ; =7 @0 ; V(V) @0 ; other");
}

TEST_CASE("wait_for: without any time a coroutine never starts (tWF04)") {
  const auto token = std::make_shared<int>(0);
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          auto body = [&](std::shared_ptr<int>) -> Coro<int> {
            log("started");
            co_return 1;
          };
          call_soon([&] {
            log("1");
            call_soon([&] {
              log("2");
              call_soon([&] {
                log("3");
                call_soon([&] { log("4"); });
              });
            });
          });
          co_await logged(log, wait_for(body(token), 0s));
          co_await tick();
          co_await logged(log, wait_for(body(token), -1s));
        }) == "1 ; 2 ; 3 ; TE @0 ; 4 ; TE @0");
  CHECK(token.use_count() == 1);
}

TEST_CASE("wait_for: without any time a running task is cancelled and waited for (tWF05, tWF11)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          for (const Duration timeout : {Duration(0), Duration(-1)}) {
            const auto t = create_task(reluctant(log, 100ms, cancelled));
            co_await sleep(200ms);
            co_await logged(log, wait_for(t, timeout));
            log(end_of(t));
          }
        }) == "cleaned up @300 ; TE @300 ; cancelled ; cleaned up @600 ; TE @600 ; cancelled");
}

TEST_CASE("wait_for: without any time what the cancelled task gives counts") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(reluctant(log, 100ms, forty_two));
          const auto b = create_task(reluctant(log, 100ms, fails));
          co_await tick();
          co_await logged(log, wait_for(a, 0s));
          co_await logged(log, wait_for(b, 0s));
        }) == "cleaned up @100 ; =42 @100 ; cleaned up @200 ; V(cleanup) @200");
}

TEST_CASE("wait_for: a task that takes too long is cancelled (tWF06)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto t = create_task(named(log, "inner", 10s));
          co_await logged(log, wait_for(t, 100ms));
          log(end_of(t));
          log("cancelling ", current_task().cancelling());
        }) == "CE-inner ; TE @100 ; cancelled ; cancelling 0");
}

TEST_CASE("wait_for: without a limit it is a plain await (tWF07, tWF18)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          co_await logged(log, wait_for(named(log, "a", 10s), std::nullopt));
          const auto t = create_task(named(log, "b", 10s));
          co_await logged(log, wait_for(t, std::nullopt));
        }) == "a ; =a @10000 ; b ; =b @20000");
}

TEST_CASE("wait_for: a future that is done in the next iteration (tWF08)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          call_soon([&] { f.set_result(7); });
          co_await logged(log, wait_for(f, 1ms));
        }) == "=7 @0");
}

TEST_CASE("wait_for: a value in spite of the cancellation is a value (tWF09, tWF15)") {
  CHECK(
      run_fifo([](Log& log) -> Coro<void> {
        co_await logged(log, wait_for(reluctant(log, 0s, forty_two), 100ms));
        const auto t = create_task(reluctant(log, 0s, forty_two));
        co_await logged(log, wait_for(t, 100ms));
        const auto outer = create_task(logged(log, wait_for(reluctant(log, 0s, forty_two), 10s)));
        co_await sleep(100ms);
        outer.cancel();
        co_await outer;
        log("cancelling ", outer.cancelling());
      }) ==
      "cleaned up @100 ; =42 @100 ; cleaned up @200 ; =42 @200 ; cleaned up @300 ; =42 @300 ; cancelling 1");
}

TEST_CASE("wait_for: cleanup is over before TimeoutError, whose cause is the CancelledError (tWF10)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          try {
            co_await wait_for(reluctant(log, 100ms, cancelled), 100ms);
          } catch (const TimeoutError& error) {
            log(at_ms(std::string(error.what()) + " from " + show(error.cause())));
          }
          const auto t = create_task(named(log, "t", 1s));
          try {
            co_await wait_for(t, 0s);
          } catch (const TimeoutError& error) {
            log("from " + show(error.cause()));
          }
        }) == "cleaned up @200 ; TimeoutError: the time was up from CE(mine) @200 ; from CE");
}

TEST_CASE("wait_for: an exception during the cleanup is thrown (tWF12)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          co_await logged(log, wait_for(reluctant(log, 100ms, fails), 100ms));
        }) == "cleaned up @200 ; V(cleanup) @200");
}

TEST_CASE("wait_for: cancelled, it cancels what it waits for (tWF13, tWF14)") {
  for (const Delay timeout : {Delay(std::nullopt), Delay(60s)}) {
    CHECK(run_fifo([&](Log& log) -> Coro<void> {
            const auto inner = create_task(named(log, "inner", 10s));
            const auto t = create_task(logged(log, wait_for(inner, timeout)));
            co_await tick();
            co_await tick();
            t.cancel("why");
            for (int count = 0; count < 3; ++count) co_await tick();
            log(end_of(inner));
            log(end_of(t));
          }) == "CE(why)-inner ; CE(why) @0 ; cancelled ; cancelled");
  }
}

TEST_CASE("wait_for: a cancellation in the instant of the result wins (tWF16, WF6)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<std::string>();
          auto inner = [&]() -> Coro<std::string> { co_return co_await f; };
          const auto t = create_task(inner());
          const auto m = create_task(logged(log, wait_for(t, 1s)));
          co_await tick();
          co_await tick();
          f.set_result("R");
          co_await tick();  // the inner task has ended, its waiter has not run
          log("inner " + end_of(t));
          log("", m.cancel());
          co_await tick();
          log(end_of(m));
          log(t.result());
        }) == "inner ok ; True ; CE @0 ; cancelled ; R");
}

TEST_CASE("wait_for: a shielded task survives a timeout of zero (tWF17)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto t = create_task(named(log, "t", 100ms));
          const auto outer = shield(t);
          co_await logged(log, wait_for(outer, 0s));
          log("shield cancelled ", outer.cancelled());
          log("t " + end_of(t));
          log(co_await t);
        }) == "TE @0 ; shield cancelled True ; t pending ; t ; t");
}

TEST_CASE("wait_for: a shielded task survives the timeout (tWF19)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto t = create_task(named(log, "t", 100ms));
          co_await logged(log, wait_for(shield(t), 10ms));
          log("t " + end_of(t));
          log(co_await t);
        }) == "TE @10 ; t pending ; t ; t");
}

TEST_CASE("wait_for: a deadline in the instant of the inner task's own timer wins (WF7)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto t = create_task(named(log, "t", 100ms));
          co_await tick();  // its timer is the first
          co_await logged(log, wait_for(t, 100ms));
          log(end_of(t));
        }) == "CE-t ; TE @100 ; cancelled");
}

TEST_CASE("wait_for: what a third party cancels is cancelled, not too late") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto inner = create_task(named(log, "inner", 10s));
          const auto t = create_task(logged(log, wait_for(inner, 1s)));
          co_await tick();
          co_await tick();
          inner.cancel("third");
          co_await wait(t);
          log("cancelling ", t.cancelling());
        }) == "CE(third)-inner ; CE(third) @0 ; cancelling 0");
}

TEST_CASE("wait_for: a coroutine runs in the caller's task") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](AnyTask caller) -> Coro<int> {
            log("same task ", current_task() == caller);
            co_return 1;
          };
          call_soon([&] { log("other"); });
          co_await logged(log, wait_for(body(current_task()), 1s));
          co_await tick();
        }) == "same task True ; =1 @0 ; other");
}

TEST_CASE("wait_for: the end of a coroutine reaches who waits in the same iteration") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto inner = [&]() -> Coro<int> {
            co_await tick();
            log("0");
            call_soon([&] { log("1"); });
            co_return 5;
          };
          co_await logged(log, wait_for(inner(), 1s));
          co_await tick();
        }) == "0 ; =5 @0 ; 1");
}

TEST_CASE("wait_for: the end of a task reaches who waits one iteration later") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto inner = [&]() -> Coro<int> {
            co_await tick();
            log("0");
            call_soon([&] {
              log("1");
              call_soon([&] { log("2"); });
            });
            co_return 5;
          };
          const auto t = create_task(inner());
          co_await logged(log, wait_for(t, 1s));
          co_await tick();
        }) == "0 ; 1 ; =5 @0 ; 2");
}

TEST_CASE("wait_for: what primitives give to await, in the caller's task") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          Event event;
          Lock lock;
          call_later(100ms, [&] { queue.put_nowait(3); });
          const int item = co_await wait_for(queue.get(), 200ms);
          log(at_ms("item " + std::to_string(item)));
          try {
            co_await wait_for(queue.get(), 100ms);
          } catch (...) {
            log(at_ms(show()));
          }
          try {
            co_await wait_for(event.wait(), 0s);
          } catch (...) {
            log(at_ms(show()));
          }
          event.set();
          log("set ", co_await wait_for(event.wait(), 100ms));
          co_await wait_for(lock.acquire(), 100ms);
          try {
            co_await wait_for(lock.acquire(), 100ms);
          } catch (...) {
            log(at_ms(show()));
          }
          log("locked ", lock.locked());
          try {
            co_await wait_for(sleep(1s), 100ms);
          } catch (...) {
            log(at_ms(show()));
          }
        }) == "item 3 @100 ; TE @200 ; TE @200 ; set True ; TE @300 ; locked True ; TE @400");
}

TEST_CASE("wait_for: an item that comes in the instant of the timeout stays in the queue (Q12)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          call_later(100ms, [&] { queue.put_nowait(7); });
          try {
            log("got ", co_await wait_for(queue.get(), 100ms));
          } catch (...) {
            log(show());
          }
          log("qsize ", queue.qsize());
        }) == "TE ; qsize 1");
}

TEST_CASE("wait_for: results that can only be moved") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto make = [](int value) -> Coro<std::unique_ptr<int>> {
            co_await tick();
            co_return std::make_unique<int>(value);
          };
          const auto one = co_await wait_for(make(1), 1s);
          auto task = create_task(make(2));
          const auto two = co_await wait_for(task, 1s);
          co_await wait_for(sleep(1ms), std::chrono::duration<double>(0.5));
          log("", *one + *two);
        }) == "3");
}

TEST_CASE("wait_for: a limit that is NaN is a ValueError") {
  using Seconds = std::chrono::duration<double>;
  CHECK_THROWS_WITH_AS(static_cast<void>(Delay(Seconds(std::numeric_limits<double>::quiet_NaN()))),
                       "Invalid delay: NaN (not a number)", ValueError);
}

TEST_CASE("wait_for: cancelled without any time, it does not wait for what it cancelled") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto inner = create_task(reluctant(log, 100ms, cancelled));
          co_await tick();
          const auto t = create_task(logged(log, wait_for(inner, 0s)));
          co_await tick();
          co_await tick();
          t.cancel("outside");
          co_await wait(t);
          log("inner " + end_of(inner));
          co_await wait(inner);
        }) == "CE(outside) @0 ; inner pending ; cleaned up @100");
}

TEST_CASE("wait_for: frames destroyed while they wait leave nothing behind") {
  const auto token = std::make_shared<int>(0);
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          auto stubborn = [](std::shared_ptr<int> held) -> Coro<int> {
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
            }
            co_await sleep(100s);
            co_return *held;
          };
          auto body = [&](std::shared_ptr<int> held, Delay timeout) -> Coro<void> {
            const auto inner = create_task(stubborn(held));
            co_await tick();
            co_await wait_for(inner, timeout);
          };
          create_task(body(token, 1h));
          create_task(body(token, 0s));
          create_task(body(token, 1ms));
          auto borrowing = [](std::shared_ptr<int>) -> Coro<void> {
            Event event;
            co_await wait_for(event.wait(), 1h);
          };
          create_task(borrowing(token));
          co_await sleep(10ms);
          log("end");
        }) == "end ; LEAK");
  CHECK(token.use_count() == 1);
}
