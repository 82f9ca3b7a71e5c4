// Cancellation, which is the business of core/task.hpp and core/waiter.hpp together: asyncio's Task.cancel.

#include <coweave/core/callback.hpp>
#include <coweave/core/gather.hpp>
#include <coweave/core/task.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

TEST_CASE("cancel: before the first step the body never runs (CANC1, tTK28, tTK32, tTK02)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&]() -> Coro<void> {
            log("body");
            co_return;
          };
          const auto t = create_task(body());
          log("", t.cancel());
          log("cancelling ", t.cancelling());
          log("cancelled ", t.cancelled());
          try {
            co_await t;
          } catch (...) {
            log(show());
          }
          log("cancelled ", t.cancelled());
        }) == "True ; cancelling 1 ; cancelled False ; CE ; cancelled True");
}

TEST_CASE("cancel: a body that never ran runs no cleanup, but its arguments are destroyed (CANC1b)") {
  const auto token = std::make_shared<int>(0);
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          auto body = [&](std::shared_ptr<int>) -> Coro<void> {
            try {
              co_await tick();
            } catch (...) {
              log("cleanup");
              throw;
            }
          };
          const auto t = create_task(body(token));
          t.cancel("why");
          try {
            co_await t;
          } catch (...) {
            log(show());
          }
        }) == "CE(why)");
  CHECK(token.use_count() == 1);
}

TEST_CASE(
    "cancel: waiting for a future cancels the future, and the task ends an iteration later (CANC2, tTK71)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          auto body = [&]() -> Coro<void> {
            try {
              co_await f;
            } catch (...) {
              log(show() + " in a");
              throw;
            }
          };
          const auto t = create_task(body());
          co_await tick();
          t.cancel();
          log("f.cancelled ", f.cancelled());
          log("t.done ", t.done());
          co_await tick();
          log("t.done ", t.done());
        }) == "f.cancelled True ; t.done False ; CE in a ; t.done True");
}

TEST_CASE("cancel: who awaits a task hears of it one iteration after the task ended (CANC3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto inner = [&]() -> Coro<void> {
            try {
              co_await sleep(10s);
            } catch (...) {
              log("inner " + show());
              throw;
            }
          };
          const auto ti = create_task(inner());
          auto outer = [&]() -> Coro<void> {
            try {
              co_await ti;
            } catch (...) {
              log("outer " + show());
              throw;
            }
          };
          const auto to = create_task(outer());
          co_await tick();
          to.cancel();
          log("ti.cancelled ", ti.cancelled());
          for (int iteration = 0; iteration < 2; ++iteration) {
            co_await tick();
            log("it" + std::to_string(iteration) + ": ti " + (ti.done() ? "done" : "not done") + ", to " +
                (to.done() ? "done" : "not done"));
          }
        }) == "ti.cancelled False ; inner CE ; it0: ti done, to not done ; outer CE ; it1: ti done, to done");
}

TEST_CASE("cancel: an inner task that swallows the request ends it for the outer one too (CANC4)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto inner = [&]() -> Coro<std::string> {
            try {
              co_await sleep(10s);
            } catch (const CancelledError&) {
              log("inner swallow");
            }
            co_return "R";
          };
          const auto ti = create_task(inner());
          auto outer = [&]() -> Coro<void> {
            const std::string value = co_await ti;
            log("outer got " + value);
          };
          const auto to = create_task(outer());
          co_await tick();
          to.cancel();
          co_await to;
          log("outer.cancelled ", to.cancelled());
          log("cancelling ", to.cancelling());
        }) == "inner swallow ; outer got R ; outer.cancelled False ; cancelling 1");
}

