/// Monitors and races in the runs of a sweep.

#include <coweave/tests/props/sweep_programs.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;
using monitors::Monitor;
using monitors::noted;
using traces::VerdictKind;

namespace {

/// Says what it does, and says that it leaves only if nothing comes in between.
Coro<void> visit(Lock& lock) {
  const auto guard = co_await lock.scoped();
  note("enter");
  co_await sleep(1ms);
  note("leave");
}

Coro<void> visits() {
  Lock lock("room");
  const Task<> one = create_task(visit(lock), {.name = "one"});
  const Task<> two = create_task(visit(lock), {.name = "two"});
  sim::may_cancel(one);
  sim::may_cancel(two);
  const std::vector<AnyFuture> all{one, two};
  co_await wait(all);
}

Monitor one_at_a_time() { return monitors::exclusive(noted("enter"), noted("leave")).named("one at a time"); }

/// Reads, waits and writes, with a lock; whoever is interrupted gives it back too early.
Coro<void> raises(Lock& lock, Shared<int>& total) {
  co_await lock.acquire();
  const int before = co_await total.read();
  const bool is_interrupted = fault("interrupted");
  if (is_interrupted) lock.release();
  co_await sleep(1ms);
  co_await total.write(before + 1);
  if (!is_interrupted) lock.release();
}

Coro<void> raise_twice() {
  Lock lock("total lock");
  Shared<int> total(0, "total");
  const Task<> one = create_task(raises(lock, total), {.name = "one"});
  const Task<> two = create_task(raises(lock, total), {.name = "two"});
  co_await one;
  co_await two;
}

}  // namespace

TEST_CASE("sweep: a monitor that breaks is the verdict of its place in the table") {
  CHECK(sweep(visits, cancellation, {.name = "visits"}).passed());
  const SweepOptions options{.name = "visits", .monitors = {one_at_a_time()}};
  const Sweep result = sweep(visits, cancellation, options);
  REQUIRE(result.failures.size() == 1);
  CHECK(result.unprovoked.empty());
  CHECK(fails(result, "one", "sleep", SweepWindow::waiting));
  CHECK(fails(result, "one", "sleep", SweepWindow::woken));
  CHECK_FALSE(fails(result, "one", "start", SweepWindow::woken));
  CHECK_FALSE(fails(result, "two", "sleep", SweepWindow::waiting));
  CHECK(contains(result.report(),
                 "A  invariant broken at tests/props/sweep_monitors_test.cpp:23: "
                 "'one at a time' is broken: two: enter, with no leave since the last enter"));
  const Finding& finding = *result.failures[0].finding;
  CHECK(finding.trace.verdict.kind == VerdictKind::invariant);
  CHECK(finding.signature == "one at a time: exclusive(enter, leave)");

  Options same;
  same.monitors = options.monitors;
  const Exploration again = replay(visits, finding.trace, ReplayMode::strict, same);
  REQUIRE(again.finding);
  CHECK(traces::write_trace(again.finding->trace) == traces::write_trace(finding.trace));
  CHECK(replay(visits, finding.trace, ReplayMode::tolerant).passed());  // without the monitor
}

TEST_CASE("sweep: a monitor that holds whatever is injected passes, and changes no run") {
  const Sweep without = sweep(transfers, cancellation, {.name = "transfers"});
  const Sweep with = sweep(transfers, cancellation,
                           {.name = "transfers",
                            .monitors = {monitors::exclusive(monitors::operation(Verb::acquire, "bank"),
                                                             monitors::operation(Verb::release, "bank"))}});
  CHECK(with.report() == without.report());
  CHECK(with.steps == without.steps);
  CHECK(sweep(guarded_transfers, cancellation,
              {.name = "guarded",
               .monitors = {monitors::exclusive(monitors::operation(Verb::acquire, "bank"),
                                                monitors::operation(Verb::release, "bank"))}})
            .passed());
}

TEST_CASE("sweep: a monitor that breaks without any injection is told as that") {
  const Sweep result =
      sweep(visits, cancellation, {.name = "visits", .monitors = {monitors::never(noted("enter"))}});
  CHECK(result.unprovoked == std::vector<std::size_t>{0});
  CHECK(contains(result.report(), "A  invariant broken, without any injection at "));
}

TEST_CASE("sweep: a race that an injection makes is the verdict of its place") {
  const SweepOptions options{.name = "raise", .races = {.atomicity = Severity::failure}};
  const Sweep result = sweep(raise_twice, exceptions, options);
  REQUIRE_MESSAGE(result.failures.size() == 1, result.report());
  CHECK(result.unprovoked.empty());
  const traces::Verdict& verdict = result.failures[0].finding->trace.verdict;
  CHECK(verdict.kind == VerdictKind::invariant);
  CHECK(contains(verdict.message, "race for Shared 'total': a task read and then wrote it"));

  const Sweep noted =
      sweep(raise_twice, exceptions, {.name = "raise", .races = {.atomicity = Severity::noted}});
  CHECK(noted.passed());
  REQUIRE(!noted.races.empty());
  CHECK(contains(noted.report(), "race: Shared 'total': a task read and then wrote it"));
}

