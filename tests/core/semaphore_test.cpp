#include <coweave/core/semaphore.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/core/gather.hpp>
#include <coweave/core/task_group.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

/// Takes a permit, logs "got-x", keeps it for some ticks, logs "rel-x" and gives it back.
Coro<void> user(Semaphore& semaphore, Log& log, std::string name, int ticks = 0) {
  try {
    const auto permit = co_await semaphore.scoped();
    log("got-" + name);
    for (int count = 0; count < ticks; ++count) co_await tick();
    log("rel-" + name);
  } catch (const CancelledError&) {
    log("CE-" + name);
    throw;
  }
}

/// Takes a permit and keeps it.
Coro<void> keeper(Semaphore& semaphore, Log& log, std::string name) {
  try {
    co_await semaphore.acquire();
    log("got-" + name);
  } catch (const CancelledError&) {
    log("CE-" + name);
    throw;
  }
}

}  // namespace

TEST_CASE("semaphore: who releases and acquires again at once comes after the waiter (SEM2, SEM3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore;
          co_await semaphore.acquire();
          const auto a = create_task(user(semaphore, log, "a"));
          co_await tick();
          semaphore.release();
          co_await semaphore.acquire();
          log("main got");
        }) == "got-a ; rel-a ; main got");
}

TEST_CASE("semaphore: permits that are released go to those in line and not to a newcomer (SEM3b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore(2);
          co_await semaphore.acquire();
          co_await semaphore.acquire();
          const auto a = create_task(keeper(semaphore, log, "a"));
          const auto b = create_task(keeper(semaphore, log, "b"));
          co_await tick();
          semaphore.release();
          semaphore.release();
          const auto n = create_task(keeper(semaphore, log, "n"));
          co_await tick();
          log("n.done ", n.done());
          log("value ", semaphore.value());
          semaphore.release();
          co_await n;
        }) == "got-a ; got-b ; n.done False ; value 0 ; got-n");
}

TEST_CASE("semaphore: a woken waiter that is cancelled hands its permit on (SEM4)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore;
          co_await semaphore.acquire();
          const auto a = create_task(keeper(semaphore, log, "a"));
          const auto b = create_task(keeper(semaphore, log, "b"));
          co_await tick();
          semaphore.release();
          a.cancel();
          co_await b;
          CHECK(a.cancelled());
          log("value ", semaphore.value());
        }) == "CE-a ; got-b ; value 0");
}

TEST_CASE("semaphore: a waiter cancelled before the release is passed over (SEM4b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore;
          co_await semaphore.acquire();
          const auto a = create_task(keeper(semaphore, log, "a"));
          const auto b = create_task(keeper(semaphore, log, "b"));
          co_await tick();
          a.cancel();
          semaphore.release();
          co_await b;
          CHECK(a.cancelled());
          log("value ", semaphore.value());
        }) == "CE-a ; got-b ; value 0");
}

TEST_CASE("semaphore: the permit of a woken waiter that is cancelled becomes free (SEM4c, S8)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore(0);
          const auto a = create_task(keeper(semaphore, log, "a"));
          co_await tick();
          semaphore.release();
          a.cancel();
          co_await tick();
          log("value ", semaphore.value());
          log("locked ", semaphore.locked());
          co_await semaphore.acquire();
          log("main");
        }) == "CE-a ; value 1 ; locked False ; main");
}

TEST_CASE("semaphore: a waiter cancelled without a permit gives none back (S12)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore(0);
          const auto a = create_task(keeper(semaphore, log, "a"));
          co_await tick();
          a.cancel();
          co_await tick();
          log("value ", semaphore.value());
        }) == "CE-a ; value 0");
}

