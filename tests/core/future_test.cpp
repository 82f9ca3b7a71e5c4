#include <coweave/core/future.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

Coro<void> awaiting(Future<int> future, Log& log, std::string name) {
  try {
    const int value = co_await future;
    log(name + " got ", value);
  } catch (...) {
    log(name + " " + show());
    throw;
  }
}

}  // namespace

TEST_CASE("future: waiters and callbacks run in the order in which they came (TASK5)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          f.add_done_callback([&](const Future<int>&) { log("cb1"); });
          auto waiter = [&](std::string name) -> Coro<void> {
            co_await f;
            log(name);
          };
          const auto w1 = create_task(waiter("w1"));
          const auto w2 = create_task(waiter("w2"));
          co_await tick();
          f.add_done_callback([&](const Future<int>&) { log("cb2"); });
          f.set_result(1);
          log("set");
          f.add_done_callback([&](const Future<int>&) { log("cb3"); });
          co_await tick();
          log("m1");
        }) == "set ; cb1 ; w1 ; w2 ; cb2 ; cb3 ; m1");
}

TEST_CASE("future: a removed callback does not run, and a scheduled one cannot be removed (FUT2, tFU55)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          const auto dup = [&](const Future<int>&) { log("dup"); };
          const auto first = f.add_done_callback(dup);
          const auto second = f.add_done_callback(dup);
          f.add_done_callback([&](const Future<int>&) { log("x"); });
          CHECK(f.remove_done_callback(first) == 1);
          CHECK(f.remove_done_callback(first) == 0);
          CHECK(f.remove_done_callback(second) == 1);
          const auto third = f.add_done_callback(dup);
          f.set_result(1);
          CHECK(f.remove_done_callback(third) == 0);
          co_await tick();
        }) == "x ; dup");
}

TEST_CASE("future: a callback that raises is reported and the next one runs (FUT3)") {
  const std::string text = run_fifo([](Log& log) -> Coro<void> {
    const auto f = create_future<int>();
    f.add_done_callback([](const Future<int>&) { throw ValueError("bad"); });
    f.add_done_callback([&](const Future<int>&) { log("second"); });
    f.set_result(1);
    co_await tick();
  });
  // Under simulation the report ends the run; tests/core/event_loop_test.cpp sees the second run.
  CHECK(text == "EXCEPTION Exception in callback: coweave::ValueError: bad");
}

TEST_CASE("future: all who await it get the same exception object (FUT4)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          std::vector<const ValueError*> seen;
          auto waiter = [&]() -> Coro<void> {
            try {
              co_await f;
            } catch (const ValueError& error) {
              seen.push_back(&error);
            }
          };
          const auto a = create_task(waiter());
          const auto b = create_task(waiter());
          co_await tick();
          f.set_exception(ValueError("E"));
          co_await a;
          co_await b;
          try {
            f.result();
          } catch (const ValueError& error) {
            seen.push_back(&error);
          }
          CHECK(seen.size() == 3);
          log("same ", seen[0] == seen[1] && seen[1] == seen[2]);
        }) == "same True");
}

TEST_CASE("future: cancelling one who awaits it cancels it, and so the other (FUT5)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          const auto a = create_task(awaiting(f, log, "a"));
          const auto b = create_task(awaiting(f, log, "b"));
          co_await tick();
          CHECK(a.cancel("why"));
          log("f.cancelled ", f.cancelled());
          co_await tick();
          CHECK(a.cancelled());
          CHECK(b.cancelled());
          CHECK(a.cancelling() == 1);
          CHECK(b.cancelling() == 0);
        }) == "f.cancelled True ; a CE(why) ; b CE(why)");
}

TEST_CASE("future: awaiting one that is done does not suspend (tFU19)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          f.set_result(7);
          call_soon([&] { log("other"); });
          const int value = co_await f;
          log("value ", value);
          co_await tick();
        }) == "value 7 ; other");
}

TEST_CASE("future: a completion reaches the waiting task and a callback one iteration later") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          const auto a = create_task(awaiting(f, log, "a"));
          co_await tick();
          f.add_done_callback([&](const Future<int>&) { log("cb"); });
          f.set_result(1);
          log("0");
          co_await tick();
          log("1");
        }) == "0 ; a got 1 ; cb ; 1");
}