TEST_CASE("cancel: two requests in one tick arrive as one, with the message of the first (CANC6, tTK24)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<void>();
          auto body = [&]() -> Coro<void> {
            for (;;) {
              try {
                co_await f;
              } catch (...) {
                log(show());
                break;
              }
            }
            co_await tick();
            co_await tick();
            log("end");
          };
          const auto t = create_task(body());
          co_await tick();
          CHECK(t.cancel("m1"));
          CHECK(t.cancel("m2"));
          co_await t;
          log("cancelling ", t.cancelling());
        }) == "CE(m1) ; end ; cancelling 2");
}

TEST_CASE("cancel: two requests that reach a sleep arrive as one, with the message of the first (CANC6)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&]() -> Coro<void> {
            try {
              co_await sleep(1s);
            } catch (...) {
              log(show());
            }
            co_await tick();
            co_await sleep(1s);
            log("end");
          };
          const auto t = create_task(body());
          co_await tick();
          t.cancel("m1");
          t.cancel("m2");
          co_await t;
        }) == "CE(m1) ; end");
}

TEST_CASE("cancel: a result that was not yet taken is dropped (CANC7)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          auto body = [&]() -> Coro<void> {
            try {
              co_await f;
              log("value");
            } catch (...) {
              log(show());
              throw;
            }
          };
          const auto t = create_task(body());
          co_await tick();
          f.set_result(7);
          CHECK(t.cancel());
          co_await tick();
          log("cancelled ", t.cancelled());
          CHECK(f.result() == 7);
        }) == "CE ; cancelled True");
}

TEST_CASE("cancel: an exception that was not yet taken is dropped and not reported (CANC7c)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          auto body = [&]() -> Coro<void> {
            try {
              co_await f;
            } catch (...) {
              log(show());
              throw;
            }
          };
          const auto t = create_task(body());
          co_await tick();
          f.set_exception(ValueError("V"));
          t.cancel();
          co_await tick();
          log("cancelled ", t.cancelled());
        }) == "CE ; cancelled True");
}

TEST_CASE("cancel: a task that cancels itself hears of it at the next await that suspends (CANC8, tTK38)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&]() -> Coro<void> {
            log("", current_task().cancel());
            log("still");
            try {
              co_await tick();
            } catch (...) {
              log(show() + " at next await");
              throw;
            }
          };
          const auto t = create_task(body());
          co_await tick();
          co_await tick();
          CHECK(t.cancelled());
        }) == "True ; still ; CE at next await");
}

TEST_CASE("cancel: a task that cancels itself and returns is cancelled (CANC8b, tTK39)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = []() -> Coro<int> {
            current_task().cancel("self");
            co_return 5;
          };
          const auto t = create_task(body());
          co_await tick();
          log("cancelled ", t.cancelled());
          try {
            static_cast<void>(t.result());
          } catch (...) {
            log(show());
          }
        }) == "cancelled True ; CE(self)");
}

TEST_CASE("cancel: a task that cancels itself and raises ends with the exception (CANC8c)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = []() -> Coro<void> {
            current_task().cancel();
            throw ValueError("V");
            co_return;
          };
          const auto t = create_task(body());
          co_await tick();
          log(end_of(t));
        }) == "V(V)");
}

TEST_CASE("cancel: a request taken back before it was delivered is gone (CANC8d)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&]() -> Coro<void> {
            const AnyTask self = current_task();
            self.cancel();
            log("uncancel ", self.uncancel());
            co_await tick();
            log("returns");
          };
          const auto t = create_task(body());
          co_await t;
        }) == "uncancel 0 ; returns");
}

TEST_CASE("cancel: an await that does not suspend does not consume the request (CANC8e)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto done = create_future<int>();
          done.set_result(1);
          const auto g = create_future<int>();
          auto body = [&]() -> Coro<void> {
            current_task().cancel();
            const int value = co_await done;
            log("value ", value);
            try {
              co_await g;
            } catch (...) {
              log(show());
              throw;
            }
          };
          const auto t = create_task(body());
          auto watcher = [&]() -> Coro<void> {
            log("g.cancelled ", g.cancelled());
            co_return;
          };
          const auto w = create_task(watcher());
          co_await tick();
          co_await tick();
          CHECK(t.cancelled());
        }) == "value 1 ; g.cancelled True ; CE");
}

