#include <coweave/core/wait.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <concepts>
#include <memory>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

Coro<void> sleeper(Duration delay) { co_await sleep(delay); }

Coro<void> ticks(int count) {
  for (int done = 0; done < count; ++done) co_await tick();
}

Coro<void> failing(std::string name, Duration delay) {
  co_await sleep(delay);
  throw ValueError(name);
}

/// "ab|c": the names of those that are done, and of those that are pending.
template <class Handle>
std::string names(const DoneAndPending<Handle>& halves) {
  std::string text;
  for (const Handle& task : halves.done) text += task.name();
  text += "|";
  for (const Handle& task : halves.pending) text += task.name();
  return text;
}

template <class Argument>
concept Waitable = requires(Argument argument) { wait(std::move(argument)); };

}  // namespace

// A coroutine, alone or in a range, does not compile: asyncio's TypeErrors. A future alone is a set of one.
static_assert(Waitable<std::vector<Task<int>>> && Waitable<std::vector<Future<int>>>);
static_assert(Waitable<std::vector<AnyFuture>> && Waitable<std::vector<AnyTask>>);
static_assert(Waitable<Task<int>> && Waitable<Future<int>>);
static_assert(!Waitable<Coro<void>> && !Waitable<std::vector<Coro<void>>>);

TEST_CASE("wait: until all are done (tTK45)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(sleeper(100ms), {.name = "a"});
          const auto b = create_task(sleeper(150ms), {.name = "b"});
          for (int time = 0; time < 2; ++time) {
            const auto halves = co_await wait(b, a);
            log(at_ms(names(halves)));
          }
        }) == "ba| @150 ; ba| @150");
}

TEST_CASE("wait: one that comes twice counts once, where it came first (tTK46)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(sleeper(100ms), {.name = "a"});
          const auto b = create_task(sleeper(150ms), {.name = "b"});
          const auto all = co_await wait(b, a, b, b, a);
          log(names(all));
          const auto c = create_task(sleeper(100ms), {.name = "c"});
          const auto first = co_await wait({.return_when = ReturnWhen::first_completed}, c, b, c, c);
          log(names(first));
          co_await c;
        }) == "ba| ; b|c");
}

TEST_CASE("wait: nothing to wait for, or a condition that there is not, is a ValueError (tTK47, tTK94)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          try {
            co_await wait(std::vector<Task<void>>());
          } catch (const ValueError& error) {
            log(error.what());
          }
          const auto a = create_task(sleeper(0s));
          try {
            co_await wait({.return_when = static_cast<ReturnWhen>(7)}, a);
          } catch (const ValueError& error) {
            log(error.what());
          }
          try {
            co_await wait(Task<void>());
          } catch (const RuntimeError& error) {
            log(error.what());
          }
          co_await a;
        }) ==
        "Set of Tasks/Futures is empty. ; Invalid return_when value: 7 ; "
        "this handle refers to no future: it is default-constructed or was moved from");
}

TEST_CASE("wait: until the first is done (tTK48)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(sleeper(10s), {.name = "a"});
          const auto b = create_task(sleeper(100ms), {.name = "b"});
          const auto halves = co_await wait({.return_when = ReturnWhen::first_completed}, a, b);
          log(at_ms(names(halves)));
          a.cancel();
          co_await tick();
        }) == "b|a @100");
}

TEST_CASE("wait: one that ended between the wake-up and the resumption is done (tTK49, WAIT8)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(ticks(1), {.name = "a"});
          const auto b = create_task(ticks(2), {.name = "b"});
          const auto halves = co_await wait({.return_when = ReturnWhen::first_completed}, b, a);
          log(names(halves));
        }) == "ba|");
}

TEST_CASE("wait: until the first exception, which may have come already (tTK50)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(sleeper(10s), {.name = "a"});
          const auto b = create_task(failing("b", 0s), {.name = "b"});
          co_await ticks(3);
          const auto halves = co_await wait({.return_when = ReturnWhen::first_exception}, b, a);
          log(at_ms(names(halves)));
          a.cancel();
          co_await tick();
        }) == "b|a @0");
}

TEST_CASE("wait: until an exception comes meanwhile (tTK51)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(sleeper(10s), {.name = "a"});
          const auto b = create_task(failing("b", 10ms), {.name = "b"});
          const auto halves = co_await wait({.return_when = ReturnWhen::first_exception}, b, a);
          log(at_ms(names(halves)));
          a.cancel();
          co_await tick();
        }) == "b|a @10");
}

