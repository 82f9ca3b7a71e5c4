#include <coweave/core/task.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

/// Logs "x0", "x1", … with a tick between.
Coro<void> counting(Log& log, std::string name, int last) {
  for (int number = 0; number <= last; ++number) {
    if (number > 0) co_await tick();
    log(name + std::to_string(number));
  }
}

Coro<void> raising(std::string text) {
  co_await tick();
  throw ValueError(text);
}

template <class Argument>
concept Startable = requires(Argument argument) { create_task(std::move(argument)); };

}  // namespace

// Only a coroutine becomes a task: asyncio's TypeErrors.
static_assert(Startable<Coro<void>> && Startable<Coro<int>>);
static_assert(!Startable<int> && !Startable<Coro<void> (*)()> && !Startable<Future<void>> &&
              !Startable<Task<>>);

TEST_CASE("task: first steps run in spawn order in the next iteration (TASK1)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(counting(log, "a", 1));
          const auto b = create_task(counting(log, "b", 1));
          const auto c = create_task(counting(log, "c", 1));
          log("main0");
          co_await tick();
          log("main1");
          co_await a;
          co_await b;
          co_await c;
        }) == "main0 ; a0 ; b0 ; c0 ; main1 ; a1 ; b1 ; c1");
}

TEST_CASE("task: a coroutine that is awaited directly runs inline (TASK2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto child = [&]() -> Coro<void> {
            log("child");
            co_return;
          };
          const auto x = create_task(counting(log, "x", 0));
          log("before");
          co_await child();
          log("after");
          co_await x;
        }) == "before ; child ; after ; x0");
}

TEST_CASE("task: who awaits a task resumes one iteration after it ended (TASK3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto child = [&]() -> Coro<void> {
            log("child");
            co_return;
          };
          const auto t = create_task(child());
          const auto x = create_task(counting(log, "x", 3));
          co_await t;
          log("after");
          co_await x;
        }) == "child ; x0 ; after ; x1 ; x2 ; x3");
}

TEST_CASE("task: awaiting one that is done does not suspend (TASK4)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto nothing = []() -> Coro<void> { co_return; };
          const auto t = create_task(nothing());
          co_await tick();
          CHECK(t.done());
          const auto x = create_task(counting(log, "x", 0));
          log("before");
          co_await t;
          log("after");
          co_await x;
        }) == "before ; after ; x0");
}

TEST_CASE("task: awaiting itself is a RuntimeError (TASK6, tTK06)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Task<> self;
          auto body = [&]() -> Coro<void> {
            try {
              co_await self;
            } catch (...) {
              log(show());
            }
          };
          self = create_task(body());
          co_await self;
        }) == "RuntimeError(Task cannot await on itself)");
}

TEST_CASE("task: one that awaits itself may be cancelled before it hears of that") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Task<> self;
          auto body = [&]() -> Coro<void> {
            try {
              co_await self;
            } catch (...) {
              log(show());
            }
          };
          self = create_task(body());
          co_await tick();
          log("", self.cancel("why"));
          co_await tick();
          log("cancelling ", self.cancelling());
        }) == "True ; CE(why) ; cancelling 1");
}

TEST_CASE("task: two that await each other are a deadlock (TASK7)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Task<> a;
          Task<> b;
          auto waits_for = [&](const Task<>& other) -> Coro<void> { co_await other; };
          a = create_task(waits_for(b));
          b = create_task(waits_for(a));
          log("start");
          co_await a;
        }) == "start ; DEADLOCK");
}

TEST_CASE("task: a chain of tasks ends one link an iteration") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto start = create_future<void>();
          auto leaf = [&]() -> Coro<void> {
            co_await start;
            log("leaf");
          };
          auto link = [&](Task<> inner, std::string name) -> Coro<void> {
            co_await inner;
            log(name);
          };
          const auto t0 = create_task(leaf());
          const auto t1 = create_task(link(t0, "t1"));
          const auto t2 = create_task(link(t1, "t2"));
          const auto t3 = create_task(link(t2, "t3"));
          auto clock = [&]() -> Coro<void> {
            for (int iteration = 1; iteration <= 5; ++iteration) {
              co_await tick();
              log("it", iteration);
            }
          };
          co_await tick();
          start.set_result();
          const auto c = create_task(clock());
          co_await t3;
          log("main");
          co_await c;
        }) == "leaf ; t1 ; it1 ; t2 ; it2 ; t3 ; it3 ; main ; it4 ; it5");
}

