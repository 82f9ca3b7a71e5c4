#include <coweave/core/context.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/core/executor.hpp>
#include <coweave/core/gather.hpp>
#include <coweave/core/to_thread.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

ContextVar<int> number("number");

/// The value of `number` as text.
std::string value() {
  const int unset = -1;
  const int present = number.get(unset);
  return present == unset ? "unset" : std::to_string(present);
}

}  // namespace

TEST_CASE(
    "context: a task sees the values of its creator at that time, and keeps its own (CTX1, CX1, tTK107)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto child = [&]() -> Coro<void> {
            log("child " + value());
            number.set(99);
            co_await tick();
            log("child " + value());
          };
          number.set(1);
          const auto t = create_task(child());
          number.set(2);
          co_await t;
          log("parent " + value());
        }) == "child 1 ; child 99 ; parent 2");
}

TEST_CASE("context: a coroutine that is awaited directly shares the context of its caller (CX1)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto callee = []() -> Coro<void> {
            number.set(5);
            co_return;
          };
          co_await callee();
          log(value());
        }) == "5");
}

TEST_CASE(
    "context: tasks can share one that is given explicitly (CTX2, CX2, tTK110, tTK111, tTK112, tTK114)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto add = [&](int amount) -> Coro<void> {
            log(value());
            number.set(number.get(1) + amount);
            co_await tick();
          };
          const Context shared = copy_context();
          const auto first = create_task(add(10), {.context = &shared});
          co_await first;
          const auto second = create_task(add(10), {.context = &shared});
          co_await second;
          log("shared ", shared.at(number));
          log("same ", first.context() == shared && second.context() == shared);
          log("mine " + value());
        }) == "unset ; 11 ; shared 21 ; same True ; mine unset");
}

TEST_CASE("context: callbacks run in the context in which they were registered (CTX3, CX3, tTK108)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<void>();
          number.set(1);
          f.add_done_callback([&](const Future<void>&) {
            log("cb " + value());
            number.set(50);
          });
          number.set(2);
          call_soon([&] {
            log("soon " + value());
            number.set(51);
          });
          call_later(1ms, [&] { log("later " + value()); });
          number.set(3);
          f.set_result();
          co_await sleep(2ms);
          log("mine " + value());
        }) == "soon 2 ; cb 1 ; later 2 ; mine 3");
}

TEST_CASE("context: a callback can run in a context that is given explicitly (CX2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const Context mine;
          number.set(1);
          call_soon([] { number.set(number.get(40) + 1); }, {.context = &mine});
          call_later(1ms, [] { number.set(number.get(0) + 1); }, {.context = &mine});
          const auto f = create_future<void>();
          f.add_done_callback([](const Future<void>&) { number.set(number.get(0) + 100); },
                              {.context = &mine});
          f.set_result();
          co_await sleep(2ms);
          log("there ", mine.at(number));
          log("here " + value());
        }) == "there 142 ; here 1");
}

TEST_CASE("context: a hundred tasks keep their own values while they interleave (CX4, tTK109)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          int wrong = 0;
          auto sub = [&](int mine) -> Coro<void> {
            for (int round = 0; round < 10; ++round) {
              number.set(mine + round);
              co_await tick();
              if (number.get() != mine + round) ++wrong;
            }
          };
          std::vector<Task<>> tasks;
          for (int index = 0; index < 100; ++index) tasks.push_back(create_task(sub(index * 100)));
          for (const auto& task : tasks) co_await task;
          log("wrong ", wrong);
          log(value());
        }) == "wrong 0 ; unset");
}

TEST_CASE("context: a token restores what was there before, once and in its own context") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          ContextVar<int> other("other");
          auto first = number.set(1);
          auto second = number.set(2);
          log("old ", second.old_value().value());
          log("had ", first.old_value().has_value());
          CHECK_THROWS_WITH_AS(other.reset(second),
                               "the token given to 'other' was created by a different ContextVar",
                               ValueError);
          const Context elsewhere = copy_context();
          CHECK_THROWS_WITH_AS(elsewhere.run([&] { number.reset(second); }),
                               "the token of 'number' was created in a different Context", ValueError);
          number.reset(second);
          log(value());
          CHECK_THROWS_WITH_AS(number.reset(second), "the token of 'number' has already been used once",
                               RuntimeError);
          number.reset(first);
          log(value());
          co_return;
        }) == "old 1 ; had False ; 1 ; unset");
}