TEST_CASE("semaphore: a waiter cancelled without a permit wakes nobody (S10)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore;
          co_await semaphore.acquire();
          const auto a = create_task(keeper(semaphore, log, "a"));
          const auto b = create_task(keeper(semaphore, log, "b"));
          co_await tick();
          a.cancel();
          for (int count = 0; count < 3; ++count) co_await tick();
          log("b.done ", b.done());
          semaphore.release();
          co_await b;
        }) == "CE-a ; b.done False ; got-b");
}

TEST_CASE("semaphore: a permit is free and yet nobody may take it before the woken one (SEM6)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore;
          co_await semaphore.acquire();
          const auto a = create_task(keeper(semaphore, log, "a"));
          co_await tick();
          semaphore.release();
          semaphore.release();
          log("value ", semaphore.value());
          log("locked ", semaphore.locked());
          co_await a;
          log("value ", semaphore.value());
          log("locked ", semaphore.locked());
        }) == "value 1 ; locked True ; got-a ; value 1 ; locked False");
}

TEST_CASE("semaphore: three tasks alternate (SEM7, S14)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore;
          auto rounds = [&](std::string name) -> Coro<void> {
            for (int round = 0; round < 3; ++round) {
              co_await semaphore.acquire();
              log(name + std::to_string(round));
              co_await tick();
              semaphore.release();
            }
          };
          co_await gather(rounds("a"), rounds("b"), rounds("c"));
        }) == "a0 ; b0 ; c0 ; a1 ; b1 ; c1 ; a2 ; b2 ; c2");
}

TEST_CASE("semaphore: the permits of two woken waiters that are cancelled go to the next two (SEM9)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore(0);
          std::vector<Task<>> tasks;
          for (const char* name : {"a", "b", "c", "d"})
            tasks.push_back(create_task(keeper(semaphore, log, name)));
          co_await tick();
          semaphore.release();
          semaphore.release();
          tasks[0].cancel();
          tasks[1].cancel();
          co_await tasks[2];
          co_await tasks[3];
          log("value ", semaphore.value());
        }) == "CE-a ; CE-b ; got-c ; got-d ; value 0");
}

TEST_CASE("semaphore: may start without permits and not with fewer (tSE01, tSE04)") {
  const Semaphore semaphore(0);
  CHECK(semaphore.locked());
  CHECK_THROWS_WITH_AS(Semaphore(-1), "Semaphore initial value must be >= 0", ValueError);
  CHECK_THROWS_WITH_AS(BoundedSemaphore(-1), "Semaphore initial value must be >= 0", ValueError);
}

TEST_CASE("semaphore: an uncontended acquire does not suspend") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore(2);
          call_soon([&] { log("other"); });
          co_await semaphore.acquire();
          log("locked ", semaphore.locked());
          co_await semaphore.acquire();
          log("locked ", semaphore.locked());
          co_await tick();
        }) == "locked False ; locked True ; other");
}

TEST_CASE("semaphore: a permit that is released while somebody waits is never free (tSE05)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore(3);
          co_await semaphore.acquire();
          co_await semaphore.acquire();
          log("locked ", semaphore.locked());
          for (const char* name : {"1", "2", "3"}) create_task(keeper(semaphore, log, name));
          co_await tick();
          log("value ", semaphore.value());
          const auto four = create_task(keeper(semaphore, log, "4"));
          semaphore.release();
          semaphore.release();
          log("value ", semaphore.value());
          co_await tick();
          log("value ", semaphore.value());
          log("locked ", semaphore.locked());
          log("4.done ", four.done());
          semaphore.release();
          co_await four;
        }) ==
        "locked False ; got-1 ; value 0 ; value 0 ; got-2 ; got-3 ; value 0 ; locked True ; 4.done False ; "
        "got-4");
}

TEST_CASE("semaphore: a waiter that is cancelled leaves the line (tSE06)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore;
          co_await semaphore.acquire();
          const auto a = create_task(keeper(semaphore, log, "a"));
          call_soon([&] { a.cancel(); });
          try {
            co_await a;
          } catch (const CancelledError&) {
            log("CE");
          }
          semaphore.release();
          log("locked ", semaphore.locked());
        }) == "CE-a ; CE ; locked False");
}

