#include <coweave/core/as_completed.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/core/wait.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <concepts>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

using Name = std::string;

Coro<Name> named(Log& log, Name name, Duration delay) {
  try {
    co_await sleep(delay);
  } catch (...) {
    log(show() + "-" + name);
    throw;
  }
  log(name);
  co_return name;
}

Coro<Name> failing(Log& log, Name name, Duration delay) {
  co_await sleep(delay);
  log("bad-" + name);
  throw ValueError(name);
}

/// "=" and the value, or the error, and when.
Coro<void> logged(Log& log, Coro<Name> next, Name who = {}) {
  try {
    const Name value = co_await std::move(next);
    log(at_ms(who + "=" + value));
  } catch (...) {
    log(at_ms(who + show()));
    if (show().starts_with("CE")) throw;
  }
}

/// The plain form: logs what each gives.
template <class Handle>
Coro<void> consume(Log& log, AsCompleted<Handle>& completions) {
  for (auto&& next : completions) {
    try {
      co_await logged(log, std::move(next));
    } catch (const CancelledError&) {
    }
  }
}

/// The asynchronous form: logs each when it is done.
template <class Handle>
Coro<void> consume_handles(Log& log, AsCompleted<Handle>& completions) {
  try {
    while (const auto task = co_await completions.next()) log(at_ms("=" + task->result()));
    log("all");
  } catch (const TimeoutError&) {
    log(at_ms("TE"));
  }
}

/// Logs 1, 2, … in the iterations that follow.
void chain(Log& log, int last, int number = 1) {
  call_soon([&log, last, number] {
    log(std::to_string(number));
    if (number < last) chain(log, last, number + 1);
  });
}

template <class Argument>
concept Completable = requires(Argument argument) { as_completed(std::move(argument)); };

}  // namespace

// A future or a coroutine alone does not compile: asyncio's TypeErrors (tTK93).
static_assert(Completable<std::vector<Coro<int>>> && Completable<std::vector<AnyFuture>>);
static_assert(!Completable<Coro<int>> && !Completable<Future<int>> && !Completable<Task<int>>);

TEST_CASE("as_completed: values come in the order of completion (tTK57)") {
  for (const bool handles : {false, true}) {
    CHECK(run_fifo([&](Log& log) -> Coro<void> {
            std::vector<Coro<Name>> coroutines;
            coroutines.push_back(named(log, "b", 20ms));
            coroutines.push_back(named(log, "c", 150ms));
            coroutines.push_back(named(log, "a", 10ms));
            auto completions = as_completed(std::move(coroutines));
            if (handles) {
              co_await consume_handles(log, completions);
            } else {
              co_await consume(log, completions);
              log("all");
            }
          }) == "a ; =a @10 ; b ; =b @20 ; c ; =c @150 ; all");
  }
}

TEST_CASE("as_completed: the tasks that went in come out (tTK58)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(named(log, "a", 20ms));
          const auto b = create_task(named(log, "b", 10ms));
          const auto f = create_future<int>();
          auto tasks = as_completed(std::vector<Task<Name>>(1, a));
          static_assert(std::same_as<decltype(tasks), AsCompleted<Task<Name>>>);
          std::vector<AnyFuture> mixed(1, f);
          mixed.push_back(a);
          mixed.push_back(b);
          auto any = as_completed(mixed);
          f.set_result(1);
          for (const AnyFuture& expected : {AnyFuture(f), AnyFuture(b), AnyFuture(a)}) {
            const auto next = co_await any.next();
            log("", next == expected);
          }
          const auto last = co_await any.next();
          log("more ", last.has_value());
          const auto first = co_await tasks.next();
          log("a ", *first == a);
        }) == "True ; b ; True ; a ; True ; more False ; a True");
}

TEST_CASE("as_completed: what is left when the time is up throws TimeoutError and runs on (tTK59, ASC2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::vector<Task<Name>> tasks(1, create_task(named(log, "a", 100ms)));
          tasks.push_back(create_task(named(log, "b", 300ms)));
          tasks.push_back(create_task(named(log, "c", 400ms)));
          auto completions = as_completed(tasks, 200ms);
          co_await consume(log, completions);
          co_await wait(tasks);
        }) == "a ; =a @100 ; TE @200 ; TE @200 ; b ; c");
}

TEST_CASE("as_completed: the asynchronous form throws TimeoutError too (tTK59)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::vector<Task<Name>> tasks(1, create_task(named(log, "a", 100ms)));
          tasks.push_back(create_task(named(log, "b", 300ms)));
          auto completions = as_completed(tasks, 200ms);
          co_await consume_handles(log, completions);
          co_await wait(tasks);
        }) == "a ; =a @100 ; TE @200 ; b");
}

