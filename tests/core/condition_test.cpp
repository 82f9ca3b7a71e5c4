#include <coweave/core/condition.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/core/wait_for.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

/// Takes the lock, waits, logs how the wait ended and whether the lock is held, and releases.
Coro<void> waiter(Condition& condition, Log& log, std::string name) {
  const auto guard = co_await condition.scoped();
  try {
    const bool result = co_await condition.wait();
    log(name + (result ? " True" : " False") + (condition.locked() ? "" : " unlocked"));
  } catch (...) {
    log(show() + "-" + name + (condition.locked() ? "" : " unlocked"));
    throw;
  }
}

/// Takes the lock, waits, logs, and keeps the lock.
Coro<void> keeper(Condition& condition, Log& log, std::string name) {
  co_await condition.acquire();
  const bool result = co_await condition.wait();
  log(name + (result ? " True" : " False"));
}

Coro<void> locker(Condition& condition, Log& log, std::string name) {
  const auto guard = co_await condition.scoped();
  log(name);
}

Coro<void> notify_one(Condition& condition) {
  const auto guard = co_await condition.scoped();
  condition.notify();
}

}  // namespace

TEST_CASE("condition: those notified run in order of arrival, each with the lock (COND2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          std::vector<Task<>> tasks;
          for (const char* name : {"a", "b", "c", "d"})
            tasks.push_back(create_task(waiter(condition, log, name)));
          co_await tick();
          {
            const auto guard = co_await condition.scoped();
            condition.notify(2);
            log("notified");
          }
          co_await tick();
          co_await tick();
          log("c.done ", tasks[2].done());
          {
            const auto guard = co_await condition.scoped();
            condition.notify_all();
          }
          for (const Task<>& task : tasks) co_await task;
        }) == "notified ; a True ; b True ; c.done False ; c True ; d True");
}

TEST_CASE("condition: who is notified runs only when the lock is released (COND3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          const auto a = create_task(waiter(condition, log, "a"));
          co_await tick();
          co_await condition.acquire();
          condition.notify();
          for (int count = 0; count < 3; ++count) co_await tick();
          log("a.done ", a.done());
          condition.release();
          co_await a;
        }) == "a.done False ; a True");
}

TEST_CASE("condition: a waiter that is cancelled leaves only when it has the lock again (COND4)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          const auto a = create_task(waiter(condition, log, "a"));
          co_await tick();
          co_await condition.acquire();
          a.cancel();
          for (int count = 0; count < 3; ++count) co_await tick();
          log("a.done ", a.done());
          condition.release();
          co_await tick();
          CHECK(a.cancelled());
          log("locked ", condition.locked());
        }) == "a.done False ; CE-a ; locked False");
}

TEST_CASE("condition: of several cancellations while the lock is awaited the latest is thrown (COND4b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          const auto a = create_task(waiter(condition, log, "a"));
          co_await tick();
          co_await condition.acquire();
          condition.notify();
          co_await tick();
          a.cancel("m1");
          co_await tick();
          a.cancel("m2");
          co_await tick();
          log("a.done ", a.done());
          condition.release();
          co_await tick();
          CHECK(a.cancelled());
          log("cancelling ", a.cancelling());
        }) == "a.done False ; CE(m2)-a ; cancelling 2");
}

TEST_CASE("condition: a notified waiter that is cancelled passes the notification on (COND5)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          const auto a = create_task(waiter(condition, log, "a"));
          const auto b = create_task(waiter(condition, log, "b"));
          co_await tick();
          co_await condition.acquire();
          condition.notify();
          condition.release();
          a.cancel();
          co_await b;
          CHECK(a.cancelled());
        }) == "CE-a ; b True");
}

TEST_CASE("condition: a waiter cancelled while it wants the lock back passes the notification on (COND5b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          const auto a = create_task(waiter(condition, log, "a"));
          const auto b = create_task(waiter(condition, log, "b"));
          co_await tick();
          co_await condition.acquire();
          condition.notify();
          co_await tick();
          a.cancel();
          condition.release();
          co_await b;
          CHECK(a.cancelled());
        }) == "CE-a ; b True");
}

TEST_CASE("condition: who is notified gets the lock behind those who wait for it (COND11)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          const auto a = create_task(waiter(condition, log, "a"));
          co_await tick();
          co_await condition.acquire();
          const auto x = create_task(locker(condition, log, "x"));
          co_await tick();
          condition.notify();
          co_await tick();
          const auto y = create_task(locker(condition, log, "y"));
          co_await tick();
          condition.release();
          co_await y;
        }) == "x ; a True ; y");
}

