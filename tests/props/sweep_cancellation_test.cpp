/// Where a sweep over cancellation comes, and what it makes of it.

#include <coweave/tests/props/sweep_programs.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;
using traces::VerdictKind;

namespace {

std::set<std::string> places(const Sweep& result) {
  std::set<std::string> names;
  for (const SweepPlace& place : result.places) names.insert(place.name + ": " + place.what);
  return names;
}

/// What the task that waits sees where a cancellation comes: whether it was woken, and the time.
struct Seen {
  bool woken;
  std::int64_t time_ms;
  std::string told_by;  ///< who ran last before it
};

}  // namespace

TEST_CASE("sweep: what cleans up after itself passes") {
  const Sweep result = sweep(guarded_transfers, cancellation, {.name = "guarded"});
  CHECK_MESSAGE(result.passed(), result.report());
  CHECK(result.report() ==
        "passed: guarded: a sweep over cancellation: 5 awaits, " + std::to_string(result.runs) + " runs\n");
  CHECK(result.runs <= 4 * result.places.size() + 1);
}

TEST_CASE("sweep: each cancellation comes in its window") {
  // The waiter waits for a future that the setter sets at 1 ms, in the middle of a step.
  std::map<std::uint64_t, Seen> seen;  // by the number of the run
  std::uint64_t run = 0;
  auto scenario = [&]() -> Coro<void> {
    ++run;
    std::string last;
    const Future<> signal = create_future();
    auto waiter = [&]() -> Coro<void> {
      try {
        co_await signal;
      } catch (const CancelledError&) {
        seen[run] = {signal.done() && !signal.cancelled(), Loop::current().time() / 1ms, last};
        throw;
      }
    };
    auto setter = [&]() -> Coro<void> {
      co_await sleep(1ms);
      last = "setter before";
      if (!signal.done()) signal.set_result();
      last = "setter";
    };
    auto witness = [&]() -> Coro<void> {
      co_await sleep(1ms);
      last = "witness";
    };
    const Task<> waits = create_task(waiter(), {.name = "waiter"});
    const Task<> sets = create_task(setter());
    const Task<> looks = create_task(witness());
    sim::may_cancel(waits);
    const std::vector<AnyFuture> all{waits, sets, looks};
    co_await wait(all);
  };
  const Sweep result = sweep(scenario, cancellation, {.name = "windows"});
  REQUIRE_MESSAGE(result.passed(), result.report());
  // A run is done again where it must be shown that it does the same; runs here count from the second.
  const auto of = [&](SweepWindow window) {
    const std::uint64_t number = entry(result, "waiter", "future Future", window).run;
    return seen.at(number + 1);
  };
  CHECK(!of(SweepWindow::waiting).woken);
  CHECK(of(SweepWindow::waiting).time_ms == 0);
  CHECK(!of(SweepWindow::before).woken);
  CHECK(of(SweepWindow::before).time_ms == 1);
  CHECK(of(SweepWindow::after).woken);
  CHECK(of(SweepWindow::woken).woken);
  CHECK(of(SweepWindow::woken).told_by == "witness");
}

TEST_CASE("sweep: a cancellation together with the end of a sleep comes when it is due") {
  std::vector<std::int64_t> times;
  auto scenario = [&]() -> Coro<void> {
    auto sleeper = [&]() -> Coro<void> {
      try {
        co_await sleep(1s);
      } catch (const CancelledError&) {
        times.push_back(Loop::current().time() / 1ms);
        throw;
      }
    };
    const Task<> task = create_task(sleeper());
    sim::may_cancel(task);
    const std::vector<AnyFuture> all{task};
    co_await wait(all);
  };
  CHECK(sweep(scenario, cancellation, {.name = "sleep"}).passed());
  CHECK(times == std::vector<std::int64_t>{0, 1'000, 1'000});  // waiting, before, after and woken
}

TEST_CASE("sweep: reaches the tasks that may be cancelled, or all of them") {
  auto all = []() -> Coro<void> {
    co_await TaskGroup::run([](TaskGroup& group) -> Coro<void> {
      auto child = []() -> Coro<void> { co_await sleep(1ms); };
      group.create_task(child(), {.name = "child"});
      co_return;
    });
  };
  const Sweep result = sweep(all, cancellation, {.name = "all"});
  CHECK_MESSAGE(result.passed(), result.report());
  CHECK(places(result) == std::set<std::string>{"main: task group 'child'", "child: start", "child: sleep"});
  const Sweep marked = sweep(guarded_transfers, cancellation, {.name = "marked"});
  CHECK(places(marked) == std::set<std::string>{"one: start", "one: sleep", "two: start", "two: sleep",
                                                "two: acquire Lock 'bank'"});
}

