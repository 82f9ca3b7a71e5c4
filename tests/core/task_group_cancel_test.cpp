// TaskGroup::cancel of core/task_group.hpp, which asyncio has from Python 3.15 on.

#include <coweave/core/callback.hpp>
#include <coweave/core/task_group.hpp>
#include <coweave/core/timeout.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

Coro<void> ok(Log& log, std::string name, Duration delay) {
  try {
    co_await sleep(delay);
  } catch (...) {
    log(show() + "-" + name);
    throw;
  }
  log("ok-" + name);
}

/// Cleans up for a second when it is cancelled.
Coro<void> slow(Log& log) {
  try {
    co_await sleep(1h);
  } catch (const CancelledError&) {
  }
  co_await sleep(1s);
  log(at_ms("clean"));
}

template <class Body>
Coro<void> logged(Log& log, Body& body) {
  try {
    co_await TaskGroup::run(body);
    log(at_ms("no exception"));
  } catch (...) {
    log(at_ms(show()));
    if (show().starts_with("CE")) throw;
  }
  log("cancelling ", current_task().cancelling());
}

}  // namespace

TEST_CASE("task group cancel: by a callback while the body sleeps (TGC1)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(ok(log, "a", 1s));
            call_later(100ms, [&] { group.cancel(); });
            co_await ok(log, "body", 1s);
          };
          co_await logged(log, body);
        }) == "CE-a ; CE-body ; no exception @100 ; cancelling 0");
}

TEST_CASE("task group cancel: by a task while the group waits") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto stopper = [&](TaskGroup& group) -> Coro<void> {
            co_await sleep(100ms);
            group.cancel();
            log("stopped");
          };
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(ok(log, "a", 1s));
            group.create_task(stopper(group));
            co_return;
          };
          co_await logged(log, body);
        }) == "stopped ; CE-a ; no exception @100 ; cancelling 0");
}

TEST_CASE("task group cancel: twice by the body, and then no task can be created (TGC3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(ok(log, "a", 1s));
            group.cancel();
            group.cancel();
            try {
              group.create_task(ok(log, "late", 1s));
            } catch (...) {
              log(show());
            }
            co_return;
          };
          co_await logged(log, body);
        }) == "RuntimeError(TaskGroup is shutting down) ; no exception @0 ; cancelling 0");
}

TEST_CASE("task group cancel: the body hears of it at its first await (TGC2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.cancel();
            log("still");
            co_await ok(log, "body", 1s);
          };
          co_await logged(log, body);
          co_await tick();
          log("end");
        }) == "still ; CE-body ; no exception @0 ; cancelling 0 ; end");
}

TEST_CASE("task group cancel: without effect when all tasks have ended") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            const auto task = group.create_task(ok(log, "a", 100ms));
            task.add_done_callback([&](const Future<void>&) { group.cancel(); });
            co_return;
          };
          co_await logged(log, body);
          co_await tick();
          log("end");
        }) == "ok-a ; no exception @100 ; cancelling 0 ; end");
}

TEST_CASE("task group cancel: a cancellation from outside during the cleanup is thrown (TGC6)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(slow(log));
            call_later(100ms, [&] { group.cancel(); });
            co_return;
          };
          const auto t = create_task(logged(log, body));
          co_await sleep(200ms);
          t.cancel("outside");
          co_await sleep(2s);
          log(end_of(t));
        }) == "clean @1100 ; CE(outside) @1100 ; cancelled");
}

TEST_CASE("task group cancel: a time limit that ends during the cleanup is thrown (TGC7)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(slow(log));
            call_later(100ms, [&] { group.cancel(); });
            co_return;
          };
          try {
            co_await timeout(200ms, TaskGroup::run(body));
          } catch (...) {
            log(at_ms(show()));
          }
          log("cancelling ", current_task().cancelling());
        }) == "clean @1100 ; TE @1100 ; cancelling 0");
}

TEST_CASE("task group cancel: errors of the tasks are thrown all the same") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto sour = []() -> Coro<void> {
            bool stopped = false;
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
              stopped = true;
            }
            if (stopped) throw ValueError("sour");
          };
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(sour());
            co_await tick();
            group.cancel();
          };
          co_await logged(log, body);
        }) == "EG[V(sour)] @0 ; cancelling 0");
}

TEST_CASE("task group cancel: a body that has given its result keeps it, one that has not is an error") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto early = [&](TaskGroup& group) -> Coro<int> {
            group.create_task(ok(log, "a", 1s));
            call_later(100ms, [&] { group.cancel(); });
            co_return 7;
          };
          log("", co_await TaskGroup::run(early));
          auto late = [&](TaskGroup& group) -> Coro<int> {
            call_later(100ms, [&] { group.cancel(); });
            co_await sleep(1s);
            co_return 7;
          };
          try {
            log("", co_await TaskGroup::run(late));
          } catch (...) {
            log(show());
          }
        }) == "CE-a ; 7 ; RuntimeError(the TaskGroup was cancelled before its body gave a result)");
}