TEST_CASE("condition: a notification moves a waiter to the lock, one release lets one through (tCO01)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          std::vector<Task<>> tasks;
          for (const char* name : {"1", "2", "3"}) tasks.push_back(create_task(keeper(condition, log, name)));
          co_await tick();
          log("locked ", condition.locked());
          co_await condition.acquire();
          condition.notify();
          co_await tick();
          log("notified");
          condition.release();
          co_await tick();
          log("locked ", condition.locked());
          condition.notify(2);
          co_await tick();
          log("notified");
          condition.release();
          co_await tick();
          log("locked ", condition.locked());
          condition.release();
          co_await tick();
          log("locked ", condition.locked());
          for (const Task<>& task : tasks) CHECK(task.done());
        }) ==
        "locked False ; notified ; 1 True ; locked True ; notified ; 2 True ; locked True ; 3 True ; locked "
        "True");
}

TEST_CASE("condition: a wait may end in another task than the one that took the lock (tCO02)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          co_await condition.acquire();
          auto wait = [&]() -> Coro<void> { co_await condition.wait(); };
          const auto task = create_task(wait());
          call_soon([&] { task.cancel(); });
          try {
            co_await task;
          } catch (const CancelledError&) {
            log("CE");
          }
          log("locked ", condition.locked());
          condition.notify();  // nobody is left who could hear it
          co_await tick();
          log("locked ", condition.locked());
        }) == "CE ; locked True ; locked True");
}

TEST_CASE("condition: the lock is held whether a contested wait returns or is cancelled (tCO03)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          co_await condition.acquire();
          auto wait = [&]() -> Coro<void> { co_await condition.wait(); };
          const auto task = create_task(wait());
          co_await tick();
          log("locked ", condition.locked());
          co_await condition.acquire();
          condition.notify();
          call_soon([&] { task.cancel(); });
          call_soon([&] { condition.release(); });
          try {
            co_await task;
            log("returned");
          } catch (const CancelledError&) {
            log("CE");
          }
          log("locked ", condition.locked());
        }) == "locked False ; CE ; locked True");
}

TEST_CASE("condition: a cancellation after the notification arrives when the lock is free (tCO04)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          const auto a = create_task(waiter(condition, log, "a"));
          co_await tick();
          co_await condition.acquire();
          condition.notify();
          co_await tick();
          a.cancel();
          co_await tick();
          condition.release();
          log("released");
          co_await tick();
          CHECK(a.cancelled());
        }) == "released ; CE-a");
}

TEST_CASE("condition: waiting and notifying need the lock (tCO05, tCO10, tCO11)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          try {
            co_await condition.wait();
          } catch (const RuntimeError&) {
            log(show());
          }
          CHECK_THROWS_WITH_AS(condition.notify(), "cannot notify on un-acquired lock", RuntimeError);
          CHECK_THROWS_WITH_AS(condition.notify_all(), "cannot notify on un-acquired lock", RuntimeError);
          CHECK_THROWS_WITH_AS(condition.release(), "Lock is not acquired.", RuntimeError);
        }) == "RuntimeError(cannot wait on un-acquired lock)");
}

TEST_CASE("condition: it does not matter who holds the lock (CO2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          auto wait = [&]() -> Coro<void> {
            co_await condition.wait();  // main holds the lock, and loses it here
            log("woken");
          };
          co_await condition.acquire();
          const auto task = create_task(wait());
          co_await tick();
          log("locked ", condition.locked());
          co_await notify_one(condition);
          co_await task;
          log("locked ", condition.locked());
        }) == "locked False ; woken ; locked True");
}

TEST_CASE("condition: wait_for waits until the predicate is true (tCO06)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          bool ready = false;
          auto body = [&]() -> Coro<void> {
            const auto guard = co_await condition.scoped();
            const bool result = co_await condition.wait_for([&] { return ready; });
            log("result ", result);
          };
          const auto task = create_task(body());
          co_await tick();
          co_await notify_one(condition);
          co_await tick();
          log("done ", task.done());
          ready = true;
          co_await notify_one(condition);
          co_await tick();
          CHECK(task.done());
        }) == "done False ; result True");
}

TEST_CASE("condition: wait_for gives what the predicate returned, without the lock if at once (tCO07)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          call_soon([&] { log("other"); });
          const int result = co_await condition.wait_for([] { return 123; });
          log("", result);
          try {
            co_await condition.wait_for([] { return false; });
          } catch (const RuntimeError&) {
            log(show());
          }
          co_await tick();
        }) == "123 ; RuntimeError(cannot wait on un-acquired lock) ; other");
}

TEST_CASE("condition: what the predicate throws comes out with the lock held") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          int calls = 0;
          auto body = [&]() -> Coro<void> {
            const auto guard = co_await condition.scoped();
            try {
              co_await condition.wait_for([&]() -> bool {
                if (++calls == 2) throw ValueError("x");
                return false;
              });
            } catch (const ValueError&) {
              log(show());
              log("locked ", condition.locked());
            }
          };
          const auto task = create_task(body());
          co_await tick();
          co_await notify_one(condition);
          co_await task;
          log("locked ", condition.locked());
        }) == "V(x) ; locked True ; locked False");
}

