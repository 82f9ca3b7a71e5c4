#include <coweave/core/lock.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;

namespace {

/// Takes the lock, logs "got-x", holds it for one tick, logs "rel-x" and releases. Logs "CE-x" if cancelled.
Coro<void> user(Lock& lock, Log& log, std::string name, int ticks = 1) {
  try {
    const auto guard = co_await lock.scoped();
    log("got-" + name);
    for (int count = 0; count < ticks; ++count) co_await tick();
    log("rel-" + name);
  } catch (const CancelledError&) {
    log("CE-" + name);
    throw;
  }
}

/// Takes the lock, logs and releases at once.
Coro<void> brief(Lock& lock, Log& log, std::string name) { return user(lock, log, std::move(name), 0); }

/// Takes the lock and keeps it.
Coro<void> keeper(Lock& lock, Log& log, std::string name) {
  try {
    co_await lock.acquire();
    log("got-" + name);
  } catch (const CancelledError&) {
    log("CE-" + name);
    throw;
  }
}

}  // namespace

TEST_CASE("lock: waiters acquire in arrival order, and the lock is free until the woken one runs (LOCK2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          const auto a = create_task(user(lock, log, "a"));
          const auto b = create_task(user(lock, log, "b"));
          const auto c = create_task(user(lock, log, "c"));
          co_await tick();
          lock.release();
          log("locked ", lock.locked());
          co_await a;
          co_await b;
          co_await c;
        }) == "locked False ; got-a ; rel-a ; got-b ; rel-b ; got-c ; rel-c");
}

TEST_CASE("lock: a newcomer cannot overtake a woken waiter (LOCK3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          const auto a = create_task(brief(lock, log, "a"));
          co_await tick();
          const auto n = create_task(brief(lock, log, "n"));
          lock.release();
          co_await n;
          co_await a;
        }) == "got-a ; rel-a ; got-n ; rel-n");
}

TEST_CASE("lock: a newcomer that runs before the woken waiter queues behind it (LOCK3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          const auto a = create_task(brief(lock, log, "a"));
          co_await tick();
          const auto n = create_task(brief(lock, log, "n"));
          call_soon([&] {
            log("release");
            lock.release();
          });
          co_await n;
          co_await a;
        }) == "release ; got-a ; rel-a ; got-n ; rel-n");
}

TEST_CASE("lock: who releases and acquires again at once comes after the woken waiter (LOCK3b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          const auto a = create_task(brief(lock, log, "a"));
          co_await tick();
          lock.release();
          co_await lock.acquire();
          log("main");
          lock.release();
          co_await a;
        }) == "got-a ; rel-a ; main");
}

TEST_CASE("lock: an uncontended acquire does not suspend (LOCK4)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          call_soon([&] { log("other"); });
          co_await lock.acquire();
          log("acq");
          lock.release();
          co_await lock.acquire();
          log("acq2");
          co_await tick();
          lock.release();
        }) == "acq ; acq2 ; other");
}

TEST_CASE("lock: a woken waiter that is cancelled passes the wake-up on (LOCK5)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          const auto a = create_task(brief(lock, log, "a"));
          const auto b = create_task(brief(lock, log, "b"));
          co_await tick();
          lock.release();
          a.cancel();
          co_await b;
          CHECK(a.cancelled());
          CHECK_FALSE(lock.locked());
        }) == "CE-a ; got-b ; rel-b");
}

TEST_CASE("lock: a waiter cancelled before the release passes it on all the same (LOCK5b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          const auto a = create_task(brief(lock, log, "a"));
          const auto b = create_task(brief(lock, log, "b"));
          co_await tick();
          a.cancel();
          lock.release();
          co_await b;
          CHECK(a.cancelled());
        }) == "CE-a ; got-b ; rel-b");
}

TEST_CASE("lock: a queue of cancelled waiters does not stop a newcomer (LOCK5c)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          const auto a = create_task(brief(lock, log, "a"));
          co_await tick();
          a.cancel();
          lock.release();
          co_await lock.acquire();
          log("main");
          co_await tick();
          CHECK(lock.locked());
          lock.release();
        }) == "main ; CE-a");
}

TEST_CASE("lock: a newcomer gets the lock of a woken waiter that is cancelled (LOCK5d)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          const auto a = create_task(brief(lock, log, "a"));
          co_await tick();
          lock.release();
          a.cancel();
          const auto n = create_task(brief(lock, log, "n"));
          co_await n;
        }) == "CE-a ; got-n ; rel-n");
}