TEST_CASE("cancel: taking requests back does not undo what was cancelled (CANC10)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          auto body = [&]() -> Coro<void> {
            try {
              co_await f;
            } catch (...) {
              log(show());
              throw;
            }
          };
          const auto t = create_task(body());
          co_await tick();
          t.cancel();
          t.cancel();
          log("", t.uncancel());
          log("", t.uncancel());
          log("", t.uncancel());
          co_await tick();
          CHECK(t.cancelled());
        }) == "1 ; 0 ; 0 ; CE");
}

TEST_CASE("cancel: a request taken back before the first step lets the body run (CANC10c)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&]() -> Coro<void> {
            log("body");
            co_return;
          };
          const auto t = create_task(body());
          t.cancel();
          CHECK(t.uncancel() == 0);
          co_await t;
        }) == "body");
}

TEST_CASE("cancel: one of two requests taken back before the first step cancels all the same") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&]() -> Coro<void> {
            log("body");
            co_return;
          };
          const auto t = create_task(body());
          t.cancel();
          t.cancel();
          CHECK(t.uncancel() == 1);
          co_await tick();
          log("cancelled ", t.cancelled());
        }) == "cancelled True");
}

TEST_CASE("cancel: cleanup may await (CANC13)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&]() -> Coro<void> {
            bool stopped = false;
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
              stopped = true;
            }
            log("f1");
            co_await tick();
            log("f2");
            if (stopped) throw CancelledError();
          };
          const auto t = create_task(body());
          co_await tick();
          t.cancel();
          try {
            co_await t;
          } catch (...) {
            log(show());
          }
        }) == "f1 ; f2 ; CE");
}

TEST_CASE("cancel: a second request interrupts the cleanup (CANC13b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&]() -> Coro<void> {
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
              log("caught");
            }
            log("f1");
            co_await sleep(1s);
            log("f2");
          };
          const auto t = create_task(body());
          co_await tick();
          t.cancel();
          co_await tick();
          t.cancel("second");
          try {
            co_await t;
          } catch (...) {
            log(show());
          }
          log("cancelling ", t.cancelling());
        }) == "caught ; f1 ; CE(second) ; cancelling 2");
}

TEST_CASE("cancel: tasks resume in the order in which they were cancelled (CANC15)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto sleeper = [&](std::string name) -> Coro<void> {
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
              log(name);
              throw;
            }
          };
          const auto a = create_task(sleeper("a"));
          const auto b = create_task(sleeper("b"));
          const auto c = create_task(sleeper("c"));
          co_await tick();
          c.cancel();
          a.cancel();
          b.cancel();
          co_await tick();
        }) == "c ; a ; b");
}

TEST_CASE("cancel: a task that gave way hears of it at the step that was scheduled already (CANC16, tTK33)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](std::string name) -> Coro<void> {
            try {
              co_await tick();
              log(name);
            } catch (...) {
              log(name + " " + show());
              throw;
            }
          };
          const auto a = create_task(body("a"));
          const auto b = create_task(body("b"));
          const auto c = create_task(body("c"));
          co_await tick();
          b.cancel("why");
          co_await tick();
          CHECK(b.cancelled());
        }) == "a ; b CE(why) ; c");
}

TEST_CASE("cancel: a chain of tasks ends one link an iteration (NEST2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto leaf = []() -> Coro<void> { co_await sleep(1s); };
          auto holder = [](Task<> inner) -> Coro<void> { co_await inner; };
          const auto t = create_task(leaf());
          const auto h0 = create_task(holder(t));
          const auto h1 = create_task(holder(h0));
          const auto h2 = create_task(holder(h1));
          co_await tick();
          h2.cancel();
          for (int iteration = 0; iteration < 4; ++iteration) {
            co_await tick();
            std::string done;
            for (const Task<>& task : {t, h0, h1, h2}) done += task.done() ? "1" : "0";
            log(done);
          }
        }) == "1000 ; 1100 ; 1110 ; 1111");
}