TEST_CASE("condition: a predicate with a name may own what it needs") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          const std::string wanted = "a text that is too long to be kept inside a string object";
          std::string present;
          auto body = [&]() -> Coro<void> {
            const auto guard = co_await condition.scoped();
            auto predicate = [wanted, &present] { return present == wanted; };
            co_await condition.wait_for(predicate);
            log("there");
          };
          const auto task = create_task(body());
          co_await tick();
          co_await notify_one(condition);
          present = wanted;
          co_await notify_one(condition);
          co_await task;
        }) == "there");
}

TEST_CASE("condition: notify wakes as many as it says and no more than there are (tCO08)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          for (const char* name : {"1", "2", "3"}) create_task(waiter(condition, log, name));
          co_await tick();
          co_await condition.acquire();
          condition.notify(0);
          condition.notify(1);
          condition.release();
          co_await tick();
          log("first");
          co_await condition.acquire();
          condition.notify(1);
          condition.notify(2048);
          condition.release();
          co_await tick();
        }) == "1 True ; first ; 2 True ; 3 True");
}

TEST_CASE("condition: notify_all wakes all, who run in one iteration if each releases at once (tCO09)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          for (const char* name : {"1", "2", "3"}) create_task(waiter(condition, log, name));
          co_await tick();
          co_await condition.acquire();
          condition.notify_all();
          condition.release();
          log("0");
          co_await tick();
          log("1");
        }) == "0 ; 1 True ; 2 True ; 3 True ; 1");
}

TEST_CASE("condition: a notification and a release reach the waiter one iteration later") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          const auto a = create_task(waiter(condition, log, "a"));
          co_await tick();
          co_await condition.acquire();
          condition.notify();
          condition.release();
          log("0");
          co_await tick();
          log("1");
        }) == "0 ; a True ; 1");
}

TEST_CASE("condition: a notification that nobody waits for is lost (CO6)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          co_await notify_one(condition);
          const auto a = create_task(waiter(condition, log, "a"));
          co_await tick();
          co_await tick();
          log("a.done ", a.done());
          co_await notify_one(condition);
          co_await a;
        }) == "a.done False ; a True");
}

TEST_CASE("condition: a guard holds the lock of its own or the one that was given (tCO13, tCO14)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          Condition given(lock);
          Condition own;
          {
            const auto guard = co_await given.scoped();
            log("", lock.locked() && given.locked());
          }
          log("", lock.locked() || given.locked());
          {
            const auto guard = co_await lock.scoped();
            log("", lock.locked() && given.locked());
          }
          log("", lock.locked() || given.locked());
          {
            const auto guard = co_await own.scoped();
            log("", own.locked());
          }
          log("", own.locked());
        }) == "True ; False ; True ; False ; True ; False");
}

TEST_CASE("condition: two conditions share a lock and wake only their own (CO1)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          Condition empty(lock);
          Condition full(lock);
          const auto a = create_task(waiter(empty, log, "a"));
          const auto b = create_task(waiter(full, log, "b"));
          co_await tick();
          co_await lock.acquire();
          full.notify_all();
          lock.release();
          co_await b;
          log("a.done ", a.done());
          co_await notify_one(empty);
          co_await a;
        }) == "b True ; a.done False ; a True");
}

TEST_CASE("condition: the message of a cancellation comes out of both parts of a wait (tCO17, tCO18)") {
  for (const bool acquiring : {false, true}) {
    CAPTURE(acquiring);
    CHECK(run_fifo([acquiring](Log& log) -> Coro<void> {
            Condition condition;
            const auto a = create_task(waiter(condition, log, "a"));
            co_await tick();
            if (acquiring) {
              co_await condition.acquire();
              condition.notify();
              co_await tick();
            }
            a.cancel("foo");
            if (acquiring) condition.release();
            try {
              co_await a;
            } catch (const CancelledError& error) {
              log(error.message());
            }
          }) == "CE(foo)-a ; foo");
  }
}

TEST_CASE("condition: an item is consumed though the first one notified is cancelled (tCO19, tCO20)") {
  for (const bool acquiring : {false, true}) {
    CAPTURE(acquiring);
    CHECK(run_fifo([acquiring](Log& log) -> Coro<void> {
            Condition condition;
            int state = 0;
            auto consume = [&](std::string name) -> Coro<void> {
              const auto guard = co_await condition.scoped();
              co_await condition.wait_for([&] { return state != 0; });
              --state;
              log(name);
            };
            const auto first = create_task(consume("first"));
            const auto second = create_task(consume("second"));
            co_await tick();
            {
              const auto guard = co_await condition.scoped();
              ++state;
              condition.notify();
              if (acquiring) co_await tick();
              first.cancel();
            }
            co_await second;
            CHECK(first.cancelled());
            log("state ", state);
          }) == "second ; state 0");
  }
}

