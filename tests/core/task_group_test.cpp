#include <coweave/core/task_group.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/core/context.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

/// Sleeps and logs "ok-name"; logs "CE-name" if cancelled.
Coro<void> ok(Log& log, std::string name, Duration delay) {
  try {
    co_await sleep(delay);
  } catch (const CancelledError&) {
    log("CE-" + name);
    throw;
  }
  log("ok-" + name);
}

Coro<void> bad(Log& log, std::string name, Duration delay) {
  co_await sleep(delay);
  log("bad-" + name);
  throw ValueError(name);
}

/// Logs "1", "2", … in the iterations that follow.
void chain(Log& log, int last, int number = 1) {
  if (number > last) return;
  call_soon([&log, last, number] {
    log("", number);
    chain(log, last, number + 1);
  });
}

/// Raises another exception when cancelled.
Coro<void> sour(std::string name) {
  bool stopped = false;
  try {
    co_await sleep(10s);
  } catch (const CancelledError&) {
    stopped = true;
  }
  if (stopped) throw ValueError(name);
}

/// Awaits the group of `body` and logs what it throws.
template <class Body>
Coro<void> logged(Log& log, Body& body) {
  try {
    co_await TaskGroup::run(body);
    log("no exception");
  } catch (...) {
    log(show());
  }
}

/// Cancels a task that runs the group of `body` after 100 ms, and logs how it ends.
template <class Body>
Coro<void> cancelled_later(Log& log, Body& body) {
  auto runner = [&]() -> Coro<void> { co_await TaskGroup::run(body); };
  const auto t = create_task(runner());
  co_await sleep(100ms);
  t.cancel();
  try {
    co_await t;
  } catch (...) {
    log(show());
  }
}

}  // namespace

// Only `run` makes one: what asyncio's group answers before it is entered, or if entered twice, cannot be
// asked.
static_assert(!std::is_constructible_v<TaskGroup> && !std::is_copy_constructible_v<TaskGroup> &&
              !std::is_move_constructible_v<TaskGroup>);

TEST_CASE("task group: run returns when every task has ended (TG1, tTG01)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(ok(log, "a", 200ms));
            group.create_task(ok(log, "b", 100ms));
            log("body");
            co_return;
          };
          co_await TaskGroup::run(body);
          log(at_ms("exit"));
        }) == "body ; ok-b ; ok-a ; exit @200");
}

TEST_CASE("task group: a failing task cancels the others while the group waits (TG2, tTG04, tTG37)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(ok(log, "a", 1s));
            group.create_task(bad(log, "b", 100ms));
            log("body end");
            co_return;
          };
          co_await logged(log, body);
          log("cancelling ", current_task().cancelling());
        }) == "body end ; bad-b ; CE-a ; EG[V(b)] ; cancelling 0");
}

TEST_CASE("task group: a failing task cancels the body (TG2b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(bad(log, "b", 100ms));
            try {
              co_await sleep(1s);
            } catch (...) {
              log("body " + show());
              log("cancelling ", current_task().cancelling());
              throw;
            }
          };
          co_await logged(log, body);
          log("cancelling ", current_task().cancelling());
        }) == "bad-b ; body CE ; cancelling 1 ; EG[V(b)] ; cancelling 0");
}

TEST_CASE("task group: errors stand in the order in which they came (TG3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(bad(log, "a", 100ms));
            group.create_task(bad(log, "b", 100ms));
            group.create_task(sour("c"));
            group.create_task(ok(log, "d", 1s));
            co_return;
          };
          co_await logged(log, body);
        }) == "bad-a ; bad-b ; CE-d ; EG[V(a),V(b),V(c)]");
}

TEST_CASE("task group: the error of the body comes last (TG4, tTG09)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(sour("c"));
            group.create_task(ok(log, "d", 1s));
            co_await tick();
            throw ValueError("body");
          };
          co_await logged(log, body);
        }) == "CE-d ; EG[V(c),V(body)]");
}

TEST_CASE("task group: tasks of a body that fails at once never run (TG4b, tTG10)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(ok(log, "d", 1s));
            throw ValueError("body");
            co_return;
          };
          co_await logged(log, body);
        }) == "EG[V(body)]");
}