TEST_CASE("cancel: a done task is not cancelled any more (C1)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = []() -> Coro<void> { co_return; };
          const auto t = create_task(body());
          co_await t;
          log("", t.cancel());
          log("cancelling ", t.cancelling());
          log("cancelled ", t.cancelled());
        }) == "False ; cancelling 0 ; cancelled False");
}

TEST_CASE("cancel: throwing CancelledError oneself makes the task cancelled") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = []() -> Coro<void> {
            throw CancelledError("mine");
            co_return;
          };
          const auto t = create_task(body());
          try {
            co_await t;
          } catch (...) {
            log(show());
          }
          log("cancelled ", t.cancelled());
          log("cancelling ", t.cancelling());
        }) == "CE(mine) ; cancelled True ; cancelling 0");
}

TEST_CASE("cancel: the message reaches the first who awaits the task, and nobody after") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = []() -> Coro<void> { co_await sleep(1s); };
          const auto t = create_task(body());
          co_await tick();
          t.cancel("why");
          for (int time = 0; time < 2; ++time) {
            try {
              co_await t;
            } catch (...) {
              log(show());
            }
          }
        }) == "CE(why) ; CE");
}

TEST_CASE("cancel: catching it and returning, or raising another exception, is an ordinary end (tTK36, C9)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto returning = []() -> Coro<void> {
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
            }
          };
          auto raising = []() -> Coro<void> {
            bool stopped = false;
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
              stopped = true;
            }
            if (stopped) throw ValueError("V");
          };
          const auto a = create_task(returning());
          const auto b = create_task(raising());
          co_await tick();
          a.cancel();
          b.cancel();
          co_await tick();
          log(end_of(a));
          log(end_of(b));
        }) == "ok ; V(V)");
}

TEST_CASE("cancel: it is no std::exception, so a catch of that lets it pass") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&]() -> Coro<void> {
            try {
              co_await sleep(1s);
            } catch (const std::exception&) {
              log("swallowed");
            }
          };
          const auto t = create_task(body());
          co_await tick();
          t.cancel();
          co_await tick();
          log(end_of(t));
        }) == "cancelled");
}

TEST_CASE("cancel: it passes through nested coroutines, each cleaning up from the leaf") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto leaf = [&]() -> Coro<void> {
            try {
              co_await sleep(1s);
            } catch (...) {
              log("leaf " + show());
              throw;
            }
          };
          auto middle = [&]() -> Coro<void> {
            try {
              co_await leaf();
            } catch (...) {
              log("middle " + show());
              throw;
            }
          };
          const auto t = create_task(middle());
          co_await tick();
          t.cancel("why");
          co_await tick();
          log(end_of(t));
        }) == "leaf CE(why) ; middle CE(why) ; cancelled");
}

TEST_CASE("cancel: a cancelled sleep takes its timer with it") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = []() -> Coro<void> { co_await sleep(100s); };
          const auto t = create_task(body());
          co_await tick();
          t.cancel();
          co_await tick();
          co_await sleep(1s);
          log(at_ms("end"));
        }) == "end @1000");
}

TEST_CASE("cancel: a task whose sleep is over but that has not run yet is cancelled") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&]() -> Coro<void> {
            try {
              co_await sleep(100ms);
              log("slept");
            } catch (...) {
              log(show());
              throw;
            }
          };
          const auto t = create_task(body());
          co_await tick();
          call_later(100ms, [&] { t.cancel("late"); });
          try {
            co_await t;
          } catch (...) {
            log("main " + show());
          }
        }) == "CE(late) ; main CE(late)");
}

