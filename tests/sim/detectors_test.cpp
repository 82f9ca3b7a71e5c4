#include <coweave/coweave.hpp>
#include <coweave/sim/recording/recorder.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;
using traces::VerdictKind;

// Every detector beside its nearest neighbour that is right: what fires it, and what must not.

namespace {

Coro<void> nothing() { co_return; }
Coro<void> ticks(int count) {
  for (int tick = 0; tick < count; ++tick) co_await sleep(0s);
}
Coro<void> fails() {
  co_await sleep(0s);
  throw ValueError("no such value");
}

/// Main and `count` more tasks live at once.
Coro<void> tasks(int count) {
  std::vector<Task<>> all;
  for (int task = 0; task < count; ++task) all.push_back(create_task(nothing()));
  for (const Task<>& task : all) co_await task;
}

/// Two tasks that take two locks, the second in the same order or the other way round.
Coro<void> take_both(Lock& first, Lock& second) {
  co_await first.acquire();
  co_await sleep(0s);
  co_await second.acquire();
  second.release();
  first.release();
}
Coro<void> two_locks(bool same_order) {
  Lock a;
  Lock b;
  const auto one = create_task(take_both(a, b));
  const auto two = create_task(same_order ? take_both(a, b) : take_both(b, a));
  co_await one;
  co_await two;
}

struct Row {
  std::string what;
  VerdictKind kind;
  sim::Scenario fires;
  sim::Scenario silent;
  Options options = {};
};

const std::vector<Row>& rows() {
  static const std::vector<Row> all{
      {"an assertion that does not hold, swallowed", VerdictKind::assertion,
       []() -> Coro<void> {
         co_await nothing();
         try {
           COWEAVE_REQUIRE(1 + 1 == 3);
         } catch (...) {
         }
       },
       []() -> Coro<void> {
         co_await nothing();
         COWEAVE_REQUIRE(1 + 1 == 2);
       }},
      {"an exception of the scenario", VerdictKind::exception, []() -> Coro<void> { co_await fails(); },
       []() -> Coro<void> {
         try {
           co_await fails();
         } catch (const ValueError&) {
         }
       }},
      {"an exception that is no std::exception", VerdictKind::exception,
       []() -> Coro<void> {
         co_await nothing();
         throw 7;
       },
       []() -> Coro<void> {
         try {
           throw 7;
         } catch (int) {
         }
         co_return;
       }},
      {"a scenario that is cancelled", VerdictKind::exception,
       []() -> Coro<void> {
         current_task().cancel();
         co_await sleep(0s);
       },
       []() -> Coro<void> {
         const auto child = create_task(ticks(1));
         child.cancel();
         try {
           co_await child;
         } catch (const CancelledError&) {
         }
       }},
      {"a deadlock of two locks", VerdictKind::deadlock, []() -> Coro<void> { return two_locks(false); },
       []() -> Coro<void> { return two_locks(true); }},
      {"a wait for what nobody sets", VerdictKind::deadlock,
       []() -> Coro<void> {
         Event event;
         co_await event.wait();
       },
       []() -> Coro<void> {
         Event event;
         call_later(24h, [&] { event.set(); });
         co_await event.wait();
       }},
      {"more steps than the bound",
       VerdictKind::livelock,
       []() -> Coro<void> { return ticks(100); },
       []() -> Coro<void> { return ticks(99); },
       {.steps_max = 100}},
      {"more virtual time than the bound",
       VerdictKind::livelock,
       []() -> Coro<void> { co_await sleep(1h + 1ns); },
       []() -> Coro<void> { co_await sleep(1h); },
       {.virtual_time_max = 1h}},
      {"more live tasks than the bound",
       VerdictKind::task_bound,
       []() -> Coro<void> { return tasks(5); },
       []() -> Coro<void> { return tasks(4); },
       {.tasks_max = 5}},
      {"a task that is left", VerdictKind::leaked_task,
       []() -> Coro<void> {
         create_task(ticks(2));
         co_await sleep(0s);
       },
       []() -> Coro<void> {
         const auto awaited = create_task(ticks(2));
         co_await awaited;
       }},
      {"a coroutine that is dropped", VerdictKind::never_awaited,
       []() -> Coro<void> {
         const Coro<void> dropped = nothing();
         co_return;
       },
       []() -> Coro<void> {
         Coro<void> closed = nothing();
         closed.close();
         co_return;
       }},
      {"an exception that nobody looks at", VerdictKind::never_retrieved,
       []() -> Coro<void> {
         create_task(fails());
         co_await sleep(1s);
       },
       []() -> Coro<void> {
         const auto failed = create_task(fails());
         co_await sleep(1s);
         static_cast<void>(failed.exception());
       }},
      {"a future's exception that nobody looks at", VerdictKind::never_retrieved,
       []() -> Coro<void> {
         create_future<int>().set_exception(ValueError("no such value"));
         co_return;
       },
       []() -> Coro<void> {
         create_future<int>().cancel();
         co_return;
       }},
  };
  return all;
}

VerdictKind verdict_of(const sim::Scenario& scenario, const Options& options) {
  sim::Simulation simulation(options.settings());
  sim::Fifo policy;
  policy.begin_run(1);
  const sim::Failure* failure = simulation.run(scenario, policy);
  return failure ? failure->kind : VerdictKind::passed;
}

}  // namespace

TEST_CASE("detectors: each fires on its kind of failure, and not on its neighbour") {
  for (const Row& row : rows()) {
    CAPTURE(row.what);
    CHECK(verdict_of(row.fires, row.options) == row.kind);
    CHECK(verdict_of(row.silent, row.options) == VerdictKind::passed);
  }
}

TEST_CASE("detectors: what fires is found by an exploration, and what does not passes every schedule") {
  for (const Row& row : rows()) {
    CAPTURE(row.what);
    Options options = row.options;
    options.policy = "exhaustive";
    options.runs = 1'000'000;
    const Exploration found = explore(row.fires, options);
    REQUIRE(found.finding);
    CHECK(found.finding->trace.verdict.kind == row.kind);
    const Exploration passed = explore(row.silent, options);
    CHECK(passed.passed());
    CHECK(passed.exhausted);
  }
}