TEST_CASE("task group: a parent cancelled while the group waits (TG5, tTG06, tTG23)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(ok(log, "a", 1s));
            co_return;
          };
          const auto t = create_task(logged(log, body));
          co_await tick();
          co_await tick();
          t.cancel("M");
          co_await t;
        }) == "CE-a ; CE(M)");
}

TEST_CASE("task group: a parent cancelled in the body (TG5b, tTG07)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(ok(log, "a", 1s));
            co_await sleep(1s);
          };
          const auto t = create_task(logged(log, body));
          co_await tick();
          co_await tick();
          t.cancel("M");
          co_await t;
        }) == "CE-a ; CE(M)");
}

TEST_CASE("task group: a cancellation that gave way to errors arrives at the next await (TG5c)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(sour("c"));
            co_return;
          };
          auto parent = [&]() -> Coro<void> {
            co_await logged(log, body);
            log("cancelling ", current_task().cancelling());
            try {
              co_await tick();
              log("survived");
            } catch (...) {
              log(show());
              throw;
            }
          };
          const auto t = create_task(parent());
          co_await tick();
          co_await tick();
          t.cancel();
          for (int ticks = 0; ticks < 5; ++ticks) co_await tick();
          log(end_of(t));
        }) == "EG[V(c)] ; cancelling 1 ; CE ; cancelled");
}

TEST_CASE("task group: a task that fails and a parent cancelled in one tick (TG5d)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(bad(log, "a", 100ms));
            co_return;
          };
          auto parent = [&]() -> Coro<void> {
            co_await logged(log, body);
            log("cancelling ", current_task().cancelling());
            co_await tick();
            log("survived");
          };
          const auto t = create_task(parent());
          co_await tick();
          co_await tick();  // the child's timer comes before the one below
          call_at(100ms, [&] { t.cancel(); });
          co_await sleep(200ms);
          log(end_of(t));
        }) == "bad-a ; EG[V(a)] ; cancelling 1 ; cancelled");
}

TEST_CASE("task group: a second cancellation does not cancel the tasks again (TG6)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto stubborn = [&]() -> Coro<void> {
            try {
              co_await sleep(500ms);
            } catch (const CancelledError&) {
              log("ignored");
            }
            co_await sleep(500ms);
            co_await sleep(500ms);
            log(at_ms("stub end"));
          };
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(stubborn());
            co_return;
          };
          const auto t = create_task(logged(log, body));
          co_await sleep(100ms);
          t.cancel();
          co_await sleep(100ms);
          t.cancel();
          co_await t;
          log("cancelling ", t.cancelling());
        }) == "ignored ; stub end @1100 ; CE ; cancelling 2");
}

TEST_CASE("task group: no task can be created while it shuts down (TG8b, tTG29)") {
  const auto token = std::make_shared<int>(0);
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          auto held = [](std::shared_ptr<int>) -> Coro<void> { co_return; };
          auto late = [&](TaskGroup& group) -> Coro<void> {
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
              try {
                group.create_task(held(token));
              } catch (...) {
                log(show());
              }
              throw;
            }
          };
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(late(group));
            group.create_task(bad(log, "b", 100ms));
            co_return;
          };
          co_await logged(log, body);
        }) == "bad-b ; RuntimeError(TaskGroup is shutting down) ; EG[V(b)]");
  CHECK(token.use_count() == 1);
}

TEST_CASE("task group: no task can be created when it has ended (tTG33, tTG36)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          // A done callback of the last task runs after the group's own.
          auto body = [&](TaskGroup& group) -> Coro<void> {
            const auto task = group.create_task(ok(log, "a", 100ms));
            task.add_done_callback([&](const Future<void>&) {
              try {
                group.create_task(ok(log, "late", 1s));
              } catch (...) {
                log(show());
              }
            });
            co_return;
          };
          co_await logged(log, body);
        }) == "ok-a ; RuntimeError(TaskGroup is finished) ; no exception");
}