TEST_CASE("cancel: taking requests back counts down, and does nothing once the task is done (tTK25, C8)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&]() -> Coro<void> {
            try {
              co_await sleep(10s);
            } catch (const CancelledError&) {
              log("uncancel ", current_task().uncancel());
            }
            co_await sleep(10s);
          };
          const auto t = create_task(body());
          co_await tick();
          t.cancel();
          log("cancelling ", t.cancelling());
          co_await tick();
          co_await tick();
          log("cancelling ", t.cancelling());
          t.cancel();
          log("cancelling ", t.cancelling());
          log("cancelled ", t.cancelled());
          co_await tick();
          co_await tick();
          log("cancelled ", t.cancelled());
          log("uncancel ", t.uncancel());
          log("cancelled ", t.cancelled());
        }) ==
        "cancelling 1 ; uncancel 0 ; cancelling 0 ; cancelling 1 ; cancelled False ; cancelled True ; "
        "uncancel 0 ; "
        "cancelled True");
}

TEST_CASE("cancel: a block that was interrupted and took its request back lets the rest go on (tTK26)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&]() -> Coro<void> {
            const AnyTask me = current_task();
            const CallHandle timer = call_later(100ms, [me] { me.cancel(); });
            try {
              co_await sleep(10s);
            } catch (const CancelledError&) {
              log("interrupted, left ", me.uncancel());
            }
            co_await sleep(1s);
            log("went on");
          };
          const auto t = create_task(body());
          co_await t;
          log("cancelling ", t.cancelling());
        }) == "interrupted, left 0 ; went on ; cancelling 0");
}

TEST_CASE("cancel: cancelled and taken back after its future was done, the task runs on (tTK27)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<void>();
          auto body = [&]() -> Coro<int> {
            co_await f;
            co_return 42;
          };
          const auto t = create_task(body());
          co_await tick();
          f.set_result();
          t.cancel();
          log("left ", t.uncancel());
          log("", co_await t);
        }) == "left 0 ; 42");
}

TEST_CASE("cancel: the message arrives when the task is awaited (tTK29, tTK30, tTK31)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto sleeper = []() -> Coro<void> { co_await sleep(10s); };
          for (const std::string_view message : {"", "test", "5"}) {
            const auto t = create_task(sleeper());
            auto outer = [&]() -> Coro<void> {
              try {
                co_await t;
              } catch (...) {
                log(show());
                throw ValueError("other");
              }
            };
            const auto o = create_task(outer());
            co_await tick();
            t.cancel(message);
            try {
              co_await o;
            } catch (...) {
              log(show());
            }
          }
        }) == "CE ; V(other) ; CE(test) ; V(other) ; CE(5) ; V(other)");
}

TEST_CASE(
    "cancel: cancelling the future that a task awaits cancels the task, with or without it (tTK34, tTK35)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          for (const bool both : {false, true}) {
            const auto f = create_future<void>();
            int seen = 0;
            auto body = [&]() -> Coro<void> {
              try {
                co_await f;
              } catch (const CancelledError&) {
                ++seen;
                throw;
              }
            };
            const auto t = create_task(body());
            co_await tick();
            log("future ", f.cancel());
            if (both) log("task ", t.cancel());
            co_await tick();
            log("cancelled ", t.cancelled());
            log("seen ", seen);
          }
        }) == "future True ; cancelled True ; seen 1 ; future True ; task True ; cancelled True ; seen 1");
}

TEST_CASE("cancel: a task that swallows the request and awaits another future goes on (tTK37)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto first = create_future<void>();
          const auto second = create_future<int>();
          auto body = [&]() -> Coro<int> {
            try {
              co_await first;
            } catch (const CancelledError&) {
            }
            co_return co_await second;
          };
          const auto t = create_task(body());
          co_await tick();
          t.cancel();
          co_await tick();
          log("first ", first.cancelled());
          log("done ", t.done());
          second.set_result(42);
          log("", co_await t);
        }) == "first True ; done False ; 42");
}