TEST_CASE("future: what its state does not allow is an InvalidStateError (tFU05, tFU13, tFU14, tFU15)") {
  CHECK(run_fifo([](Log&) -> Coro<void> {
          const auto pending = create_future<int>();
          CHECK_THROWS_WITH_AS(pending.result(), "result() of a future that is not done", InvalidStateError);
          CHECK_THROWS_WITH_AS(static_cast<void>(pending.exception()),
                               "exception() of a future that is not done", InvalidStateError);

          const auto finished = create_future<int>();
          finished.set_result(1);
          CHECK_THROWS_WITH_AS(finished.set_result(2), "the future is done already", InvalidStateError);
          CHECK_THROWS_WITH_AS(finished.set_exception(ValueError("x")), "the future is done already",
                               InvalidStateError);
          CHECK_FALSE(finished.cancel());
          CHECK(finished.result() == 1);
          CHECK(finished.exception() == nullptr);

          const auto cancelled = create_future<int>();
          CHECK(cancelled.cancel("why"));
          CHECK_FALSE(cancelled.cancel("again"));
          CHECK(cancelled.cancelled());
          CHECK(cancelled.done());
          CHECK_THROWS_WITH_AS(cancelled.set_result(2), "the future was cancelled already",
                               InvalidStateError);
          CHECK_THROWS_WITH_AS(cancelled.set_exception(ValueError("x")), "the future was cancelled already",
                               InvalidStateError);
          CHECK_THROWS_AS(cancelled.result(), CancelledError);
          CHECK_THROWS_AS(static_cast<void>(cancelled.exception()), CancelledError);

          const auto failed = create_future<int>();
          failed.set_exception(ValueError("E"));
          CHECK_THROWS_WITH_AS(failed.result(), "E", ValueError);
          CHECK_THROWS_WITH_AS(failed.result(), "E", ValueError);
          CHECK(show(failed.exception()) == "V(E)");
          CHECK_FALSE(failed.cancel());
          co_return;
        }) == "");
}

TEST_CASE("future: the message of a cancellation arrives in every CancelledError (tFU11)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<void>();
          f.cancel("why");
          for (int time = 0; time < 2; ++time) {
            try {
              co_await f;
            } catch (...) {
              log(show());
            }
          }
        }) == "CE(why) ; CE(why)");
}

TEST_CASE("future: a null exception pointer is refused") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          CHECK_THROWS_AS(f.set_exception(std::exception_ptr()), ValueError);
          log("done ", f.done());
          f.set_exception(std::make_exception_ptr(ValueError("E")));
          log(show(f.exception()));
          co_return;
        }) == "done False ; V(E)");
}

TEST_CASE(
    "future: an exception that nobody looked at is reported when the last handle goes (tFU28, tFU39, "
    "tFU40)") {
  const std::string text = run_fifo([](Log& log) -> Coro<void> {
    {
      const auto f = create_future<int>();
      f.set_exception(ValueError("E"));
      log("set");
    }
    co_return;
  });
  CHECK(text == "set ; NEVER RETRIEVED Future exception was never retrieved: coweave::ValueError: E");
}

TEST_CASE(
    "future: result, exception, awaiting and even a late cancel count as looking at its exception (tFU25, "
    "tFU29, tFU30)") {
  CHECK(run_fifo([](Log&) -> Coro<void> {
          const auto failed = [] {
            const auto f = create_future<int>();
            f.set_exception(ValueError("E"));
            return f;
          };
          CHECK_THROWS_AS(failed().result(), ValueError);
          CHECK(failed().exception() != nullptr);
          CHECK_FALSE(failed().cancel());
          try {
            co_await failed();
            CHECK(false);
          } catch (const ValueError&) {
          }
        }) == "");
}

TEST_CASE("future: callbacks are never called inline, and get the future (tFU50)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          f.set_result(3);
          f.add_done_callback([&](const Future<int>& done) { log("cb ", done.result()); });
          log("added");
          co_await tick();
        }) == "added ; cb 3");
}

TEST_CASE("future: the result of a type that can only be moved is handed out once") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<std::unique_ptr<int>>();
          f.set_result(std::make_unique<int>(7));
          const auto value = co_await f;
          log("value ", *value);
          CHECK_THROWS_AS(f.result(), InvalidStateError);
        }) == "value 7");
}