TEST_CASE("task group: a task created by a task while the group waits is waited for too (TG8c, tTG25)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto child = [&](TaskGroup& group) -> Coro<void> {
            co_await sleep(100ms);
            group.create_task(ok(log, "grandchild", 100ms));
          };
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(child(group));
            co_return;
          };
          co_await logged(log, body);
          log(at_ms("exit"));
        }) == "ok-grandchild ; no exception ; exit @200");
}

TEST_CASE("task group: a task that is cancelled does not disturb it (TG9, tTG03)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            const auto a = group.create_task(ok(log, "a", 1s));
            group.create_task(ok(log, "b", 200ms));
            co_await tick();
            a.cancel();
          };
          co_await logged(log, body);
        }) == "CE-a ; ok-b ; no exception");
}

TEST_CASE("task group: errors of an inner group are a group in the outer one (TG10, tTG14)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto inner = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(bad(log, "ic", 100ms));
            co_return;
          };
          auto outer = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(ok(log, "oc", 1s));
            co_await TaskGroup::run(inner);
          };
          co_await logged(log, outer);
        }) == "bad-ic ; CE-oc ; EG[EG[V(ic)]]");
}

TEST_CASE("task group: a failure in the outer group cancels the inner one (TG10b, tTG13)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto inner = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(ok(log, "ic", 1s));
            co_return;
          };
          auto outer = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(bad(log, "oc", 100ms));
            try {
              co_await TaskGroup::run(inner);
            } catch (...) {
              log("inner raised " + show());
              throw;
            }
          };
          co_await logged(log, outer);
        }) == "bad-oc ; CE-ic ; inner raised CE ; EG[V(oc)]");
}

TEST_CASE("task group: inner and outer fail in the same tick (TG10c)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto inner = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(bad(log, "ic", 100ms));
            co_return;
          };
          auto outer = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(bad(log, "oc", 100ms));
            co_await TaskGroup::run(inner);
          };
          co_await logged(log, outer);
          log("cancelling ", current_task().cancelling());
        }) == "bad-oc ; bad-ic ; EG[V(oc),EG[V(ic)]] ; cancelling 0");
}

TEST_CASE("task group: swallowing the inner group's errors does not swallow the outer abort (TG10d)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto inner = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(bad(log, "ic", 100ms));
            co_return;
          };
          auto outer = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(bad(log, "oc", 100ms));
            co_await logged(log, inner);
            co_await sleep(1s);
            log("NOT CANCELLED");
          };
          co_await logged(log, outer);
          log(at_ms("exit"));
        }) == "bad-oc ; bad-ic ; EG[V(ic)] ; EG[V(oc)] ; exit @100");
}

TEST_CASE("task group: leaving an empty one does not suspend and consumes no request (TG11)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto empty = [](TaskGroup&) -> Coro<void> { co_return; };
          auto parent = [&]() -> Coro<void> {
            current_task().cancel();
            co_await TaskGroup::run(empty);
            log("exited group");
            try {
              co_await tick();
            } catch (...) {
              log(show());
              throw;
            }
          };
          const auto t = create_task(parent());
          co_await tick();
          co_await tick();
          log(end_of(t));
        }) == "exited group ; CE ; cancelled");
}

TEST_CASE("task group: leaving one whose tasks have ended does not suspend (TG12)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(ok(log, "a", 0s));
            for (int count = 0; count < 4; ++count) co_await tick();
            call_soon([&] { log("other"); });
          };
          co_await logged(log, body);
          co_await tick();
        }) == "ok-a ; no exception ; other");
}

TEST_CASE("task group: the last task reaches the code after it two iterations later") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto child = [&]() -> Coro<void> {
            co_await tick();
            log("0");
            chain(log, 3);
          };
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(child());
            co_return;
          };
          co_await TaskGroup::run(body);
          log("after");
          co_await tick();
        }) == "0 ; 1 ; 2 ; after ; 3");
}

TEST_CASE("task group: a failure reaches tasks and body two iterations later, the code after it four") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto fails = [&]() -> Coro<void> {
            co_await tick();
            log("0");
            chain(log, 5);
            throw ValueError("a");
          };
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(fails());
            group.create_task(ok(log, "b", 1s));
            co_await ok(log, "body", 1s);
          };
          co_await logged(log, body);
          co_await tick();
        }) == "0 ; 1 ; 2 ; CE-b ; CE-body ; 3 ; 4 ; EG[V(a)] ; 5");
}