TEST_CASE("wait: neither a result nor a cancellation is an exception") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(sleeper(10ms), {.name = "a"});
          const auto b = create_task(sleeper(10s), {.name = "b"});
          const auto c = create_task(sleeper(50ms), {.name = "c"});
          call_later(20ms, [&] { b.cancel(); });
          const auto halves = co_await wait({.return_when = ReturnWhen::first_exception}, a, b, c);
          log(at_ms(names(halves)));
        }) == "abc| @50");
}

TEST_CASE("wait: what a future failed with stays in it (tTK52)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(sleeper(100ms), {.name = "a"});
          const auto b = create_task(failing("b", 150ms), {.name = "b"});
          const auto halves = co_await wait(a, b);
          log(at_ms(names(halves)));
          for (const Task<void>& task : halves.done) log(show(task.exception()));
        }) == "ab| @150 ; None ; V(b)");
}

TEST_CASE("wait: an exception that nobody looks at is reported, unless the first was waited for") {
  const auto program = [](ReturnWhen when) {
    return run_fifo([when](Log& log) -> Coro<void> {
      const auto a = create_task(failing("a", 10ms));
      const auto b = create_task(sleeper(20ms));
      co_await wait({.return_when = when}, a, b);
      log("end");
      co_await b;
    });
  };
  CHECK(program(ReturnWhen::first_exception) == "end");
  CHECK(program(ReturnWhen::first_completed).starts_with("end ; NEVER RETRIEVED"));
}

TEST_CASE("wait: no longer than the timeout, which is no error (tTK53)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(sleeper(100ms), {.name = "a"});
          const auto b = create_task(sleeper(150ms), {.name = "b"});
          const auto halves = co_await wait({.timeout = 110ms}, b, a);
          log(at_ms(names(halves)));
          log("b.done ", b.done());
          co_await b;
          log(at_ms("b " + end_of(b)));
        }) == "a|b @110 ; b.done False ; b ok @150");
}

TEST_CASE("wait: a task that ends at the instant of the timeout is done (tTK54, WAIT4c)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(sleeper(100ms), {.name = "a"});
          const auto b = create_task(sleeper(150ms), {.name = "b"});
          co_await tick();
          const auto halves = co_await wait({.timeout = 100ms}, b, a);
          log(at_ms(names(halves)));
          co_await b;
        }) == "a|b @100");
}

TEST_CASE("wait: given any range (tTK55, tTK56)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto made = std::views::iota(1, 11) | std::views::transform([](int number) {
                        return create_task(sleeper(number * 10ms), {.name = std::to_string(number)});
                      });
          const auto halves = co_await wait(made);
          log(at_ms(names(halves)));
          const std::vector<Task<void>> tasks = halves.done;
          const auto again = co_await wait(tasks);
          log("done ", again.done.size());
          log("given ", tasks.size());
        }) == "12345678910| @100 ; done 10 ; given 10");
}

TEST_CASE("wait: futures of different types") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          const auto t = create_task(sleeper(10ms));
          const auto halves = co_await wait({.return_when = ReturnWhen::first_completed}, f, t);
          static_assert(std::same_as<decltype(halves), const DoneAndPending<AnyFuture>>);
          log("done is t ", halves.done.at(0) == AnyFuture(t));
          log("pending is f ", halves.pending.at(0) == AnyFuture(f));
        }) == "done is t True ; pending is f True");
}

TEST_CASE("wait: of what is done it takes two iterations all the same (WAIT3d)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          f.set_result(1);
          call_soon([&] {
            log("1");
            call_soon([&] {
              log("2");
              call_soon([&] { log("3"); });
            });
          });
          co_await wait(f);
          log("waited");
          co_await tick();
        }) == "1 ; 2 ; waited ; 3");
}

TEST_CASE("wait: a timeout of zero or less takes two iterations and gives what is done") {
  const auto program = [](Duration timeout) {
    return run_fifo([timeout](Log& log) -> Coro<void> {
      const auto a = create_task(ticks(0), {.name = "a"});
      const auto b = create_task(ticks(9), {.name = "b"});
      call_soon([&] {
        log("1");
        call_soon([&] {
          log("2");
          call_soon([&] { log("3"); });
        });
      });
      const auto halves = co_await wait({.timeout = timeout}, a, b);
      log(names(halves));
      co_await b;
    });
  };
  CHECK(program(0s) == "1 ; 2 ; a|b ; 3");
  CHECK(program(-1s) == "1 ; 2 ; a|b ; 3");
}