TEST_CASE("lock: a newcomer queued before the woken waiter was cancelled is woken (LOCK5d)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          const auto a = create_task(brief(lock, log, "a"));
          co_await tick();
          const auto n =
              create_task(brief(lock, log, "n"));  // runs, and queues, between release and a's step
          call_soon([&] { a.cancel(); });
          lock.release();
          co_await n;
        }) == "CE-a ; got-n ; rel-n");
}

TEST_CASE("lock: the cancelled head with the lock released never wakes two (LOCK7)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          int owners = 0;
          int owners_max = 0;
          auto owner = [&](std::string name) -> Coro<void> {
            const auto guard = co_await lock.scoped();
            owners_max = std::max(owners_max, ++owners);
            log(name);
            co_await tick();
            --owners;
          };
          co_await lock.acquire();
          const auto a = create_task(owner("a"));
          const auto b = create_task(owner("b"));
          const auto c = create_task(owner("c"));
          co_await tick();
          a.cancel();
          lock.release();
          const auto d = create_task(owner("d"));
          co_await b;
          co_await c;
          co_await d;
          CHECK(owners_max == 1);
        }) == "b ; c ; d");
}

TEST_CASE("lock: acquiring twice is a deadlock (LOCK11)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          log("once");
          co_await lock.acquire();
          log("twice");
        }) == "once ; DEADLOCK");
}

TEST_CASE("lock: releasing a free lock is a RuntimeError (tLK10)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          try {
            lock.release();
          } catch (...) {
            log(show());
          }
          co_return;
        }) == "RuntimeError(Lock is not acquired.)");
}

TEST_CASE("lock: any task may release") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          auto holder = [&]() -> Coro<void> { co_await lock.acquire(); };
          co_await create_task(holder());
          lock.release();
          log("locked ", lock.locked());
        }) == "locked False");
}

TEST_CASE("lock: a release reaches the waiter one iteration later") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          const auto a = create_task(brief(lock, log, "a"));
          co_await tick();
          lock.release();
          log("0");
          co_await tick();
          log("1");
          co_await a;
        }) == "0 ; got-a ; rel-a ; 1");
}

TEST_CASE("lock: the first of two newcomers on an empty queue does not suspend, cancelled or not (S6)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          const auto a = create_task(user(lock, log, "a"));
          const auto b = create_task(user(lock, log, "b"));
          co_await tick();
          a.cancel();
          co_await b;
        }) == "got-a ; CE-a ; got-b ; rel-b");
}

TEST_CASE("lock: every waiter cancelled leaves a lock that anybody can take") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          std::vector<Task<>> waiters;
          for (const char* name : {"a", "b", "c"}) waiters.push_back(create_task(keeper(lock, log, name)));
          co_await tick();
          lock.release();
          for (const Task<>& waiter : waiters) waiter.cancel();
          co_await tick();
          CHECK_FALSE(lock.locked());
          co_await lock.acquire();
          log("main");
        }) == "CE-a ; CE-b ; CE-c ; main");
}

TEST_CASE("lock: a waiter in the middle that is cancelled leaves the others in order") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          const auto a = create_task(user(lock, log, "a"));
          const auto b = create_task(user(lock, log, "b"));
          const auto c = create_task(user(lock, log, "c"));
          co_await tick();
          b.cancel();
          co_await tick();
          CHECK(b.cancelled());
          lock.release();
          co_await a;
          co_await c;
        }) == "CE-b ; got-a ; rel-a ; got-c ; rel-c");
}

TEST_CASE("lock: a guard releases on every way out of its scope (tLK12)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          try {
            const auto guard = co_await lock.scoped();
            log("locked ", lock.locked());
            throw ValueError("x");
          } catch (const ValueError&) {
            log("locked ", lock.locked());
          }
        }) == "locked True ; locked False");
}

TEST_CASE("lock: a guard that was released early does not release again") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          auto guard = co_await lock.scoped();
          guard.release();
          CHECK_FALSE(static_cast<bool>(guard));
          co_await lock.acquire();
          guard.release();
          log("locked ", lock.locked());
        }) == "locked True");
}

TEST_CASE("lock: a moved guard releases once") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          {
            auto guard = co_await lock.scoped();
            const auto moved = std::move(guard);
            log("locked ", lock.locked());
          }
          log("locked ", lock.locked());
        }) == "locked True ; locked False");
}