TEST_CASE("future: a reference result refers to the original") {
  int original = 1;
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          const auto f = create_future<int&>();
          f.set_result(original);
          int& value = co_await f;
          value = 2;
          log("original ", original);
          log("same ", &f.result() == &original);
        }) == "original 2 ; same True");
}

TEST_CASE("future: a handle of no future is a RuntimeError, not a crash") {
  const Future<int> none;
  CHECK_FALSE(none.valid());
  CHECK_THROWS_AS(static_cast<void>(none.done()), RuntimeError);
  CHECK_THROWS_AS(none.result(), RuntimeError);
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          try {
            co_await none;
          } catch (const RuntimeError&) {
            log("refused");
          }
        }) == "refused");
}

TEST_CASE("future: making one without a loop is a RuntimeError") {
  CHECK_THROWS_AS(create_future<int>(), RuntimeError);
}

TEST_CASE("future: one of a loop that is gone cannot be finished") {
  Future<int> left;
  CHECK(run_fifo([&](Log&) -> Coro<void> {
          left = create_future<int>();
          co_return;
        }) == "");
  CHECK_THROWS_AS(left.set_result(1), RuntimeError);
}

TEST_CASE("future: callbacks of one that is never finished are let go of") {
  const auto token = std::make_shared<int>(1);
  CHECK(run_fifo([&](Log&) -> Coro<void> {
          const auto f = create_future<int>();
          auto callback = [token](const Future<int>&) {};
          f.add_done_callback(callback);
          CHECK(token.use_count() >= 3);
          co_return;
        }) == "");
  CHECK(token.use_count() == 1);
}

TEST_CASE("future: waiters destroyed with their frames leave nothing behind") {
  Future<int> left;
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          left = create_future<int>();
          create_task(awaiting(left, log, "a"));
          create_task(awaiting(left, log, "b"));
          co_await tick();
          log("end");
        }) == "end ; LEAK");
  CHECK_FALSE(left.done());
}

TEST_CASE("future: a done callback holds the last reference to a future whose result was set") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          {
            const auto f = create_future<std::string>();
            f.add_done_callback([&](const Future<std::string>& done) { log(done.result()); });
            f.set_result("kept");
          }
          co_await tick();
        }) == "kept");
}

TEST_CASE("future: the callbacks of several tasks are told apart when one is removed") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto future = create_future<int>();
          std::uint32_t second = 0;
          const auto add = [&](std::string name) -> Coro<std::uint32_t> {
            co_return future.add_done_callback([&log, name](const Future<int>&) { log(name); });
          };
          const auto a = create_task(add("a"));
          const auto b = create_task(add("b"));
          co_await a;
          second = co_await b;
          log("removed ", future.remove_done_callback(second));
          log("again ", future.remove_done_callback(second));
          future.set_result(1);
          co_await tick();
        }) == "removed 1 ; again 0 ; a");
}

TEST_CASE("future: a CancelledError that it holds as its exception answers a request to cancel") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto future = create_future<int>();
          const auto body = [&]() -> Coro<void> {
            try {
              co_await future;
            } catch (...) {
              log(show());
            }
            co_await tick();
            log("survived");
          };
          const auto task = create_task(body());
          co_await tick();
          future.set_exception(CancelledError("held"));
          task.cancel("late");
          co_await task;
        }) == "CE(held) ; survived");
}

TEST_CASE("future: one that is made in a running loop belongs to it (tFU07)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          log("", &create_future<void>().state().loop() == &Loop::current());
          co_return;
        }) == "True");
}

TEST_CASE(
    "future: one that is dropped while pending, or with a result, is not reported (tFU24, tFU26, tFU27)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          {
            const auto pending = create_future<int>();
          }
          {
            const auto unseen = create_future<int>();
            unseen.set_result(1);
          }
          {
            const auto seen = create_future<int>();
            seen.set_result(1);
            log("", seen.result());
          }
          co_return;
        }) == "1");
}