TEST_CASE("task: set_result and set_exception on a task are a RuntimeError (tTK72, tTK115, tTK116)") {
  CHECK(run_fifo([](Log&) -> Coro<void> {
          const char* const no_result =
              "Task does not support set_result(): a task finishes when its coroutine does";
          const char* const no_exception =
              "Task does not support set_exception(): a task finishes when its coroutine does";
          auto one = []() -> Coro<int> { co_return 1; };
          const auto t = create_task(one());
          CHECK_THROWS_WITH_AS(t.set_result(2), no_result, RuntimeError);
          CHECK_THROWS_WITH_AS(t.set_exception(ValueError("x")), no_exception, RuntimeError);
          const int value = co_await t;
          CHECK(value == 1);
          CHECK_THROWS_WITH_AS(t.set_result(2), no_result, RuntimeError);
        }) == "");
}

TEST_CASE("task: creating one outside a loop is a RuntimeError and the coroutine is let go of (tTK131)") {
  const auto token = std::make_shared<int>(0);
  auto body = [](std::shared_ptr<int>) -> Coro<void> { co_return; };
  CHECK_THROWS_WITH_AS(create_task(body(token)),
                       "no running event loop: call this from within run(), explore() or a callback",
                       RuntimeError);
  CHECK(token.use_count() == 1);
}

TEST_CASE("task: an empty coroutine is a RuntimeError (tTK102)") {
  CHECK(run_fifo([](Log&) -> Coro<void> {
          const char* const refusal =
              "this Coro is empty: it was awaited before, given to a task, or moved from";
          auto nothing = []() -> Coro<void> { co_return; };
          auto coroutine = nothing();
          co_await std::move(coroutine);
          CHECK_THROWS_WITH_AS(create_task(std::move(coroutine)), refusal, RuntimeError);
          CHECK_THROWS_WITH_AS(create_task(Coro<void>()), refusal, RuntimeError);
        }) == "");
}

TEST_CASE("task: names are given, or Task- and a number that grows (tTK17, tTK106)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto nothing = []() -> Coro<void> { co_return; };
          const auto a = create_task(nothing(), {.name = "worker"});
          const auto b = create_task(nothing());
          log(a.name());
          log(b.name());
          log(current_task().name());
          co_await a;
          co_await b;
        }) == "worker ; Task-3 ; main");
}

TEST_CASE("task: the current task is none inside a callback (tTK78)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          call_soon([&] { log("valid ", current_task().valid()); });
          co_await tick();
          log("valid ", current_task().valid());
        }) == "valid False ; valid True");
}

TEST_CASE("task: all_tasks are those that are not done, in order of creation (tTK120, tTK121, tTK122)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto nothing = []() -> Coro<void> { co_return; };
          auto sleeper = []() -> Coro<void> { co_await sleep(1s); };
          const auto a = create_task(sleeper(), {.name = "a"});
          const auto b = create_task(nothing(), {.name = "b"});
          const auto c = create_task(sleeper(), {.name = "c"});
          co_await tick();
          for (const AnyTask& task : all_tasks()) log(task.name());
          co_await a;
          co_await c;
          co_await b;
        }) == "main ; a ; c");
}

TEST_CASE("task: an exception reaches everybody who awaits it, as the same object") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto t = create_task(raising("x"));
          const ValueError* first = nullptr;
          try {
            co_await t;
          } catch (const ValueError& error) {
            first = &error;
          }
          try {
            co_await t;
          } catch (const ValueError& error) {
            log("same ", first == &error);
          }
        }) == "same True");
}

TEST_CASE("task: a result that can only be moved goes through tasks") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto make = [](int value) -> Coro<std::unique_ptr<int>> {
            co_await tick();
            co_return std::make_unique<int>(value);
          };
          const auto value = co_await create_task(make(7));
          log("value ", *value);
          const auto task = create_task(make(8));
          const auto other = co_await task;
          log("value ", *other);
          CHECK_THROWS_AS(task.result(), InvalidStateError);
        }) == "value 7 ; value 8");
}