TEST_CASE("wait: the last child reaches who waits two iterations later") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          auto body = [&]() -> Coro<void> {
            co_await wait(f);
            log("waited");
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
        }) == "0 ; 1 ; waited ; 2");
}

TEST_CASE("wait: cancelled, it leaves the tasks alone (tTK81)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(sleeper(100ms));
          auto body = [&]() -> Coro<void> {
            try {
              co_await wait({.timeout = 1h}, a);
            } catch (...) {
              log(show());
              throw;
            }
          };
          const auto t = create_task(body());
          co_await ticks(2);
          t.cancel("why");
          co_await tick();
          log(end_of(t));
          log(end_of(a));
          co_await a;
          log(at_ms(end_of(a)));
        }) == "CE(why) ; cancelled ; pending ; ok @100");
}

TEST_CASE("wait: a request that is due when it begins cancels it, and nothing else") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          f.set_result(1);
          auto body = [&]() -> Coro<void> {
            current_task().cancel("self");
            co_await wait(f);
          };
          const auto t = create_task(body());
          try {
            co_await t;
          } catch (...) {
            log(show());
          }
          log("", f.result());
        }) == "CE(self) ; 1");
}

TEST_CASE("wait: cancelled after it was woken, it ends with CancelledError") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          auto body = [&]() -> Coro<void> { co_await wait(f); };
          const auto t = create_task(body());
          co_await tick();
          f.set_result(1);
          call_soon([&] { t.cancel("late"); });  // runs after the child was heard of
          co_await ticks(2);
          log(end_of(t));
        }) == "cancelled");
}

TEST_CASE("wait: an ended wait leaves no timer behind") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(sleeper(1s));
          co_await wait({.timeout = 100h}, a);
          log(at_ms("end"));
          const auto f = create_future<int>();
          co_await f;
        }).starts_with("end @1000 ; DEADLOCK"));
}

TEST_CASE("wait: a waiting task says for whom, and until when") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(sleeper(1s), {.name = "a"});
          const auto b = create_task(sleeper(0s), {.name = "b"});
          const auto c = create_task(sleeper(1s), {.name = "c"});
          auto body = [&]() -> Coro<void> { co_await wait({.timeout = 2s}, a, b, c); };
          const auto t = create_task(body());
          co_await ticks(3);
          const WaitDescription described = t.base().waiting()->describe();
          log(described.action);
          for (const TaskBase* task : described.tasks) log(task->name());
          log("due ", described.due_ns);
          co_await t;
        }) == "wait ; a ; c ; due 2000000000");
}

TEST_CASE("wait: frames destroyed while they wait leave nothing behind") {
  Future<int> left;
  const auto token = std::make_shared<int>(0);
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          left = create_future<int>();
          auto body = [&](std::shared_ptr<int>) -> Coro<void> { co_await wait({.timeout = 1h}, left); };
          create_task(body(token));
          co_await ticks(2);
          log("end");
        }) == "end ; LEAK");
  CHECK(token.use_count() == 1);
}

TEST_CASE("wait: frames destroyed when the child has just been heard of leave nothing behind") {
  const std::string text = run_fifo([](Log& log) -> Coro<void> {
    const auto f = create_future<int>();
    auto body = [&]() -> Coro<void> { co_await wait({.timeout = 1h}, f); };
    create_task(body());
    co_await tick();
    f.set_result(1);
    call_soon([] { throw ValueError("stop"); });
    co_await sleep(1s);
    log("not reached");
  });
  CHECK(text == "EXCEPTION Exception in callback: coweave::ValueError: stop");
}

TEST_CASE("wait: cancelled, it still looks at an exception whose callback is in the ready queue") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Task<void> waiting;
          const auto failing = create_task([](const Task<void>& other) -> Coro<void> {
            co_await tick();
            other.cancel();
            throw ValueError("seen");
          }(waiting));
          const auto pending = create_future<void>();
          waiting = create_task([](Task<void> first, Future<void> second) -> Coro<void> {
            co_await wait({.return_when = ReturnWhen::first_exception}, first, second);
          }(failing, pending));
          co_await sleep(1s);
          log(end_of(waiting));
        }) == "cancelled");
}