TEST_CASE("task group: the body may throw CancelledError itself (TG14)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(ok(log, "a", 1s));
            co_await tick();
            throw CancelledError();
          };
          co_await logged(log, body);
        }) == "CE-a ; CE");
}

TEST_CASE("task group: a body that swallows the abort goes on, and the errors still come (TG16)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(bad(log, "b", 100ms));
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
              log("swallow");
            }
            co_await sleep(1s);
            log("continue");
          };
          co_await logged(log, body);
          log(at_ms("exit"));
        }) == "bad-b ; swallow ; continue ; EG[V(b)] ; exit @1100");
}

TEST_CASE("task group: a done callback on a task runs after the group's and before the parent (TG19)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            const auto task = group.create_task(ok(log, "a", 100ms));
            task.add_done_callback([&](const Future<void>&) { log("callback"); });
            co_return;
          };
          co_await logged(log, body);
        }) == "ok-a ; callback ; no exception");
}

TEST_CASE("task group: a cancellation from outside that comes while it aborts is not lost (gh-155433)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto slow = [&]() -> Coro<void> {
            try {
              co_await sleep(10s);
            } catch (const CancelledError&) {
            }
            co_await sleep(1s);
          };
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(slow());
            group.create_task(bad(log, "b", 100ms));
            co_return;
          };
          auto parent = [&]() -> Coro<void> {
            co_await logged(log, body);
            co_await tick();
            log("survived");
          };
          const auto t = create_task(parent());
          co_await sleep(500ms);
          t.cancel("outside");
          co_await sleep(1s);
          log(end_of(t));
        }) == "bad-b ; EG[V(b)] ; cancelled");
}

TEST_CASE("task group: run gives what the body returns") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<std::unique_ptr<int>> {
            group.create_task(ok(log, "a", 100ms));
            co_return std::make_unique<int>(7);
          };
          const auto value = co_await TaskGroup::run(body);
          log("value ", *value);
        }) == "ok-a ; value 7");
}

TEST_CASE("task group: the callable is kept for as long as its coroutine runs") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::optional<Coro<void>> running;
          {
            const std::string text(100, 'x');
            auto body = [text, &log](TaskGroup& group) -> Coro<void> {
              group.create_task(ok(log, "a", 100ms));
              co_await sleep(1s);
              log("size ", text.size());
            };
            running.emplace(TaskGroup::run(body));
          }
          co_await std::move(*running);
        }) == "ok-a ; size 100");
}

TEST_CASE("task group: destroyed with its frames while it runs, it leaves nothing behind") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto child = [](Duration delay) -> Coro<void> { co_await sleep(delay); };
          auto parent = [](auto make) -> Coro<void> {
            auto body = [&](TaskGroup& group) -> Coro<void> {
              for (int count = 0; count < 3; ++count) group.create_task(make(1s));
              co_return;
            };
            co_await TaskGroup::run(body);
          };
          create_task(parent(child));
          co_await tick();
          co_await tick();
          log("end");
        }) == "end ; LEAK");
}

TEST_CASE("task group: destroyed with a task that has just failed, it leaves nothing behind") {
  const std::string text = run_fifo([](Log& log) -> Coro<void> {
    auto failing = []() -> Coro<void> {
      co_await tick();
      throw ValueError("x");
    };
    auto body = [&](TaskGroup& group) -> Coro<void> {
      group.create_task(failing());
      co_await sleep(1s);
    };
    call_soon([&] { call_soon([&] { throw ValueError("stop"); }); });
    co_await TaskGroup::run(body);
    log("not reached");
  });
  CHECK(text == "EXCEPTION Exception in callback: coweave::ValueError: stop");
}