TEST_CASE("task: a reference result goes through tasks") {
  int original = 1;
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          auto reference = [&]() -> Coro<int&> {
            co_await tick();
            co_return original;
          };
          const auto task = create_task(reference());
          int& value = co_await task;
          value = 5;
          log("original ", original);
        }) == "original 5");
}

TEST_CASE(
    "task: a result is copied for everybody who awaits a kept handle, and moved from a lone temporary") {
  struct Counting {
    int* copies;
    explicit Counting(int& counter) : copies(&counter) {}
    Counting(const Counting& other) : copies(other.copies) { ++*copies; }
    Counting(Counting&&) = default;
    Counting& operator=(const Counting&) = delete;
    Counting& operator=(Counting&&) = delete;
    ~Counting() = default;
  };
  int copies = 0;
  CHECK(run_fifo([&](Log&) -> Coro<void> {
          auto make = [&]() -> Coro<Counting> {
            co_await tick();
            co_return Counting(copies);
          };
          static_cast<void>(co_await create_task(make()));
          CHECK(copies == 0);
          const auto task = create_task(make());
          static_cast<void>(co_await task);
          CHECK(copies == 1);
        }) == "");
}

TEST_CASE("task: dropped handles do not stop it") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          create_task(counting(log, "x", 2));
          for (int count = 0; count < 5; ++count) co_await tick();
        }) == "x0 ; x1 ; x2");
}

TEST_CASE("task: an exception that nobody looked at is reported (D2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          create_task(raising("x"));
          co_await tick();
          co_await tick();
          co_await tick();
          log("end");
        }) == "NEVER RETRIEVED Task exception was never retrieved: coweave::ValueError: x");
}

TEST_CASE("task: one that waits for a future which only it knows is kept alive (K2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto lonely = [&]() -> Coro<void> {
            const auto future = create_future<void>();
            co_await future;
          };
          create_task(lonely());
          co_await tick();
          log("tasks ", all_tasks().size());
        }) == "tasks 2 ; LEAK");
}

TEST_CASE("task: a tree of frames that is destroyed while suspended runs its destructors from the leaf") {
  std::string order;
  struct Guard {
    std::string& order;
    const char* name;
    Guard(std::string& order_in, const char* name_in) : order(order_in), name(name_in) {}
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    ~Guard() { order += name; }
  };
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          // No captures: these frames outlive the closures.
          auto leaf = [](std::string& text) -> Coro<void> {
            const Guard guard(text, "leaf ");
            co_await sleep(1h);
          };
          auto root = [](std::string& text, Coro<void> inner) -> Coro<void> {
            const Guard guard(text, "root ");
            co_await std::move(inner);
          };
          create_task(root(order, leaf(order)));
          co_await tick();
          log("end");
        }) == "end ; LEAK");
  CHECK(order == "leaf root ");
}

TEST_CASE("task: the stack of awaits gives file and line, leaf first (tTK15)") {
  const auto scenario = [](Log& log) -> Coro<void> {
    std::uint32_t leaf_line = 0;
    std::uint32_t root_line = 0;
    auto leaf = [&]() -> Coro<void> {
      leaf_line = std::source_location::current().line() + 1;
      co_await sleep(1s);
    };
    auto root = [&]() -> Coro<void> {
      root_line = std::source_location::current().line() + 1;
      co_await leaf();
    };
    const auto task = create_task(root());
    log("first ", task.await_stack().size());
    co_await tick();
    for (const std::source_location& site : task.await_stack()) {
      CHECK(std::string_view(site.file_name()).ends_with("tests/core/task_test.cpp"));
      if (site.line() == leaf_line) log("leaf");
      if (site.line() == root_line) log("root");
    }
    co_await task;
    log("done ", task.await_stack().size());
  };
  CHECK(run_fifo(scenario) == "first 0 ; leaf ; root ; done 0");
}

TEST_CASE("task: where it was spawned is known") {
  std::uint32_t line = 0;
  const auto scenario = [&](Log& log) -> Coro<void> {
    auto nothing = []() -> Coro<void> { co_return; };
    line = std::source_location::current().line() + 1;
    const auto task = create_task(nothing());
    log("line ", task.base().spawned_at().line() == line);
    co_await task;
  };
  CHECK(run_fifo(scenario) == "line True");
}