namespace {

/// Registers callbacks that log 42, 17 and 100, removes those at the `removed` positions, and finishes the
/// future.
std::string left_of_three(const std::vector<std::size_t>& removed) {
  return run_fifo([&](Log& log) -> Coro<void> {
    const auto f = create_future<int>();
    std::vector<std::uint32_t> ids;
    for (const int number : {42, 17, 100})
      ids.push_back(f.add_done_callback([&log, number](const Future<int>&) { log("", number); }));
    for (const std::size_t position : removed) CHECK(f.remove_done_callback(ids[position]) == 1);
    f.set_result(1);
    co_await tick();
  });
}

}  // namespace

TEST_CASE("future: the first, the first two or the last callback can be removed (tFU47, tFU48, tFU49)") {
  CHECK(left_of_three({}) == "42 ; 17 ; 100");
  CHECK(left_of_three({0}) == "17 ; 100");
  CHECK(left_of_three({0, 1}) == "100");
  CHECK(left_of_three({2}) == "42 ; 17");
}

TEST_CASE("future: callbacks run once after set_exception, and never inline (tFU51)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          f.add_done_callback([&](const Future<int>& done) { log(show(done.exception())); });
          f.set_exception(ValueError("foo"));
          log("set");
          co_await tick();
          co_await tick();
        }) == "set ; V(foo)");
}

TEST_CASE("future: removing counts what it removed, and an unknown number is nothing (tFU52)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          const auto callback = [&](const Future<int>&) { log("ran"); };
          std::vector<std::uint32_t> ids;
          for (int time = 0; time < 6; ++time) ids.push_back(f.add_done_callback(callback));
          int removed = f.remove_done_callback(ids.back() + 1);
          log("removed ", removed);
          for (const std::uint32_t id : ids) removed += f.remove_done_callback(id);
          log("removed ", removed);
          f.set_result(1);
          co_await tick();
        }) == "removed 0 ; removed 6");
}

TEST_CASE("future: a callback cannot remove a later one that is scheduled, and may add others (tFU56)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          std::uint32_t second = 0;
          f.add_done_callback([&](const Future<int>& done) {
            log("first removes ", done.remove_done_callback(second));
            done.add_done_callback([&](const Future<int>&) { log("added"); });
          });
          second = f.add_done_callback([&](const Future<int>&) { log("second"); });
          f.set_result(1);
          co_await tick();
          co_await tick();
        }) == "first removes 0 ; second ; added");
}

TEST_CASE("future: what a callback drops with its function may remove other callbacks (tFU53, tFU54)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          std::uint32_t second = 0;
          struct Remover {
            const Future<int>* future;
            std::uint32_t* id;
            ~Remover() { future->remove_done_callback(*id); }
          };
          auto remover = std::make_shared<Remover>(&f, &second);
          const auto first = f.add_done_callback([kept = std::move(remover)](const Future<int>&) {});
          second = f.add_done_callback([&](const Future<int>&) { log("second"); });
          f.add_done_callback([&](const Future<int>&) { log("third"); });
          log("removed ", f.remove_done_callback(first));
          f.set_result(1);
          co_await tick();
        }) == "removed 1 ; third");
}

TEST_CASE("future: awaiting a failed task again and again gives the same exception (tF2-1)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto raises = []() -> Coro<void> {
            throw ValueError("x");
            co_return;
          };
          const auto t = create_task(raises());
          const ValueError* first = nullptr;
          int same = 0;
          for (int time = 0; time < 5; ++time) {
            try {
              co_await t;
            } catch (const ValueError& error) {
              if (!first) first = &error;
              if (first == &error) ++same;
            }
          }
          log("same ", same);
        }) == "same 5");
}

TEST_CASE("future: one of an earlier run of a simulation is another loop's in the next") {
  sim::Simulation simulation(fifo_settings());
  sim::Fifo policy;
  Future<int> left;
  Log log;
  auto first = [&]() -> Coro<void> {
    left = create_future<int>();
    co_return;
  };
  auto second = [&]() -> Coro<void> {
    try {
      co_await left;
    } catch (...) {
      log(show());
    }
    try {
      left.set_result(1);
    } catch (...) {
      log(show());
    }
  };
  policy.begin_run(1);
  CHECK_FALSE(simulation.run(first, policy));
  policy.begin_run(2);
  CHECK_FALSE(simulation.run(second, policy));
  CHECK(log.text() ==
        "RuntimeError(the task awaits a future that is attached to a different loop) ; "
        "RuntimeError(Event loop is closed, or belongs to another thread)");
}