TEST_CASE("task group: tasks give results, also those that the body creates later (tTG01, tTG02, tTG27)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto give = [](int value) -> Coro<int> {
            co_await sleep(100ms);
            co_return value;
          };
          Task<int> one;
          Task<int> two;
          auto body = [&](TaskGroup& group) -> Coro<void> {
            one = group.create_task(give(42));
            co_await sleep(50ms);
            two = group.create_task(give(11), {.name = "yolo"});
          };
          co_await TaskGroup::run(body);
          log("", one.result() + two.result());
          log(two.name());
          log(at_ms("end"));
        }) == "53 ; yolo ; end @150");
}

TEST_CASE("task group: three that fail, one that sleeps and the body (tTG05)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            for (const char* name : {"a", "b", "c"}) group.create_task(bad(log, name, 100ms));
            group.create_task(ok(log, "d", 1s));
            try {
              co_await sleep(1s);
            } catch (...) {
              log("body " + show());
              throw;
            }
          };
          co_await logged(log, body);
        }) == "bad-a ; bad-b ; bad-c ; CE-d ; body CE ; EG[V(a),V(b),V(c)]");
}

TEST_CASE("task group: errors of the cleanup beat the cancellation (tTG08)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            for (const char* name : {"a", "b"}) group.create_task(sour(name));
            co_await sleep(10s);
          };
          co_await cancelled_later(log, body);
        }) == "EG[V(a),V(b)]");
}

TEST_CASE("task group: a cancelled parent and errors in the cleanup of an inner group (tTG11, tTG12)") {
  for (const bool outer_child : {false, true}) {
    CHECK(run_fifo([&](Log& log) -> Coro<void> {
            auto inner = [&](TaskGroup& group) -> Coro<void> {
              for (const char* name : {"a", "b"}) group.create_task(sour(name));
              co_await sleep(10s);
            };
            auto outer = [&](TaskGroup& group) -> Coro<void> {
              if (outer_child) group.create_task(ok(log, "o", 10s));
              co_await TaskGroup::run(inner);
            };
            co_await cancelled_later(log, outer);
          }) == std::string(outer_child ? "CE-o ; " : "") + "EG[EG[V(a),V(b)]]");
  }
}

TEST_CASE("task group: a task that fails while the cancelled body cleans up (tTG15, tTG16)") {
  for (const bool through_a_task : {false, true}) {
    CHECK(run_fifo([&](Log& log) -> Coro<void> {
            auto body = [&](TaskGroup& group) -> Coro<void> {
              group.create_task(bad(log, "soon", 300ms));
              std::exception_ptr cancelled;
              try {
                co_await sleep(10s);
              } catch (const CancelledError&) {
                cancelled = std::current_exception();
              }
              co_await sleep(500ms);
              std::rethrow_exception(cancelled);
            };
            auto runner = [&]() -> Coro<void> { co_await TaskGroup::run(body); };
            auto outer = [&]() -> Coro<void> {
              const auto inner = create_task(runner());
              co_await inner;
            };
            const auto t = create_task(through_a_task ? outer() : runner());
            co_await sleep(100ms);
            t.cancel();
            try {
              co_await t;
            } catch (...) {
              log(at_ms(show()));
            }
          }) == "bad-soon ; EG[V(soon)] @300");
  }
}

TEST_CASE("task group: an empty one whose parent is cancelled (tTG17)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup&) -> Coro<void> { co_await ok(log, "body", 10s); };
          const auto t = create_task(logged(log, body));
          co_await sleep(100ms);
          t.cancel();
          co_await t;
        }) == "CE-body ; CE");
}

TEST_CASE("task group: a body that turns the cancellation into an error (tTG18)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup&) -> Coro<void> { co_await sour("mine"); };
          co_await cancelled_later(log, body);
        }) == "EG[V(mine)]");
}

TEST_CASE("task group: a task fails, and so does the cleanup of the body (tTG19, tTG30)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(bad(log, "a", 100ms));
            co_await sour("finally");
          };
          co_await logged(log, body);
          log("cancelling ", current_task().cancelling());
        }) == "bad-a ; EG[V(a),V(finally)] ; cancelling 0");
}

