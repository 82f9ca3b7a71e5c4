/// How violations are told: the occurrences that break a monitor, in the order of the run, with their places.

#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;
using monitors::count;
using monitors::Monitor;
using monitors::noted;

namespace {

std::string told(const sim::Scenario& scenario, const std::vector<Monitor>& all) {
  Options options{.policy = "fifo", .runs = 1};
  options.monitors = all;
  const Exploration result = explore(scenario, options);
  return result.finding ? result.finding->trace.verdict.message : "passed";
}

/// The lines of `message` that say which step it was, without the rest.
std::string steps_of(const std::string& message) {
  std::string steps;
  for (std::size_t at = message.find('\n'); at != std::string::npos; at = message.find('\n', at + 1)) {
    const std::string line = message.substr(at + 1, message.find('\n', at + 1) - at - 1);
    if (line.starts_with("step ") || line.starts_with("…")) steps += line + "\n";
  }
  return steps;
}

Coro<void> notes(std::vector<std::pair<const char*, int>> all) {
  for (const auto& [label, number] : all) {
    note(label, number);
    co_await sleep(0s);
  }
}

}  // namespace

TEST_CASE("told: of counts those by which the one is too large, and what came of the other in between") {
  const auto scenario = [] {
    return notes({{"a", 1}, {"b", 1}, {"a", 2}, {"a", 3}, {"b", 2}, {"a", 4}, {"a", 5}});
  };
  CHECK(steps_of(told(scenario, {count(noted("a")) <= count(noted("b")) + 2})) ==
        "step 4, main: a 3\nstep 5, main: b 2\nstep 6, main: a 4\nstep 7, main: a 5\n");
  CHECK(steps_of(told(scenario, {count(noted("a")) <= 3})) ==
        "step 1, main: a 1\nstep 3, main: a 2\nstep 4, main: a 3\nstep 6, main: a 4\n");
  CHECK(steps_of(told(scenario, {count(noted("b")) <= 0})) == "step 2, main: b 1\n");
}

TEST_CASE("told: of many the first and the last") {
  const auto scenario = []() -> Coro<void> {
    for (int number = 1; number <= 21; ++number) note("a", number);
    co_return;
  };
  const std::string steps = steps_of(told(scenario, {count(noted("a")) <= 20}));
  CHECK(steps.find("step 1, main: a 6\n… and 8 more\nstep 1, main: a 15\n") != std::string::npos);
  CHECK(steps.ends_with("step 1, main: a 20\nstep 1, main: a 21\n"));
}

TEST_CASE("told: of what was got twice the put and the first get") {
  const auto scenario = [] {
    return notes({{"put", 1}, {"put", 2}, {"get", 1}, {"get", 2}, {"get", 1}, {"get", 3}});
  };
  CHECK(steps_of(told(scenario, {monitors::fifo(noted("put"), noted("get"))})) ==
        "step 1, main: put 1\nstep 3, main: get 1\nstep 5, main: get 1\n");
  CHECK(steps_of(told([] { return notes({{"get", 3}}); }, {monitors::fifo(noted("put"), noted("get"))})) ==
        "step 1, main: get 3\n");
}

TEST_CASE("told: a task is spawned where its parent creates it") {
  const auto scenario = []() -> Coro<void> {
    auto spawns = []() -> Coro<void> {
      const auto child = create_task(notes({}), {.name = "child"});  // line 80
      co_await child;
    };
    co_await spawns();  // line 83
  };
  CHECK(told(scenario, {monitors::never(monitors::spawned().by("child"))}) ==
        "'never(spawned by child)' is broken: child: spawned\n"
        "step 1, child: spawned\n"
        "  at tests/monitors/told_test.cpp:80\n"
        "  awaited at tests/monitors/told_test.cpp:83");
}