TEST_CASE("cancel: a task that cancels itself and awaits a task cancels that one and its future (tTK40)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<void>();
          auto nested = [&]() -> Coro<void> { co_await f; };
          Task<> inner;
          auto body = [&]() -> Coro<void> {
            inner = create_task(nested());
            co_await tick();
            current_task().cancel();
            co_await inner;
          };
          const auto t = create_task(body());
          co_await sleep(1s);
          log("future ", f.cancelled());
          log("inner ", inner.cancelled());
          log("task ", t.cancelled());
        }) == "future True ; inner True ; task True");
}

TEST_CASE("cancel: a sleeper is cancelled by a timer long before its time (tTK70)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto sleeper = []() -> Coro<void> { co_await sleep(5000s); };
          const auto t = create_task(sleeper());
          call_later(100ms, [&] { t.cancel(); });
          try {
            co_await t;
          } catch (...) {
            log(at_ms(show()));
          }
        }) == "CE @100");
}

TEST_CASE("cancel: an exception that is no std::exception may answer a request (tTK74)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = []() -> Coro<void> {
            try {
              co_await sleep(10s);
            } catch (const CancelledError&) {
              throw 5;
            }
          };
          const auto t = create_task(body());
          co_await tick();
          t.cancel();
          try {
            co_await t;
          } catch (int number) {
            log("", number);
          }
          log("cancelled ", t.cancelled());
        }) == "5 ; cancelled False");
}

TEST_CASE("cancel: a request goes through an outer task to the inner one and its future (tTK80)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<void>();
          auto inner = [&]() -> Coro<void> {
            try {
              co_await f;
            } catch (...) {
              log("inner " + show());
              throw;
            }
          };
          const auto i = create_task(inner());
          auto outer = [&]() -> Coro<void> {
            try {
              co_await i;
            } catch (...) {
              log("outer " + show());
            }
          };
          const auto o = create_task(outer());
          co_await tick();
          co_await tick();
          o.cancel();
          co_await o;
          log("future ", f.cancelled());
          log("inner ", i.cancelled());
        }) == "inner CE ; outer CE ; future True ; inner True");
}

TEST_CASE(
    "cancel: tasks that await each other in a circle cannot be cancelled, as asyncio's RecursionError says") {
  // They are left over in the end, which is told behind.
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          for (const bool with_gather : {false, true}) {
            std::vector<Task<>> tasks;
            auto awaits = [&](std::size_t other) -> Coro<void> {
              co_await tick();
              if (with_gather) {
                const std::vector<Task<>> one{tasks[other]};
                co_await gather(one);
              } else {
                co_await tasks[other];
              }
            };
            for (std::size_t task = 0; task < 3; ++task) tasks.push_back(create_task(awaits((task + 1) % 3)));
            co_await tick();
            co_await tick();
            try {
              tasks[0].cancel();
            } catch (const RuntimeError& error) {
              log(std::string_view(error.what()).substr(0, 32));
            }
            log("done ", tasks[0].done());
          }
        })
            .starts_with("maximum recursion depth exceeded ; done False ; maximum recursion depth exceeded ; "
                         "done False ; LEAK"));
}

TEST_CASE("cancel: a request goes down a chain of a hundred thousand tasks") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          constexpr std::size_t length = 100'000;
          std::vector<Task<>> tasks;
          tasks.reserve(length);
          auto last = []() -> Coro<void> { co_await sleep(1h); };
          auto link = [&](std::size_t next) -> Coro<void> { co_await tasks[next]; };
          tasks.push_back(create_task(last()));
          for (std::size_t task = 1; task < length; ++task) tasks.push_back(create_task(link(task - 1)));
          co_await tick();
          log("", tasks.back().cancel());
          try {
            co_await tasks.back();
          } catch (const CancelledError&) {
            log("CE");
          }
          log("cancelled ", tasks.front().cancelled());
        }) == "True ; CE ; cancelled True");
}