TEST_CASE("as_completed: a timeout that was not needed leaves no timer behind (tTK60)") {
  const std::string text = run_fifo([](Log& log) -> Coro<void> {
    std::vector<Coro<Name>> coroutines;
    coroutines.push_back(named(log, "a", 10ms));
    auto completions = as_completed(std::move(coroutines), 100h);
    co_await consume(log, completions);
    const auto never = create_future<void>();
    co_await never;
  });
  CHECK(text.starts_with("a ; =a @10 ; DEADLOCK"));
}

TEST_CASE("as_completed: iteration can be resumed (tTK61)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::vector<Coro<Name>> coroutines;
          for (const char* name : {"a", "b", "c", "d"}) coroutines.push_back(named(log, name, 0s));
          auto completions = as_completed(std::move(coroutines));
          int iterations = 0;
          for (auto&& next : completions) {
            co_await logged(log, std::move(next));
            if (++iterations == 2) break;
          }
          log("break");
          const auto third = co_await completions.next();
          log("=" + third->result());
          co_await consume(log, completions);
        }) == "a ; b ; c ; d ; =a @0 ; =b @0 ; break ; =c ; =d @0");
}

TEST_CASE("as_completed: the first one awaited gives the first completion (tTK62, ASC7)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::vector<Coro<Name>> coroutines;
          coroutines.push_back(named(log, "a", 50ms));
          coroutines.push_back(named(log, "b", 100ms));
          std::vector<Coro<Name>> nexts;
          for (auto&& next : as_completed(std::move(coroutines))) nexts.push_back(std::move(next));
          co_await logged(log, std::move(nexts.at(1)));
          co_await logged(log, std::move(nexts.at(0)));
        }) == "a ; =a @50 ; b ; =b @100");
}

TEST_CASE("as_completed: several may be awaited at once (tTK63)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::vector<Coro<Name>> coroutines;
          coroutines.push_back(named(log, "a", 50ms));
          coroutines.push_back(named(log, "b", 50ms));
          std::vector<Task<void>> tasks;
          int number = 0;
          for (auto&& next : as_completed(std::move(coroutines)))
            tasks.push_back(create_task(logged(log, std::move(next), std::to_string(++number))));
          co_await wait(tasks);
        }) == "a ; b ; 1=a @50 ; 2=b @50");
}

TEST_CASE("as_completed: one that comes twice counts once (tTK64)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(named(log, "a", 0s));
          const auto b = create_task(named(log, "b", 0s));
          std::vector<Task<Name>> tasks(2, a);
          tasks.push_back(b);
          tasks.push_back(a);
          auto completions = as_completed(tasks);
          co_await consume(log, completions);
        }) == "a ; b ; =a @0 ; =b @0");
}

TEST_CASE("as_completed: coroutines start at once, in their order (tTK66)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::vector<Coro<Name>> coroutines;
          for (const char* name : {"a", "b", "c"}) {
            auto body = [](Log& text, Name letter) -> Coro<Name> {
              text(letter);
              co_return letter;
            };
            coroutines.push_back(body(log, name));
          }
          auto completions = as_completed(std::move(coroutines));
          co_await tick();
          log("first look");
          co_await consume(log, completions);
        }) == "a ; b ; c ; first look ; =a @0 ; =b @0 ; =c @0");
}

TEST_CASE("as_completed: of nothing gives nothing, and no timer") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto completions = as_completed(std::vector<Coro<Name>>(), 1s);
          co_await consume(log, completions);
          co_await consume_handles(log, completions);
          try {
            static_cast<void>(*completions.begin());
          } catch (...) {
            log(show());
          }
        }) == "all ; RuntimeError(as_completed has no awaitable left)");
}

TEST_CASE("as_completed: an exception comes in its turn") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::vector<Coro<Name>> coroutines;
          coroutines.push_back(named(log, "a", 200ms));
          coroutines.push_back(failing(log, "b", 100ms));
          auto completions = as_completed(std::move(coroutines));
          co_await consume(log, completions);
        }) == "bad-b ; V(b) @100 ; a ; =a @200");
}

TEST_CASE("as_completed: a task that somebody else cancels comes in its turn") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::vector<Task<Name>> tasks(1, create_task(named(log, "a", 1s)));
          tasks.push_back(create_task(named(log, "b", 200ms)));
          call_later(100ms, [&] { tasks.at(0).cancel(); });
          auto completions = as_completed(tasks);
          co_await consume(log, completions);
        }) == "CE-a ; CE @100 ; b ; =b @200");
}

TEST_CASE("as_completed: stopping early leaves the rest running (ASC5)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::vector<Coro<Name>> coroutines;
          coroutines.push_back(named(log, "a", 100ms));
          coroutines.push_back(named(log, "b", 200ms));
          {
            auto completions = as_completed(std::move(coroutines), 150ms);
            const auto first = co_await completions.next();
            log("=" + first->result());
          }
          co_await sleep(1s);
        }) == "a ; =a ; b");
}