TEST_CASE("task: callbacks and awaiting tasks run in the order in which they came") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto brief = []() -> Coro<void> { co_await tick(); };
          const auto task = create_task(brief());
          task.add_done_callback([&](const Future<void>&) { log("cb"); });
          auto waiter = [&]() -> Coro<void> {
            co_await task;
            log("waiter");
          };
          const auto other = create_task(waiter());
          co_await task;
          log("main");
          co_await other;
        }) == "cb ; main ; waiter");
}

TEST_CASE("task: its loop and its result are known to its handle (tTK07, tTK133, tTK103, tTK105)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto one = []() -> Coro<int> { co_return 1; };
          const Task<int> t = create_task(one());
          const Future<int>& as_future = t;
          log("loop ", &t.state().loop() == &Loop::current());
          log("value ", co_await as_future);
          log("value ", t.result());
        }) == "loop True ; value 1 ; value 1");
}

TEST_CASE("task: a name can be changed") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          current_task().set_name("other");
          log(current_task().name());
          current_task().set_name("");
          log(current_task().name());
          co_return;
        }) == "other ; Task-1");
}

TEST_CASE("task: coroutines that await each other directly are one task (tTK21)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto outer = []() -> Coro<int> {
            auto inner1 = []() -> Coro<int> { co_return 42; };
            auto inner2 = []() -> Coro<int> { co_return 1000; };
            const int a = co_await inner1();
            const int b = co_await inner2();
            co_return a + b;
          };
          log("", co_await create_task(outer()));
        }) == "1042");
}

TEST_CASE("task: returning a future does not await it (tTK77)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          auto gives = [&]() -> Coro<Future<int>> { co_return f; };
          const Future<int> given = co_await create_task(gives());
          log("same ", given == f);
          log("done ", given.done());
        }) == "same True ; done False");
}

TEST_CASE("task: it waits for the future that it awaits and gets its result (tTK73)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          auto waits = [&]() -> Coro<int> { co_return co_await f; };
          const auto t = create_task(waits());
          log("waits ", t.base().waiting() != nullptr);
          co_await tick();
          log("waits ", t.base().waiting() != nullptr);
          f.set_result(8);
          log("", co_await t);
        }) == "waits False ; waits True ; 8");
}

TEST_CASE("task: the current task is right while two hand control to each other (tTK79)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto ping = create_future<void>();
          const auto pong = create_future<void>();
          auto first = [&]() -> Coro<void> {
            const AnyTask me = current_task();
            log(me.name());
            ping.set_result();
            co_await pong;
            log("same ", current_task() == me);
          };
          auto second = [&]() -> Coro<void> {
            const AnyTask me = current_task();
            co_await ping;
            log(me.name());
            log("same ", current_task() == me);
            pong.set_result();
          };
          const auto a = create_task(first(), {.name = "first"});
          const auto b = create_task(second(), {.name = "second"});
          co_await a;
          co_await b;
        }) == "first ; second ; same True ; same True");
}

TEST_CASE("task: an exception that is looked at by a late cancel is not reported (tTK96)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          {
            const auto t = create_task(raising("x"));
            co_await tick();
            co_await tick();
            co_await tick();
            log("cancel ", t.cancel());
          }
          log("end");
        }) == "cancel False ; end");
}

TEST_CASE("task: its state takes at most 152 bytes, which malloc serves with 160") {
  static_assert(sizeof(void*) != 8 || sizeof(detail::TaskState<void>) <= 152);
  static_assert(detail::recycler_block_size(detail::recycler_class(152)) == 152);
}

TEST_CASE("task: its name and the message of its cancellation do not get in each other's way") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto t = create_task(
              [](Log& in) -> Coro<void> {
                try {
                  co_await tick();
                } catch (...) {
                  in(show());
                }
                co_await tick();
              }(log),
              {.name = "first"});
          t.cancel("before it begins");
          t.set_name("second");
          log(t.name());
          t.set_name("");
          log(t.name());
          try {
            co_await t;
          } catch (...) {
            log(show());
          }
          t.set_name("third");
          log(t.name());
        }) == "second ; Task-2 ; CE(before it begins) ; third");
}
