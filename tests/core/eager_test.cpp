// Tasks whose first step runs inside create_task.

#include <coweave/core/context.hpp>
#include <coweave/core/gather.hpp>
#include <coweave/core/task.hpp>
#include <coweave/core/task_group.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/tests/core/log.hpp>
#include <coweave/traces/names.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

/// What asyncio's tests do with `loop.set_task_factory(eager_task_factory)`.
void make_eager() { Loop::current().set_eager_tasks(true); }

}  // namespace

TEST_CASE("eager: the loop can be set to start every task eagerly (tEG01)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto child = [&]() -> Coro<void> {
            log("child");
            co_return;
          };
          log("eager ", Loop::current().eager_tasks());
          make_eager();
          const auto a = create_task(child());
          log("done ", a.done());
          const auto b = create_task(child(), {.eager_start = false});
          log("done ", b.done());
          co_await b;
          Loop::current().set_eager_tasks(false);
          const auto c = create_task(child());
          log("done ", c.done());
          co_await c;
        }) == "eager False ; child ; done True ; done False ; child ; done False ; child");
}

TEST_CASE("eager: the next run on a loop starts without") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          log("eager ", Loop::current().eager_tasks());
          make_eager();
          co_return;
        }) == "eager False");
}

TEST_CASE("eager: the first part runs before the spawner goes on (EAG1, E1, E2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto child = [&]() -> Coro<int> {
            log("child 1");
            co_await tick();
            log("child 2");
            co_return 7;
          };
          log("before");
          const auto t = create_task(child(), {.eager_start = true});
          log("after");
          co_await tick();
          log("main");
          log("value ", co_await t);
        }) == "before ; child 1 ; after ; child 2 ; main ; value 7");
}

TEST_CASE("eager: awaiting a future that is done does not end the eager step (tEG02)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto set_result = [](Future<std::string> future) -> Coro<void> {
            future.set_result("my message");
            co_return;
          };
          auto run = [&]() -> Coro<std::string> {
            const auto future = create_future<std::string>();
            const auto t = create_task(set_result(future));
            CHECK(t.done());
            co_return co_await future;
          };
          make_eager();
          const auto t = create_task(run());
          CHECK(t.done());
          log(co_await t);
        }) == "my message");
}

TEST_CASE("eager: a coroutine that does not suspend is done on return, result or exception (tEG03)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto returns = [](std::string text) -> Coro<std::string> { co_return text; };
          auto raises = []() -> Coro<int> {
            throw ValueError("x");
            co_return 1;
          };
          auto ends = []() -> Coro<void> {
            throw CancelledError("mine");
            co_return;
          };
          const auto a = create_task(returns("hello"), {.eager_start = true});
          const auto b = create_task(raises(), {.eager_start = true});
          const auto c = create_task(ends(), {.eager_start = true});
          CHECK(a.done());
          CHECK(b.done());
          log(co_await a);
          log(show(b.exception()));
          log("cancelled ", c.cancelled());
        }) == "hello ; V(x) ; cancelled True");
}

TEST_CASE("eager: one that suspends becomes an ordinary task (tEG04)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto blocks = []() -> Coro<std::string> {
            co_await tick();
            co_return "finished";
          };
          const auto t = create_task(blocks(), {.eager_start = true});
          CHECK_FALSE(t.done());
          log(co_await t);
        }) == "finished");
}

TEST_CASE("eager: cancelling one that is done has no effect (tEG05)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto returns = []() -> Coro<std::string> { co_return "done"; };
          const auto t = create_task(returns(), {.eager_start = true});
          log("cancel ", t.cancel());
          log(co_await t);
        }) == "cancel False ; done");
}

TEST_CASE("eager: cancelling one that suspended arrives at its await with the message (tEG06)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto blocks = []() -> Coro<void> { co_await sleep(1h); };
          const auto t = create_task(blocks(), {.eager_start = true});
          CHECK(t.cancel("test message"));
          try {
            co_await t;
          } catch (...) {
            log(show());
          }
          log("cancelled ", t.cancelled());
        }) == "CE(test message) ; cancelled True");
}

TEST_CASE("eager: a task that cancels itself in its eager step hears of it at the next await (E2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&]() -> Coro<void> {
            current_task().cancel("self");
            log("still");
            co_await sleep(1h);
          };
          const auto t = create_task(body(), {.eager_start = true});
          log("done ", t.done());
          co_await tick();
          log(end_of(t));
        }) == "still ; done False ; cancelled");
}

TEST_CASE("eager: the current task is the new one during its step, and the creator's after it (tEG07)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          AnyTask first;
          AnyTask second;
          auto body = [&]() -> Coro<void> {
            first = current_task();
            co_await tick();
            second = current_task();
          };
          const AnyTask mine = current_task();
          const auto t = create_task(body(), {.eager_start = true});
          log("", current_task() == mine);
          log("", first == AnyTask(t) && first != mine);
          co_await t;
          log("", second == first);
          call_soon([&] {
            auto inner = [&]() -> Coro<void> {
              first = current_task();
              co_return;
            };
            create_task(inner(), {.eager_start = true});
            log("in a callback ", current_task().valid());
          });
          co_await tick();
        }) == "True ; True ; True ; in a callback False");
}

TEST_CASE("eager: one that is done is listed during its step and not after (tEG08)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&]() -> Coro<void> {
            log("during ", all_tasks().size());
            co_return;
          };
          create_task(body(), {.eager_start = true});
          log("after ", all_tasks().size());
          co_return;
        }) == "during 2 ; after 1");
}