TEST_CASE(
    "task group: exceptions of any type are errors, those of no standard type too (tTG21, tTG22, TG7b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          struct Odd {};
          auto odd = []() -> Coro<void> {
            co_await sleep(100ms);
            throw Odd();
          };
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(odd());
            group.create_task(ok(log, "a", 1s));
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
              throw 7;
            }
          };
          try {
            co_await TaskGroup::run(body);
          } catch (const ExceptionGroup& group) {
            log("errors ", group.exceptions().size());
            log("odd ", group.subgroup<Odd>()->exceptions().size());
            log("int ", group.subgroup<int>()->exceptions().size());
          }
        }) == "CE-a ; errors 2 ; odd 1 ; int 1");
}

TEST_CASE("task group: tasks that have ended are let go of while the body runs (tTG24)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::vector<std::weak_ptr<int>> kept;
          auto child = [](std::shared_ptr<int> held, Duration delay) -> Coro<std::shared_ptr<int>> {
            co_await sleep(delay);
            co_return held;  // the result lives as long as the task does
          };
          const auto alive = [&] {
            return std::count_if(kept.begin(), kept.end(), [](const auto& weak) { return !weak.expired(); });
          };
          auto body = [&](TaskGroup& group) -> Coro<void> {
            for (int count = 0; count < 10; ++count) {
              co_await sleep(100ms);
              const auto token = std::make_shared<int>(count);
              kept.emplace_back(token);
              group.create_task(child(token, 250ms));
            }
            log("alive ", alive());
            co_await sleep(1s);
            log("alive ", alive());
          };
          co_await TaskGroup::run(body);
        }) == "alive 3 ; alive 0");
}

TEST_CASE("task group: tasks that multiply until one fails (tTG26)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          int hydras = 0;
          auto hydra = [&](TaskGroup& group, auto& self) -> Coro<void> {
            ++hydras;
            co_await sleep(10ms);
            group.create_task(self(group, self));
            group.create_task(self(group, self));
          };
          auto hercules = [&]() -> Coro<void> {
            while (hydras < 10) co_await sleep(15ms);
            throw ValueError("hercules");
          };
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(hydra(group, hydra));
            group.create_task(hercules());
            co_return;
          };
          co_await logged(log, body);
          log("enough ", hydras >= 10);
        }) == "EG[V(hercules)] ; enough True");
}

TEST_CASE("task group: inner and outer tasks fail in one tick, the inner errors are caught (tTG38)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto outer = [&](TaskGroup& outer_group) -> Coro<void> {
            auto inner = [&](TaskGroup& group) -> Coro<void> {
              group.create_task(bad(log, "inner", 0s));
              outer_group.create_task(bad(log, "outer", 0s));
              co_return;
            };
            co_await logged(log, inner);
            log("cancelling ", current_task().cancelling());
          };
          co_await logged(log, outer);
          log("cancelling ", current_task().cancelling());
        }) == "bad-inner ; bad-outer ; EG[V(inner)] ; cancelling 1 ; EG[V(outer)] ; cancelling 0");
}

TEST_CASE("task group: a task fails and the parent is cancelled in one tick (tTG39)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(bad(log, "a", 0s));
            co_await sleep(1s);
            log("not reached");
          };
          auto parent = [&]() -> Coro<void> {
            co_await logged(log, body);
            log("cancelling ", current_task().cancelling());
            try {
              co_await sleep(1s);
            } catch (...) {
              log(show());
              throw;
            }
          };
          const auto t = create_task(parent());
          co_await tick();
          co_await tick();
          t.cancel();
          for (int count = 0; count < 5; ++count) co_await tick();
          log(end_of(t));
        }) == "bad-a ; EG[V(a)] ; cancelling 1 ; CE ; cancelled");
}

TEST_CASE("task group: tasks run in the context that they are given, and change it (tTG28)") {
  static ContextVar<int> variable("variable");
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto set = [](int value) -> Coro<void> {
            co_await tick();
            variable.set(value);
          };
          auto body = [&](TaskGroup& group) -> Coro<void> {
            const Context context = copy_context();
            log("contains ", context.contains(variable));
            co_await group.create_task(set(1), {.context = &context});
            log("", context.at(variable));
            co_await group.create_task(set(2), {.context = &context});
            log("", context.at(variable));
          };
          co_await TaskGroup::run(body);
        }) == "contains False ; 1 ; 2");
}
