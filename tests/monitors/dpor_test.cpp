/// dpor leaves out orders that end alike; to monitors and conditions on the state they must look alike as
/// well. Held against dfs, which leaves out none.

#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace coweave;
using namespace std::chrono_literals;
using monitors::count;
using monitors::finished;
using monitors::Monitor;
using monitors::noted;
using monitors::operation;
using monitors::spawned;
using monitors::value;

namespace {

Exploration all_of(const std::string& policy, const sim::Scenario& scenario, std::vector<Monitor> held) {
  Options options{.name = "all", .policy = policy, .runs = 50'000};
  options.monitors = std::move(held);
  options.shrink_time_max = 0s;
  return explore(scenario, options);
}

enum class Ends : std::uint8_t { passed, failed };

/// Both policies come to the end that is said.
void agree(Ends ends, const sim::Scenario& scenario, std::vector<Monitor> held = {}) {
  const std::string name = held.empty() ? "a condition on the state" : held.front().name();
  for (const std::string policy : {"dfs", "dpor"}) {
    const Exploration result = all_of(policy, scenario, held);
    CHECK_MESSAGE(result.passed() == (ends == Ends::passed), name, " under ", policy, ": ", result.report());
    if (ends == Ends::failed && result.finding)
      CHECK(result.finding->trace.verdict.kind == traces::VerdictKind::invariant);
    if (ends == Ends::passed) CHECK_MESSAGE(result.exhausted, name, " under ", policy);
  }
}

Coro<void> tells(const char* first, const char* second, int number) {
  co_await sleep(0s);
  note(first, number);
  co_await sleep(0s);
  if (second) note(second, number);
}

/// Two tasks that have nothing to do with each other.
Coro<void> strangers() {
  const auto one = create_task(tells("a", "c", 1), {.name = "one"});
  const auto two = create_task(tells("b", "d", 2), {.name = "two"});
  co_await one;
  co_await two;
}

Coro<void> twins() {
  const auto one = create_task(tells("enter", "leave", 1), {.name = "one"});
  const auto two = create_task(tells("enter", "leave", 2), {.name = "two"});
  co_await one;
  co_await two;
}

Coro<void> uses(Queue<int>& queue, Lock& lock) {
  co_await sleep(0s);
  queue.put_nowait(1);
  const auto guard = co_await lock.scoped();
  co_await sleep(0s);
}

/// The same of what they do to primitives, each to its own.
Coro<void> owners() {
  Queue<int> one_queue(0, "one"), two_queue(0, "two");
  Lock one_lock("left"), two_lock("right");
  const auto one = create_task(uses(one_queue, one_lock), {.name = "one"});
  const auto two = create_task(uses(two_queue, two_lock), {.name = "two"});
  co_await one;
  co_await two;
}

}  // namespace

TEST_CASE("dpor and monitors: notes of tasks that share nothing come in every order") {
  const auto a = noted("a"), b = noted("b"), c = noted("c"), d = noted("d");
  agree(Ends::failed, strangers, {monitors::precedes(a, b)});
  agree(Ends::failed, strangers, {monitors::precedes(b, a)});
  agree(Ends::failed, strangers, {monitors::precedes(d, a)});
  agree(Ends::passed, strangers, {monitors::precedes(a, c)});
  agree(Ends::failed, strangers, {monitors::never_between(a, c, b)});
  agree(Ends::failed, strangers, {monitors::leads_to(c, d)});
  agree(Ends::passed, strangers, {monitors::leads_to(a, c)});
  agree(Ends::failed, strangers, {count(b) <= count(a)});
  agree(Ends::passed, strangers, {count(d) <= count(b)});
  agree(Ends::failed, strangers, {monitors::happens_before(a, d)});
  agree(Ends::passed, strangers, {monitors::never(noted("e")), monitors::eventually(c)});
  agree(Ends::failed, strangers, {(monitors::precedes(a, c) && monitors::precedes(b, a)).named("both")});
}

TEST_CASE("dpor and monitors: so do those of tasks that do the same") {
  const auto enter = noted("enter"), leave = noted("leave");
  agree(Ends::failed, twins, {monitors::exclusive(enter, leave)});
  agree(Ends::passed, twins, {monitors::exclusive(enter, leave).per(value(0))});
  agree(Ends::failed, twins, {monitors::fifo(enter, leave)});
  agree(Ends::failed, twins, {monitors::bounded_wait(enter, leave, 0, value(0))});
  agree(Ends::passed, twins, {monitors::bounded_wait(enter, leave, 1, value(0))});
}

TEST_CASE("dpor and monitors: so do operations on different objects and what happens to tasks") {
  agree(Ends::failed, owners, {monitors::precedes(operation(Verb::put, "one"), operation(Verb::put, "two"))});
  agree(Ends::failed, owners, {monitors::precedes(operation(Verb::put, "two"), operation(Verb::put, "one"))});
  agree(Ends::failed, owners,
        {monitors::precedes(operation(Verb::release, "left"), operation(Verb::acquire, "right"))});
  agree(Ends::failed, owners, {monitors::precedes(finished().by("one"), finished().by("two"))});
  agree(Ends::failed, owners, {monitors::precedes(finished().by("two"), finished().by("one"))});
  agree(Ends::passed, owners, {monitors::precedes(spawned().by("two"), finished().by("one"))});
}

TEST_CASE("dpor and monitors: where steps are counted every step counts") {
  const Monitor soon = monitors::leads_to(noted("a"), noted("c"));
  agree(Ends::passed, strangers, {soon.within_steps(20)});
  agree(Ends::failed, strangers, {soon.within_steps(1)});
  agree(Ends::failed, strangers, {soon.within_steps(2)});
}

TEST_CASE("dpor and monitors: while a condition is looked at every order of plain memory is tried") {
  const auto scenario = [](int most) -> Coro<void> {
    int inside = 0;
    const auto enters = [](int& count) -> Coro<void> {
      co_await sleep(0s);
      ++count;
      co_await sleep(0s);
      --count;
    };
    const auto few = monitors::always("few inside", [&] { return inside <= most; });
    const auto one = create_task(enters(inside));
    const auto two = create_task(enters(inside));
    co_await one;
    co_await two;
  };
  agree(Ends::passed, [=] { return scenario(2); });
  agree(Ends::failed, [=] { return scenario(1); });
}

TEST_CASE("dpor and monitors: the beginning and the end of a condition are tried at every place") {
  const auto scenario = [](int bad) -> Coro<void> {
    int stage = 0;
    const auto goes_on = [](int& at) -> Coro<void> {
      for (int next = 1; next <= 4; ++next) {
        co_await sleep(0s);
        at = next;
      }
    };
    const auto looks = [](const int& at, int unwanted) -> Coro<void> {
      co_await sleep(0s);
      const auto other = monitors::always("other stage", [&at, unwanted] { return at != unwanted; });
      co_await sleep(0s);
    };
    const auto one = create_task(goes_on(stage));
    const auto two = create_task(looks(stage, bad));
    co_await one;
    co_await two;
  };
  for (const int bad : {0, 1, 2}) agree(Ends::failed, [=] { return scenario(bad); });
  agree(Ends::passed, [=] { return scenario(5); });
}

TEST_CASE("dpor and monitors: orders that no monitor can tell apart are still left out") {
  const auto a = noted("a");
  const std::uint64_t without = all_of("dpor", strangers, {}).runs;
  CHECK(all_of("dpor", strangers, {monitors::precedes(a, noted("c"))}).runs == without);
  CHECK(all_of("dpor", strangers, {monitors::never(noted("e") || noted("a").where(9))}).runs == without);
  CHECK(all_of("dpor", strangers, {monitors::precedes(a || noted("b"), noted("c"))}).runs > without);
}