TEST_CASE("eager: one that suspended is listed until it ends (tEG09)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto gate = create_future<void>();
          auto body = [&]() -> Coro<void> {
            log("during ", all_tasks().size());
            co_await gate;
          };
          const auto t = create_task(body(), {.eager_start = true});
          log("after ", all_tasks().size());
          gate.set_result();
          co_await t;
          log("end ", all_tasks().size());
        }) == "during 2 ; after 2 ; end 1");
}

TEST_CASE("eager: it has its own context and leaves its creator's alone (tEG10)") {
  static ContextVar<int> number("number");
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&]() -> Coro<void> {
            log("", number.get());
            number.set(2);
            co_await tick();
            log("", number.get());
          };
          number.set(1);
          const auto t = create_task(body(), {.eager_start = true});
          log("", number.get());
          co_await t;
          log("", number.get());
        }) == "1 ; 1 ; 2 ; 1");
}

TEST_CASE("eager: it cannot start in the context that its creator is in") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = []() -> Coro<void> { co_return; };
          const Context mine = current_task().context();
          CHECK_THROWS_WITH_AS(
              create_task(body(), {.context = &mine, .eager_start = true}),
              "cannot enter context: it is already entered, by whoever starts this eager task", RuntimeError);
          log("tasks ", all_tasks().size());
          co_return;
        }) == "tasks 1");
}

TEST_CASE("eager: it cannot start in a context that is entered further out") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const Context outer;
          const Context inner;
          auto body = []() -> Coro<void> { co_return; };
          outer.run([&] {
            inner.run([&] {
              try {
                create_task(body(), {.context = &outer, .eager_start = true});
              } catch (const RuntimeError&) {
                log("refused");
              }
            });
          });
          co_return;
        }) == "refused");
}

TEST_CASE("eager: a chain of coroutines that do not suspend needs no step of the loop (tEG13)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto leaf = []() -> Coro<int> { co_return 1; };
          auto middle = [&]() -> Coro<int> { co_return 1 + co_await leaf(); };
          auto root = [&]() -> Coro<int> { co_return 1 + co_await middle(); };
          const auto t = create_task(root(), {.eager_start = true});
          CHECK(t.done());
          log("value ", t.result());
          co_return;
        }) == "value 3");
}

namespace {

/// asyncio's counter of scheduled tasks: the steps of the tree below, with 5 children at each of 4 levels.
struct Tree {
  int created = 0;
  int suspended = 0;  // not done when create_task returned

  void count(bool done) {
    ++created;
    if (!done) ++suspended;
  }
};

Coro<void> grow_with_groups(Tree& tree, int width, int depth) {
  if (depth <= 0) co_return;
  const auto body = [&](TaskGroup& group) -> Coro<void> {
    for (int child = 0; child < width; ++child)
      tree.count(group.create_task(grow_with_groups(tree, width, depth - 1)).done());
    co_return;
  };
  co_await TaskGroup::run(body);
}

Coro<void> grow_with_gather(Tree& tree, int width, int depth) {
  if (depth <= 0) co_return;
  std::vector<Task<>> children;
  for (int child = 0; child < width; ++child) {
    children.push_back(create_task(grow_with_gather(tree, width, depth - 1)));
    tree.count(children.back().done());
  }
  co_await gather(children);
}

}  // namespace

/// A group hears of a task that is done already one iteration later, as every group of later versions
/// than 3.13.1 (gh-128588): the 5 + 25 + 125 tasks that have children wait for that, the 625 leaves do not.
TEST_CASE("eager: of a tree of task groups of 780 tasks only the groups wait, and all do otherwise (tEG14)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          for (const bool eager : {true, false}) {
            Loop::current().set_eager_tasks(eager);
            Tree tree;
            co_await grow_with_groups(tree, 5, 4);
            log("created ", tree.created);
            log("suspended ", tree.suspended);
          }
        }) == "created 780 ; suspended 155 ; created 780 ; suspended 780");
}

TEST_CASE("eager: a tree of gathers of 780 tasks never waits, and all do otherwise (tEG15)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          for (const bool eager : {true, false}) {
            Loop::current().set_eager_tasks(eager);
            Tree tree;
            co_await grow_with_gather(tree, 5, 4);
            log("created ", tree.created);
            log("suspended ", tree.suspended);
          }
        }) == "created 780 ; suspended 0 ; created 780 ; suspended 780");
}

TEST_CASE("eager: a trace tells what the eager step did as the task's, and goes on with its creator") {
  sim::Simulation simulation(fifo_settings());
  sim::Recorder recorder;
  sim::Fifo policy;
  policy.begin_run(1);
  const auto scenario = []() -> Coro<void> {
    Lock lock;
    auto child = [&]() -> Coro<void> {
      co_await lock.acquire();
      lock.release();
    };
    auto sleeper = []() -> Coro<void> { co_await tick(); };
    const auto a = create_task(child(), {.name = "child", .eager_start = true});
    const auto b = create_task(sleeper(), {.name = "sleeper", .eager_start = true});
    co_await b;
  };
  const sim::Failure* failure = simulation.run(scenario, policy, &recorder);
  CHECK(failure == nullptr);
  std::string text;
  for (const traces::Event& event : recorder.trace().events) {
    if (event.actor == "~") continue;
    text += event.actor + " " + std::string(traces::to_string(event.kind)) + "\n";
  }
  CHECK(text ==
        "0 run\n0 spawn\n0.0 run\n0.0 operation\n0.0 operation\n0.0 finish\n0 spawn\n0.1 run\n0.1 await\n0 "
        "await\n"
        "0.1 run\n0.1 wake\n0.1 finish\n0 run\n0 finish\n");
}