TEST_CASE("semaphore: waiters cancelled in the same iteration as the release do not eat it (tSE07, tSE08)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore(0);
          std::vector<Task<>> tasks;
          for (const char* name : {"1", "2", "3", "4"})
            tasks.push_back(create_task(keeper(semaphore, log, name)));
          co_await tick();
          tasks[0].cancel();
          tasks[1].cancel();
          semaphore.release();
          co_await tick();
          co_await tick();
          log("4.done ", tasks[3].done());
          log("locked ", semaphore.locked());
          semaphore.release();
          co_await tasks[3];
        }) == "CE-1 ; CE-2 ; got-3 ; 4.done False ; locked True ; got-4");
}

TEST_CASE("semaphore: who cancels the waiter that its release woke leaves the permit free (tSE09)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore;
          Task<> second;
          auto first_body = [&]() -> Coro<void> {
            co_await user(semaphore, log, "1", 1);
            second.cancel();
          };
          const auto first = create_task(first_body());
          second = create_task(user(semaphore, log, "2"));
          const auto [one, two] = co_await gather(return_exceptions, first, second);
          CHECK(one.ok());
          CHECK(show(two.exception()) == "CE");
          co_await semaphore.acquire();
          log("main");
        }) == "got-1 ; rel-1 ; CE-2 ; main");
}

TEST_CASE("semaphore: a bounded one refuses a permit too many, a plain one takes it (tSE10, SE6, SE7)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          BoundedSemaphore bounded;
          CHECK_THROWS_WITH_AS(bounded.release(), "BoundedSemaphore released too many times", ValueError);
          log("value ", bounded.value());
          co_await bounded.acquire();
          bounded.release();
          Semaphore& base = bounded;
          CHECK_THROWS_WITH_AS(base.release(), "BoundedSemaphore released too many times", ValueError);
          Semaphore plain;
          plain.release();
          log("value ", plain.value());
        }) == "value 1 ; value 2");
}

TEST_CASE("semaphore: a permit too many while a woken waiter has not run shows at that one (SEM8b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          BoundedSemaphore semaphore;
          co_await semaphore.acquire();
          auto body = [&]() -> Coro<void> {
            co_await semaphore.acquire();
            try {
              semaphore.release();
            } catch (const ValueError&) {
              log("a: " + show());
            }
          };
          const auto a = create_task(body());
          co_await tick();
          semaphore.release();
          semaphore.release();  // the guilty one
          log("unnoticed");
          co_await a;
        }) == "unnoticed ; a: V(BoundedSemaphore released too many times)");
}

TEST_CASE("semaphore: released without waiters it is free (tSE11)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore;
          co_await semaphore.acquire();
          log("locked ", semaphore.locked());
          semaphore.release();
          log("locked ", semaphore.locked());
        }) == "locked True ; locked False");
}

TEST_CASE("semaphore: tasks that come again come in the same order (tSE12)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore;
          auto twice = [&](std::string name) -> Coro<void> {
            for (const char* round : {"_1", "_2"}) {
              co_await semaphore.acquire();
              log(name + round);
              co_await sleep(10ms);
              semaphore.release();
            }
          };
          auto body = [&](TaskGroup& group) -> Coro<void> {
            for (const char* name : {"c1", "c2", "c3"}) group.create_task(twice(name));
            co_return;
          };
          co_await TaskGroup::run(body);
        }) == "c1_1 ; c2_1 ; c3_1 ; c1_2 ; c2_2 ; c3_2");
}