TEST_CASE("as_completed: the last child reaches who waits two iterations later") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<Name>();
          auto completions = as_completed(std::vector<Future<Name>>(1, f));
          auto body = [&]() -> Coro<void> { co_await consume(log, completions); };
          const auto t = create_task(body());
          co_await tick();
          f.set_result("f");
          log("0");
          co_await tick();
          log("1");
          co_await tick();
          log("2");
          co_await t;
        }) == "0 ; 1 ; =f @0 ; 2");
}

TEST_CASE("as_completed: one that is done already takes two iterations all the same") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<Name>();
          f.set_result("f");
          chain(log, 4);
          auto completions = as_completed(std::vector<Future<Name>>(1, f));
          co_await consume(log, completions);
          co_await sleep(1ms);
        }) == "1 ; 2 ; =f @0 ; 3 ; 4");
}

TEST_CASE("as_completed: a completion in the instant of the end of the time is too late") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::vector<Task<Name>> tasks(1, create_task(named(log, "a", 100ms)));
          co_await tick();
          auto completions = as_completed(tasks, 100ms);
          co_await consume(log, completions);
          const auto f = create_future<Name>();
          call_later(100ms, [&] { f.set_result("f"); });
          auto more = as_completed(std::vector<Future<Name>>(1, f), 100ms);
          co_await consume(log, more);
        }) == "a ; TE @100 ; TE @200");
}

TEST_CASE("as_completed: cancelling one that waits leaves the tasks alone and uses up its turn") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::vector<Task<Name>> tasks(1, create_task(named(log, "a", 100ms)));
          tasks.push_back(create_task(named(log, "b", 200ms)));
          auto completions = as_completed(tasks);
          auto iterator = completions.begin();
          const auto one = create_task(logged(log, *iterator, "1"));
          const auto two = create_task(logged(log, *iterator, "2"));
          co_await tick();
          one.cancel("why");
          co_await wait(one, two);
          log("end ", iterator == completions.end());
          co_await wait(tasks);
        }) == "1CE(why) @0 ; a ; 2=a @100 ; end True ; b");
}

TEST_CASE("as_completed: one that was woken and then cancelled passes the completion on") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<Name>();
          const auto g = create_future<Name>();
          std::vector<Future<Name>> futures(1, f);
          futures.push_back(g);
          auto completions = as_completed(futures);
          auto iterator = completions.begin();
          const auto one = create_task(logged(log, *iterator, "1"));
          const auto two = create_task(logged(log, *iterator, "2"));
          co_await tick();
          f.set_result("f");
          co_await tick();
          one.cancel();
          co_await wait(one, two);
          log(end_of(one));
        }) == "1CE @0 ; 2=f @0 ; cancelled");
}

TEST_CASE("as_completed: who comes first takes the completion, who was woken for it waits again") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<Name>();
          const auto g = create_future<Name>();
          std::vector<Future<Name>> futures(1, f);
          futures.push_back(g);
          auto completions = as_completed(futures);
          auto iterator = completions.begin();
          const auto one = create_task(logged(log, *iterator, "1"));
          co_await tick();
          f.set_result("f");
          co_await tick();  // now `one` is woken, and has not run
          co_await logged(log, *iterator, "main");
          co_await tick();
          g.set_result("g");
          co_await one;
        }) == "main=f @0 ; 1=g @0");
}

TEST_CASE("as_completed: a waiting task says for whom, and until when") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::vector<Task<Name>> tasks;
          tasks.push_back(create_task(named(log, "a", 1s), {.name = "a"}));
          tasks.push_back(create_task(named(log, "b", 0s), {.name = "b"}));
          tasks.push_back(create_task(named(log, "c", 2s), {.name = "c"}));
          auto completions = as_completed(tasks, 10s);
          const auto t = create_task(consume(log, completions));
          co_await sleep(1ms);
          const WaitDescription described = t.base().waiting()->describe();
          log(described.action);
          for (const TaskBase* task : described.tasks) log(task->name());
          log("due ", described.due_ns);
          t.cancel();
          co_await wait(tasks);
        }) == "b ; =b @0 ; as_completed ; a ; c ; due 10000000000 ; CE @1 ; a ; =a @1000 ; c");
}

TEST_CASE("as_completed: frames destroyed while they wait leave nothing behind") {
  Future<Name> left;
  const auto token = std::make_shared<int>(0);
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          left = create_future<Name>();
          auto body = [&](std::shared_ptr<int>) -> Coro<void> {
            auto completions = as_completed(std::vector<Future<Name>>(1, left), 1h);
            co_await consume(log, completions);
          };
          auto handles = [&](std::shared_ptr<int>) -> Coro<void> {
            auto completions = as_completed(std::vector<Future<Name>>(1, left), 1h);
            co_await consume_handles(log, completions);
          };
          create_task(body(token));
          create_task(handles(token));
          co_await tick();
          log("end");
        }) == "end ; LEAK");
  CHECK(token.use_count() == 1);
}