TEST_CASE("told: of a condition on the state, who breaks it and how far that task comes") {
  const auto scenario = [](bool ends) {
    return [ends]() -> Coro<void> {
      int inside = 0;
      const auto nobody = monitors::always("nobody inside", [&] { return inside == 0; });
      auto stays = [&]() -> Coro<void> { co_await sleep(1s); };  // line 97
      auto enters = [&]() -> Coro<void> {
        ++inside;
        if (!ends) co_await stays();  // line 100
      };
      const auto task = create_task(enters(), {.name = "ann"});
      co_await task;
    };
  };
  CHECK(told(scenario(false), {}) ==
        "'nobody inside' is broken: it does not hold\n"
        "step 2, ann: comes as far as this\n"
        "  awaited at tests/monitors/told_test.cpp:97, in tests/monitors/told_test.cpp:100");
  CHECK(told(scenario(true), {}) ==
        "'nobody inside' is broken: it does not hold\nstep 2, the last of its task");
}

TEST_CASE("told: text with line breaks stands on one line") {
  const auto scenario = []() -> Coro<void> {
    note("says", "two\nlines");
    note("asks", "for\nmore");
    co_return;
  };
  const std::string message =
      told(scenario,
           {monitors::exclusive(noted("says").where("two\nlines"), noted("ends")).per(monitors::value(0)),
            monitors::never(noted("asks"))});
  CHECK(message.substr(0, message.find('\n')) == "'never(asks)' is broken: main: asks 'for\\nmore'");
  CHECK(monitors::never(noted("says").where("two\nlines")).name() == "never(says('two\\nlines'))");
}

TEST_CASE("told: what the body of a to_thread does is a thread's") {
  const auto scenario = []() -> Coro<void> {
    co_await to_thread([] { note("works"); });
    call_soon([] { note("rings"); });
    co_await sleep(0s);
  };
  CHECK(told(scenario, {monitors::never(noted("works"))})
            .starts_with("'never(works)' is broken: a thread: works"));
  CHECK(told(scenario, {monitors::never(noted("rings"))})
            .starts_with("'never(rings)' is broken: a callback: rings"));
}

TEST_CASE("told: large numbers are told as they are, and told apart") {
  static constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  const auto scenario = []() -> Coro<void> {
    note("open", most - 1);
    note("use", most);
    co_return;
  };
  const std::string message =
      told(scenario, {monitors::precedes(noted("open"), noted("use")).per(monitors::value(0))});
  CHECK(message.find("main: use 18446744073709551615, with no open before it") != std::string::npos);
  CHECK(told(scenario, {monitors::never(noted("use").where(most - 1))}) == "passed");
  CHECK(told(scenario, {monitors::never(noted("use").where(most))}) != "passed");
}

namespace {

traces::Verdict verdict_of(const sim::Scenario& scenario, const Monitor& held) {
  Options options{.policy = "fifo", .runs = 1};
  options.monitors = {held};
  const Exploration result = explore(scenario, options);
  REQUIRE(result.finding);
  return result.finding->trace.verdict;
}

}  // namespace

TEST_CASE("told: a task ends nowhere but where it was spawned") {
  std::uint32_t spawned = 0;
  const auto scenario = [&]() -> Coro<void> {
    spawned = __LINE__ + 1;
    const auto child = create_task(notes({{"a", 1}}), {.name = "child"});
    co_await child;
  };
  const traces::Verdict verdict = verdict_of(scenario, monitors::never(monitors::finished().by("child")));
  CHECK(verdict.at == traces::Site{"tests/monitors/told_test.cpp", spawned});
}

TEST_CASE("told: a task is asked to end where the program asks it to, and by whom") {
  std::uint32_t asked = 0;
  std::uint32_t awaited = 0;
  const auto scenario = [&]() -> Coro<void> {
    const auto child = create_task([]() -> Coro<void> { co_await sleep(1h); }(), {.name = "child"});
    auto asks = [&]() -> Coro<void> {
      co_await sleep(0s);
      asked = __LINE__ + 1;
      child.cancel();
    };
    awaited = __LINE__ + 1;
    co_await asks();
  };
  const traces::Verdict verdict = verdict_of(scenario, monitors::never(monitors::cancel_requested()));
  const std::string file = "tests/monitors/told_test.cpp";
  CHECK(verdict.at == traces::Site{file, asked});
  CHECK(verdict.message ==
        "'never(cancel requested)' is broken: child: asked to cancel\n"
        "step 3, child: asked to cancel\n"
        "  at " +
            file + ":" + std::to_string(asked) + "\n" + "  awaited at " + file + ":" +
            std::to_string(awaited));
}