TEST_CASE("semaphore: a permit given up and wanted again goes to who waits (tSE13)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore;
          auto again = [&]() -> Coro<void> {
            co_await semaphore.acquire();
            log("2");
            semaphore.release();
            co_await semaphore.acquire();
            log("4");
          };
          const auto one = create_task(keeper(semaphore, log, "1"));
          const auto two = create_task(again());
          const auto three = create_task(keeper(semaphore, log, "3"));
          co_await tick();
          semaphore.release();
          semaphore.release();
          co_await gather(one, two, three);
        }) == "got-1 ; 2 ; got-3 ; 4");
}

TEST_CASE("semaphore: the first in line cancelled, the others get theirs in order (tSE14)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore(0);
          const auto one = create_task(keeper(semaphore, log, "1"));
          const auto two = create_task(keeper(semaphore, log, "2"));
          const auto three = create_task(keeper(semaphore, log, "3"));
          co_await tick();
          one.cancel();
          co_await tick();
          semaphore.release();
          semaphore.release();
          co_await two;
          co_await three;
        }) == "CE-1 ; got-2 ; got-3");
}

TEST_CASE("semaphore: who runs after its wake-up wakes everybody there are permits for (tSE15, SE4)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore(0);
          Task<> four;
          auto last = [&]() -> Coro<void> {
            log("4");
            co_return;
          };
          auto first = [&]() -> Coro<void> {
            co_await semaphore.acquire();
            log("value ", semaphore.value());
            four = create_task(last());
            log("1");
          };
          auto second = [&]() -> Coro<void> {
            for (int count = 0; count < 3; ++count) semaphore.release();
            log("value ", semaphore.value());
            log("locked ", semaphore.locked());
            co_await semaphore.acquire();
            log("2");
          };
          const auto one = create_task(first());
          const auto two = create_task(second());
          const auto three = create_task(keeper(semaphore, log, "3"));
          co_await tick();
          log("value ", semaphore.value());
          co_await tick();
          co_await gather(one, two, three, four);
        }) == "value 2 ; locked True ; value 2 ; value 0 ; 1 ; 2 ; got-3 ; 4");
}

TEST_CASE("semaphore: who is cancelled after its wake-up wakes everybody there are permits for (SE4)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore(0);
          const auto a = create_task(keeper(semaphore, log, "a"));
          co_await tick();
          const auto b = create_task(keeper(semaphore, log, "b"));
          const auto c = create_task(keeper(semaphore, log, "c"));
          const auto d = create_task(keeper(semaphore, log, "d"));
          call_soon([&] { a.cancel(); });
          semaphore.release();
          semaphore.release();
          semaphore.release();
          log("value ", semaphore.value());
          co_await d;
          log("value ", semaphore.value());
        }) == "value 2 ; CE-a ; got-b ; got-c ; got-d ; value 0");
}

TEST_CASE("semaphore: a release reaches the waiter one iteration later") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Semaphore semaphore(0);
          const auto a = create_task(keeper(semaphore, log, "a"));
          co_await tick();
          semaphore.release();
          log("0");
          co_await tick();
          log("1");
        }) == "0 ; got-a ; 1");
}

TEST_CASE("semaphore: a guard gives the permit back on every way out of its scope") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          BoundedSemaphore semaphore(2);
          try {
            const auto permit = co_await semaphore.scoped();
            log("value ", semaphore.value());
            throw ValueError("x");
          } catch (const ValueError&) {
            log("value ", semaphore.value());
          }
        }) == "value 1 ; value 2");
}

TEST_CASE("semaphore: one without permits is a deadlock") {
  CHECK(run_fifo([](Log&) -> Coro<void> {
          Semaphore semaphore(0);
          co_await semaphore.acquire();
        }) == "DEADLOCK");
}

TEST_CASE("semaphore: destroying it while a task waits is reported") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::optional<BoundedSemaphore> semaphore(std::in_place, 1, "slots");
          co_await semaphore->acquire();
          create_task(keeper(*semaphore, log, "a"));
          co_await tick();
          semaphore.reset();
        }) ==
        "EXCEPTION BoundedSemaphore 'slots' was destroyed while tasks wait for it: they will never be woken");
}