TEST_CASE("sweep: a pattern that no run matches fails it if all are required") {
  const Monitor misspelt = monitors::never(noted("entre").where("nobody")).named("misspelt");
  SweepOptions options{.name = "visits", .monitors = {misspelt}};
  CHECK(sweep(visits, cancellation, options).passed());
  options.require_patterns = true;
  const Sweep result = sweep(visits, cancellation, options);
  CHECK_FALSE(result.passed());
  CHECK(result.patterns_missed);
  CHECK(result.report().starts_with("FAILED: "));
  CHECK(result.report().find("never occurred") != std::string::npos);
  options.monitors = {monitors::precedes(noted("enter"), noted("leave"))};
  CHECK(sweep(visits, cancellation, options).passed());
}

TEST_CASE("sweep: a pattern that no run matches is told") {
  const SweepOptions options{.name = "visits",
                             .monitors = {monitors::precedes(noted("enter"), noted("leafe"))}};
  const Sweep result = sweep(visits, cancellation, options);
  CHECK(result.passed());
  REQUIRE(result.patterns.size() == 2);
  CHECK(result.patterns[0].occurred);
  CHECK_FALSE(result.patterns[1].occurred);
  CHECK(contains(result.report(),
                 "  never occurred: 'leafe', which the monitor 'precedes(enter, leafe)' at "
                 "tests/props/sweep_monitors_test.cpp:"));
}

TEST_CASE("sweep: what the program asks for is told before what is still held") {
  auto keeps_it = []() -> Coro<void> {
    Lock lock("room");
    const Task<> guest = create_task(
        [](Lock& room) -> Coro<void> {
          co_await room.acquire();
          note("enter");
          co_await sleep(1ms);
          note("leave");
          room.release();
        }(lock),
        {.name = "guest"});
    sim::may_cancel(guest);
    const std::vector<AnyFuture> all{guest};
    co_await wait(all);
  };
  const Sweep alone = sweep(keeps_it, cancellation, {.name = "guest"});
  REQUIRE(alone.failures.size() == 1);
  CHECK(alone.failures[0].finding->trace.verdict.kind == VerdictKind::still_held);
  const Sweep result =
      sweep(keeps_it, cancellation,
            {.name = "guest", .monitors = {monitors::leads_to(noted("enter"), noted("leave"))}});
  REQUIRE(result.failures.size() == 1);
  CHECK(result.failures[0].finding->trace.verdict.kind == VerdictKind::invariant);
}

TEST_CASE("sweep: marks are counted over all of its runs, and can be required") {
  auto tells_of_marks = []() -> Coro<void> {
    const Task<> guest = create_task([]() -> Coro<void> { co_await sleep(1ms); }(), {.name = "guest"});
    sim::may_cancel(guest);
    const std::vector<AnyFuture> all{guest};
    co_await wait(all);
    sometimes(guest.cancelled(), "cancelled");
    sometimes(Loop::current().time() < 0s, "never");
  };
  const Sweep result = sweep(tells_of_marks, cancellation, {.name = "marks"});
  REQUIRE(result.marks.size() == 2);
  CHECK(result.marks[0].label == "cancelled");
  CHECK(result.marks[0].seen == result.runs);
  CHECK(result.marks[0].held > 0);
  CHECK(result.marks[0].held < result.runs);
  CHECK(result.passed());
  CHECK(contains(result.warnings(), "never: 'never' at "));
  CHECK(contains(result.report(), "  never: 'never' at "));
  const Sweep required = sweep(tells_of_marks, cancellation, {.name = "marks", .require_marks = true});
  CHECK(required.marks_missed);
  CHECK_FALSE(required.passed());
  const Sweep expected =
      sweep(tells_of_marks, cancellation, {.name = "marks", .expected_marks = {"nowhere"}});
  CHECK(contains(expected.warnings(), "'nowhere', which was expected"));
}

TEST_CASE("sweep: after a time-out that came early the clock of a monitor starts again") {
  auto asks = []() -> Coro<void> {
    bool over = false;
    const auto soon = monitors::eventually("over", [&] { return over; }, 10ms);
    note("request");
    try {
      co_await wait_for(sleep(1ms), 50ms);
    } catch (const TimeoutError&) {
    }
    note("over");
    over = true;
    co_await sleep(0s);
  };
  const Monitor within = monitors::leads_to(noted("request"), noted("over")).within(10ms);
  const Sweep result = sweep(asks, timeouts, {.name = "asks", .monitors = {within}});
  CHECK(result.runs > 1);
  CHECK_MESSAGE(result.passed(), result.report());
  // It starts again, it does not stop.
  auto asks_long = [asks]() -> Coro<void> {
    co_await asks();
    note("request");
    co_await sleep(11ms);
    note("over");
  };
  CHECK_FALSE(sweep(asks_long, timeouts, {.name = "asks long", .monitors = {within}}).passed());
}
