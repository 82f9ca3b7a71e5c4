/// What patterns mean, what they are called, and what monitors refuse.

#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <array>
#include <stdexcept>
#include <string>

using namespace coweave;
using namespace coweave::monitors;
using namespace std::chrono_literals;

namespace {

/// How often `pattern` matches in one run of `scenario`.
std::int64_t matches(const Pattern& pattern, const sim::Scenario& scenario) {
  for (std::int64_t bound = 0; bound < 100; ++bound) {
    Options options{.policy = "fifo", .runs = 1};
    options.monitors = {count(pattern) <= bound};
    if (explore(scenario, options).passed()) return bound;
  }
  return 100;
}

Coro<void> child() {
  note("tells", "child");
  co_return;
}

Coro<void> program() {
  Lock lock("db");
  Lock nameless;
  Queue<int> queue(0, "jobs");
  note("tells", 1, "one", true);
  note("tells", 2, 0.5);
  note("other");
  {
    const auto guard = co_await lock.scoped();
    const auto other = co_await nameless.scoped();
  }
  queue.put_nowait(1);
  const int item = co_await queue.get();
  note("tells", item);
  auto task = create_task(child(), {.name = "child"});
  co_await task;
  auto cancelled = create_task(child(), {.name = "cancelled"});
  cancelled.cancel();
  try {
    co_await cancelled;
  } catch (const CancelledError&) {
  }
}

}  // namespace

TEST_CASE("pattern: notes are matched by label, values, task and conditions") {
  CHECK(matches(noted("tells"), program) == 4);
  CHECK(matches(noted("tell"), program) == 0);
  CHECK(matches(noted("tells").where(1), program) == 2);
  CHECK(matches(noted("tells").where(1).where(1, "one"), program) == 1);
  CHECK(matches(noted("tells").where(2, true), program) == 1);
  CHECK(matches(noted("tells").where(2, 1), program) == 0);  // a number is no truth
  CHECK(matches(noted("tells").where(1, 0.5), program) == 1);
  CHECK(matches(noted("tells").where("child"), program) == 1);
  CHECK(matches(noted("tells").by("main"), program) == 3);
  CHECK(matches(noted("tells").by("child"), program) == 1);
  const auto has_two = [](const Occurrence& now) { return now.values.size() == 2; };
  CHECK(matches(noted("tells").where("of two values", has_two), program) == 1);
}

TEST_CASE("pattern: operations are matched by verb and by the name or kind of the object") {
  CHECK(matches(operation(Verb::acquire), program) == 2);
  CHECK(matches(operation(Verb::acquire, "db"), program) == 1);
  CHECK(matches(operation(Verb::release, "db"), program) == 1);
  CHECK(matches(operation(Verb::acquire, "Lock"), program) == 1);  // of the one without a name
  CHECK(matches(operation(Verb::put, "jobs"), program) == 1);
  CHECK(matches(operation(Verb::get, "jobs").by("main"), program) == 1);
  CHECK(matches(operation(Verb::get, "db"), program) == 0);
}

TEST_CASE("pattern: the life of tasks can be matched") {
  CHECK(matches(spawned(), program) == 3);
  CHECK(matches(spawned().by("main"), program) == 1);
  CHECK(matches(spawned().by("child"), program) == 1);
  CHECK(matches(finished(), program) == 3);
  CHECK(matches(finished().by("main"), program) == 1);
  CHECK(matches(cancel_requested(), program) == 1);
  CHECK(matches(cancel_requested().by("cancelled"), program) == 1);
}

TEST_CASE("pattern: patterns are joined and turned round") {
  CHECK(matches(noted("tells") || noted("other"), program) == 5);
  CHECK(matches(noted("tells") && noted("other"), program) == 0);
  CHECK(matches(noted("tells") && !noted("tells").where(1), program) == 2);
  CHECK(matches(noted("other") || operation(Verb::acquire, "db"), program) == 2);
  // All that is no note: 3 spawned, 3 finished, 1 request, and what is done to objects.
  CHECK(matches(!noted("tells"), program) > matches(!(noted("tells") || spawned()), program));
}

TEST_CASE("pattern: a label that the program makes up is known by its text") {
  const auto scenario = []() -> Coro<void> {
    std::string label = "aaaa";
    for (int round = 0; round < 4; ++round) {
      note(label.c_str());
      label[3] = round % 2 == 0 ? 'b' : 'a';
    }
    co_return;
  };
  CHECK(matches(noted("aaaa"), scenario) == 2);
  CHECK(matches(noted("aaab"), scenario) == 2);
  CHECK(matches(!noted("aaab"), scenario) == 4);  // with the beginning and the end of main
}