TEST_CASE("lock: a guard that finds its lock free reports it") {
  const std::string log = run_fifo([](Log&) -> Coro<void> {
    Lock lock;
    const auto guard = co_await lock.scoped();
    lock.release();
  });
  CHECK(
      log ==
      "EXCEPTION at the end of a scope: Lock is not acquired.: coweave::RuntimeError: Lock is not acquired.");
}

TEST_CASE("lock: frames destroyed while they wait leave nothing behind") {
  Lock lock;  // outlives the frames
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          co_await lock.acquire();
          for (const char* name : {"a", "b", "c"}) create_task(keeper(lock, log, name));
          co_await tick();
          log("end");
        }) == "end ; LEAK");
}

TEST_CASE("lock: destroying it while a task waits is reported") {
  const std::string text = run_fifo([](Log& log) -> Coro<void> {
    std::optional<Lock> lock(std::in_place, "door");
    co_await lock->acquire();
    const auto a = create_task(brief(*lock, log, "a"));
    co_await tick();
    lock.reset();
  });
  CHECK(text == "EXCEPTION Lock 'door' was destroyed while tasks wait for it: they will never be woken");
}

TEST_CASE("lock: one release lets one waiter through, and a newcomer comes last (tLK05)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          const auto one = create_task(keeper(lock, log, "1"));
          const auto two = create_task(keeper(lock, log, "2"));
          co_await tick();
          log("queued");
          lock.release();
          co_await tick();
          log("tick");
          co_await tick();
          const auto three = create_task(keeper(lock, log, "3"));
          lock.release();
          co_await tick();
          log("tick");
          lock.release();
          co_await tick();
          for (const Task<>& task : {one, two, three}) CHECK(task.done());
        }) == "queued ; got-1 ; tick ; got-2 ; tick ; got-3");
}

TEST_CASE("lock: a waiter that is cancelled leaves the line (tLK06)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          const auto task = create_task(keeper(lock, log, "a"));
          call_soon([&] { task.cancel(); });
          try {
            co_await task;
          } catch (const CancelledError&) {
            log("CE");
          }
          lock.release();
          co_await lock.acquire();  // would be a deadlock with somebody in line
          log("main");
        }) == "CE-a ; CE ; main");
}

TEST_CASE("lock: the first in line is cancelled in the iteration in which the holder releases (tLK07)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          auto blocker = create_future<void>();
          auto body = [&](std::string name, bool blocks) -> Coro<void> {
            const auto guard = co_await lock.scoped();
            log("got-" + name);
            if (blocks) co_await blocker;
          };
          const auto a = create_task(body("A", true));
          const auto b = create_task(body("B", false));
          const auto c = create_task(body("C", false));
          co_await tick();
          blocker.set_result();
          b.cancel();
          co_await tick();
          log("locked ", lock.locked());
          CHECK(a.done());
          CHECK(b.cancelled());
          co_await c;
        }) == "got-A ; locked False ; got-C");
}

TEST_CASE("lock: cancelling the first in line and releasing lets one through (tLK08)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          const auto one = create_task(keeper(lock, log, "1"));
          const auto two = create_task(keeper(lock, log, "2"));
          const auto three = create_task(keeper(lock, log, "3"));
          co_await tick();
          call_soon([&] {
            one.cancel();
            lock.release();
          });
          try {
            co_await one;
          } catch (const CancelledError&) {
            log("CE");
          }
          CHECK(two.done());
          CHECK_FALSE(three.done());
          three.cancel();
          co_await tick();
        }) == "CE-1 ; got-2 ; CE ; CE-3");
}

TEST_CASE("lock: a newcomer gets the lock in the iteration in which the first in line is cancelled (tLK09)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          const auto b = create_task(keeper(lock, log, "b"));
          co_await tick();
          const auto c = create_task(keeper(lock, log, "c"));
          b.cancel();
          lock.release();
          co_await tick();
          log("locked ", lock.locked());
          CHECK(b.cancelled());
          co_await c;
        }) == "got-c ; CE-b ; locked True");
}

TEST_CASE("lock: released without waiters it is free (tLK11)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Lock lock;
          co_await lock.acquire();
          log("locked ", lock.locked());
          lock.release();
          log("locked ", lock.locked());
        }) == "locked True ; locked False");
}