TEST_CASE("sweep: a root task that is cancelled may end so, and must leave nobody behind") {
  auto leaves = []() -> Coro<void> {
    auto child = []() -> Coro<void> { co_await sleep(1ms); };
    const Task<> task = create_task(child(), {.name = "child"});
    co_await sleep(2ms);
    co_await task;
  };
  const Sweep result = sweep(leaves, cancellation, {.name = "leaves"});
  REQUIRE(result.failures.size() == 1);
  CHECK(result.failures[0].finding->trace.verdict.kind == VerdictKind::leaked_task);
  CHECK(fails(result, "main", "sleep", SweepWindow::waiting));
  CHECK(!fails(result, "main", "sleep", SweepWindow::woken));
  CHECK(!fails(result, "child", "sleep", SweepWindow::waiting));
  CHECK(sweep(leaves, cancellation, {.name = "leaves", .leaks_allowed = true}).passed());
}

TEST_CASE("sweep: around other orders it finds what needs one") {
  // Only if the second comes first, and the first is cancelled then.
  auto scenario = []() -> Coro<void> {
    std::string log;
    auto first = [&]() -> Coro<void> {
      log += "1";
      try {
        co_await sleep(1ms);
      } catch (const CancelledError&) {
        COWEAVE_REQUIRE(!log.starts_with("2"));
        throw;
      }
    };
    auto second = [&]() -> Coro<void> {
      log += "2";
      co_return;
    };
    const Task<> one = create_task(first(), {.name = "first"});
    const Task<> two = create_task(second());
    sim::may_cancel(one);
    const std::vector<AnyFuture> all{one, two};
    co_await wait(all);
  };
  CHECK(sweep(scenario, cancellation, {.name = "order"}).passed());
  const Sweep bounded = sweep(scenario, cancellation, {.name = "order", .deviations_max = 1});
  REQUIRE(bounded.failures.size() == 1);
  CHECK(bounded.failures[0].finding->deviations == 2);
  CHECK(bounded.failures[0].finding->minimal);
  const Sweep random =
      sweep(scenario, cancellation, {.name = "order", .policy = "random", .seed = 3, .orders = 20});
  REQUIRE(random.failures.size() == 1);
  CHECK(contains(random.report(), "around policy random"));
  const Exploration again = replay(scenario, random.failures[0].finding->trace);
  CHECK(!again.passed());
}

TEST_CASE("sweep: everywhere tries every pair of await and step") {
  auto scenario = []() -> Coro<void> {
    int count = 0;
    auto busy = [&]() -> Coro<void> {
      for (int round = 0; round < 6; ++round) {
        co_await sleep(0s);
        ++count;
      }
    };
    auto waiter = [&]() -> Coro<void> {
      try {
        co_await sleep(1s);
      } catch (const CancelledError&) {
        COWEAVE_REQUIRE(count != 3);  // neither at the beginning nor at the end
        throw;
      }
    };
    const Task<> waits = create_task(waiter(), {.name = "waiter"});
    const Task<> works = create_task(busy());
    sim::may_cancel(waits);
    const std::vector<AnyFuture> all{waits, works};
    co_await wait(all);
  };
  CHECK(sweep(scenario, cancellation, {.name = "everywhere"}).passed());
  const Sweep result = sweep(scenario, cancellation, {.name = "everywhere", .everywhere = true});
  REQUIRE(result.failures.size() == 1);
  for (const SweepEntry& each : result.entries) CHECK((!each.failure || each.window == SweepWindow::between));
}

TEST_CASE("sweep: grows with the awaits and not with the steps") {
  const auto runs_with = [](int rounds) {
    const Sweep result = sweep(
        [rounds]() -> Coro<void> {
          auto worker = [](int times) -> Coro<void> {
            for (int round = 0; round < times; ++round) co_await sleep(1ms);
          };
          const Task<> one = create_task(worker(rounds));
          const Task<> two = create_task(worker(rounds));
          sim::may_cancel(one);
          sim::may_cancel(two);
          const std::vector<AnyFuture> all{one, two};
          co_await wait(all);
        },
        cancellation, {.name = "linear"});
    CHECK(result.passed());
    return result.runs;
  };
  const std::uint64_t step = runs_with(11) - runs_with(10);
  CHECK(runs_with(110) - runs_with(10) == 100 * step);
}