TEST_CASE("pattern: patterns and monitors are called as they are written") {
  CHECK((noted("a").where(1) || !noted("b").where(1, "x").by("ann")).text() ==
        "(a(1) or not b(_, 'x') by ann)");
  CHECK((operation(Verb::put, "jobs") && operation(Verb::get)).text() == "(put jobs and get)");
  CHECK(precedes(noted("a"), !noted("b")).per(value(1)).name() == "precedes(a, not b).per(value(1))");
  CHECK(precedes(noted("a"), noted("b")).per(value(1)).per(task()).name() == "precedes(a, b).per(task())");
  CHECK(leads_to(noted("a"), noted("b")).within(2ms).name() == "leads_to(a, b).within(2ms)");
  CHECK(leads_to(noted("a"), noted("b")).within_steps(2).unless(noted("c")).within_steps(3).name() ==
        "leads_to(a, b).within_steps(3).unless(c)");
  CHECK(leads_to(noted("a"), noted("b")).named("x").within(2ms).name() == "x");
  const Monitor both = precedes(noted("a"), noted("b")) && leads_to(noted("a"), noted("c"));
  CHECK(both.name() == "precedes(a, b) && leads_to(a, c)");
  CHECK(both.per(value(0)).name() == "precedes(a, b).per(value(0)) && leads_to(a, c).per(value(0))");
  CHECK(both.per(value(0)).per(task()).name() == "precedes(a, b).per(task()) && leads_to(a, c).per(task())");
  CHECK(both.named("x").per(value(0)).name() == "x");
  const Monitor more = both.named("x") && leads_to(noted("a"), noted("d"));
  CHECK(more.name() == "x && leads_to(a, d)");
  CHECK(more.per(value(0)).name() == "x && leads_to(a, d).per(value(0))");
  CHECK((more.per(task()) && both).name() ==
        "x && leads_to(a, d).per(task()) && precedes(a, b) && leads_to(a, c)");
  CHECK((count(noted("a")) - 1 <= count(finished()) + 2).name() == "count(a) - 1 <= count(finished) + 2");
  CHECK((Count(0) <= count(noted("a"))).name() == "0 <= count(a)");
  CHECK((count(noted("a")) > -1).name() == "count(a) > -1");
  CHECK(fifo(noted("a"), noted("b")).name() == "fifo(a, b)");
  CHECK(fifo(noted("a"), noted("b"), monitors::task()).name() == "fifo(a, b, task())");
  CHECK(fifo(noted("a"), noted("b"), monitors::value(1)).name() == "fifo(a, b, value(1))");
  CHECK(bounded_wait(noted("a"), noted("b"), 2).name() == "bounded_wait(a, b, 2)");
  CHECK(bounded_wait(noted("a"), noted("b"), 2, monitors::value(0)).name() ==
        "bounded_wait(a, b, 2, value(0))");
  CHECK((count(noted("a")) < 3).name() == "count(a) < 3");
  CHECK(bounded_wait(noted("a"), noted("b"), 2).per(task()).name() == "bounded_wait(a, b, 2).per(task())");
  CHECK((never(noted("a")) && never(noted("b"))).name() == "never(a) && never(b)");
  CHECK(always(noted("a"), noted("b")).name() == "always(a, b)");
  CHECK(never(noted("a")).named("x").name() == "x");
}

TEST_CASE("pattern: what says nothing is refused") {
  CHECK_THROWS_WITH_AS(static_cast<void>(never(noted("a")).per(task())),
                       "a monitor's per() does not go with never(a)", std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(eventually(noted("a")).per(task())), std::invalid_argument);
  CHECK_THROWS_WITH_AS(static_cast<void>(precedes(noted("a"), noted("b")).within(1s)),
                       "a monitor's within() does not go with precedes(a, b)", std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(fifo(noted("a"), noted("b")).within_steps(1)), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(fifo(noted("a"), noted("b")).unless(noted("c"))), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(leads_to(noted("a"), noted("b")).within(-1s)), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(leads_to(noted("a"), noted("b")).unless(noted("c")).unless(noted("d"))),
                  std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(fifo(noted("a"), noted("b"), Key{})), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(Count(1) <= Count(2)), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(noted("a").where("nothing", nullptr)), std::invalid_argument);
  CHECK_THROWS_WITH_AS(static_cast<void>(never(noted("a")).named("")),
                       "a monitor's name is empty; write what must hold", std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(noted("")), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(noted("a").by("")), std::invalid_argument);
  CHECK_THROWS_WITH_AS(
      static_cast<void>(count(noted("a")) >= 1),
      "count(a) >= 1: a count only grows, so it cannot be large enough all along; use eventually(a)",
      std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(Count(3) < count(noted("a"))), std::invalid_argument);
  CHECK_THROWS_WITH_AS(static_cast<void>(count(noted("a")) <= -1),
                       "count(a) <= -1: it does not hold from the beginning, where each count is 0",
                       std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(count(noted("a")) < 0), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(count(noted("a")) <= count(noted("b")) - 1), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(count(noted("a")) < count(noted("b"))), std::invalid_argument);
}

TEST_CASE("pattern: a key that what is meant does not have is refused") {
  CHECK_THROWS_WITH_AS(static_cast<void>(fifo(operation(Verb::put, "jobs"), operation(Verb::get, "jobs"))),
                       "fifo(put jobs, get jobs): 'put jobs' has no value(0), only notes have values; use "
                       "task() or object(), or make a note of it",
                       std::invalid_argument);
  CHECK_THROWS_WITH_AS(static_cast<void>(precedes(noted("a"), noted("b")).per(monitors::object())),
                       "precedes(a, b): 'a' has no object(), only operations have objects; use value(…) of "
                       "a note, or task()",
                       std::invalid_argument);
  const monitors::Monitor waits = bounded_wait(noted("a"), noted("b"), 1, value(0));
  CHECK_THROWS_AS(static_cast<void>(waits.unless(finished())), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(precedes(finished(), spawned()).per(value(0))), std::invalid_argument);
  CHECK_THROWS_AS(
      static_cast<void>(precedes(noted("a") || operation(Verb::put).by("b"), noted("c")).per(value(0))),
      std::invalid_argument);
  CHECK(precedes(noted("a") && !finished(), noted("b")).per(value(0)).name() ==
        "precedes((a and not finished), b).per(value(0))");
}