TEST_CASE("context: a variable has a default, or is a LookupError") {
  const ContextVar<std::string> with("with", "default");
  const ContextVar<std::string> without("without");
  CHECK(with.get() == "default");
  CHECK(with.get("fallback") == "fallback");
  CHECK(with.name() == "with");
  CHECK_THROWS_WITH_AS(static_cast<void>(without.get()),
                       "the context variable 'without' has no value here and no default", LookupError);
  CHECK_THROWS_AS(static_cast<void>(copy_context().at(with)), LookupError);
}

TEST_CASE("context: run calls in a context, what it sets stays there, and it cannot be entered twice") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          number.set(1);
          const Context copy = copy_context();
          const int result = copy.run([&] {
            log(value());
            number.set(2);
            return 7;
          });
          log("result ", result);
          log(value());
          log("there ", copy.at(number));
          CHECK_THROWS_WITH_AS(copy.run([&] { copy.run([] {}); }),
                               "cannot enter context: it is already entered", RuntimeError);
          const Context middle;
          CHECK_THROWS_AS(copy.run([&] { middle.run([&] { copy.run([] {}); }); }), RuntimeError);
          CHECK_THROWS_AS(current_task().context().run([] {}), RuntimeError);
          log("again ", copy.run([] { return number.get(); }));
          co_return;
        }) == "1 ; result 7 ; 1 ; there 2 ; again 2");
}

TEST_CASE("context: tasks and callbacks that are made inside run take the context of run") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto tell = [&]() -> Coro<void> {
            log("task " + value());
            co_return;
          };
          const Context other;
          Task<> task;
          other.run([&] {
            number.set(8);
            task = create_task(tell());
            call_soon([&] { log("soon " + value()); });
          });
          co_await task;
          co_await tick();
          log(value());
        }) == "task 8 ; soon 8 ; unset");
}

TEST_CASE("context: copies share nothing that is set later") {
  const Context one;
  one.run([] { number.set(1); });
  const Context two = one.copy();
  two.run([] { number.set(2); });
  CHECK(one.at(number) == 1);
  CHECK(two.at(number) == 2);
  CHECK(one.size() == 1);
  CHECK_FALSE(one == two);
  CHECK(Context().size() == 0);
  CHECK_FALSE(Context().contains(number));
}

TEST_CASE("context: a scenario begins with a copy of the values outside, in every run") {
  const Context outside;
  outside.run([] {
    number.set(4);
    for (int time = 0; time < 2; ++time) {
      CHECK(run_fifo([](Log& log) -> Coro<void> {
              log(value());
              number.set(5);
              co_return;
            }) == "4");
    }
    CHECK(number.get() == 4);
  });
}

TEST_CASE("context: a cancelled task cleans up in its own context (CX4)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto sleeper = [&]() -> Coro<void> {
            number.set(6);
            try {
              co_await sleep(1h);
            } catch (const CancelledError&) {
              log("cleanup " + value());
            }
          };
          number.set(1);
          const auto t = create_task(sleeper());
          co_await tick();
          t.cancel();
          co_await t;
          log(value());
        }) == "cleanup 6 ; 1");
}

TEST_CASE("context: frames that are destroyed while suspended see the context of their task") {
  std::string seen;
  struct Guard {
    std::string& text;
    explicit Guard(std::string& text_in) : text(text_in) {}
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    ~Guard() { text = value(); }
  };
  CHECK(run_fifo([&](Log&) -> Coro<void> {
          auto sleeper = [](std::string& text) -> Coro<void> {
            number.set(3);
            const Guard guard(text);
            co_await sleep(1h);
          };
          create_task(sleeper(seen));
          co_await tick();
        }) == "LEAK");
  CHECK(seen == "3");
}

TEST_CASE("context: a body on a thread runs in a copy of the caller's (TH3, tTR06)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          ThreadPoolExecutor executor(1);
          number.set(1);
          const auto body = [] {
            const int seen = number.get();
            number.set(70);
            return seen;
          };
          const auto job = to_thread(body);
          const auto other = run_in_executor(executor, body);
          number.set(2);
          log("to_thread ", co_await job);
          log("executor ", co_await other);
          log(value());
        }) == "to_thread 1 ; executor 1 ; 2");
}