TEST_CASE("condition: a waiter cancelled without a notification wakes another one (S20)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          const auto a = create_task(waiter(condition, log, "a"));
          const auto b = create_task(waiter(condition, log, "b"));
          co_await tick();
          a.cancel();
          co_await b;
          CHECK(a.cancelled());
        }) == "CE-a ; b True");
}

TEST_CASE("condition: cancelled with a free lock it ends in the next iteration") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          const auto a = create_task(waiter(condition, log, "a"));
          co_await tick();
          a.cancel();
          log("0");
          co_await tick();
          log("1");
        }) == "0 ; CE-a ; 1");
}

TEST_CASE("condition: notify_all and the cancellation of all leaves nobody behind") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          std::vector<Task<>> tasks;
          for (const char* name : {"a", "b", "c"}) tasks.push_back(create_task(waiter(condition, log, name)));
          co_await tick();
          co_await condition.acquire();
          condition.notify_all();
          for (const Task<>& task : tasks) task.cancel();
          condition.release();
          co_await tick();
          for (const Task<>& task : tasks) CHECK(task.cancelled());
          log("locked ", condition.locked());
        }) == "CE-a ; CE-b ; CE-c ; locked False");
}

TEST_CASE("condition: of those notified some are cancelled and others are told instead") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          std::vector<Task<>> tasks;
          for (const char* name : {"a", "b", "c", "d", "e"})
            tasks.push_back(create_task(waiter(condition, log, name)));
          co_await tick();
          co_await condition.acquire();
          condition.notify(3);
          tasks[0].cancel();
          tasks[2].cancel();
          condition.release();
          co_await tick();
          co_await tick();
          for (const Task<>& task : tasks) CHECK(task.done());
        }) == "CE-a ; b True ; CE-c ; d True ; e True");
}

TEST_CASE("condition: a task that asked itself to stop is cancelled where it waits (C4)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          auto body = [&]() -> Coro<void> {
            const auto guard = co_await condition.scoped();
            current_task().cancel("self");
            try {
              co_await condition.wait();
            } catch (const CancelledError&) {
              log(show());
              log("locked ", condition.locked());
              throw;
            }
          };
          const auto task = create_task(body());
          co_await tick();
          log("locked ", condition.locked());
          co_await tick();
          CHECK(task.cancelled());
          log("locked ", condition.locked());
        }) == "locked False ; CE(self) ; locked True ; locked False");
}

TEST_CASE("condition: one that nobody notifies is a deadlock") {
  CHECK(run_fifo([](Log&) -> Coro<void> {
          Condition condition;
          const auto guard = co_await condition.scoped();
          co_await condition.wait();
        }) == "DEADLOCK");
}

TEST_CASE("condition: destroying it while a task waits is reported") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::optional<Condition> condition(std::in_place, "changed");
          create_task(keeper(*condition, log, "a"));
          co_await tick();
          condition.reset();
        }) ==
        "EXCEPTION Condition 'changed' was destroyed while tasks wait for it: they will never be woken");
}

TEST_CASE("condition: destroying it while a task wants its lock back is reported") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          std::optional<Condition> condition(std::in_place, lock, "changed");
          create_task(keeper(*condition, log, "a"));
          co_await tick();
          co_await lock.acquire();
          condition->notify();
          co_await tick();
          condition.reset();
        }) ==
        "EXCEPTION Condition 'changed' was destroyed while tasks wait for it: they will never be woken");
}

TEST_CASE("condition: a wait that times out leaves the lock held (tCO16)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          {
            const auto guard = co_await condition.scoped();
            try {
              co_await wait_for(condition.wait(), 500ms);
            } catch (const TimeoutError&) {
              log(at_ms("TE"));
            }
            log("locked ", condition.locked());
          }
          log("locked ", condition.locked());
        }) == "TE @500 ; locked True ; locked False");
}

TEST_CASE("condition: a waiter cancelled when it could have the lock back lets the next one have it (LK4)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Condition condition;
          const auto a = create_task(waiter(condition, log, "a"));
          co_await tick();
          co_await condition.acquire();
          condition.notify();
          co_await tick();
          const auto x = create_task(locker(condition, log, "x"));
          co_await tick();
          condition.release();
          a.cancel();
          for (int count = 0; count < 3; ++count) co_await tick();
          CHECK(x.done());
          CHECK(a.cancelled());
          log("locked ", condition.locked());
        }) == "x ; CE-a ; locked False");
}
