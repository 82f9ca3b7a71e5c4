/// How monitors go with explorations: the same bytes, workers, replays, shrinking, properties, faults, keys.

#include <coweave/coweave.hpp>
#include <coweave/props/ci/annotations.hpp>
#include <coweave/props/monitors/witness.hpp>
#include <coweave/props/property.hpp>
#include <coweave/tests/monitors/programs.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <source_location>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;
using monitors::count;
using monitors::finished;
using monitors::Monitor;
using monitors::noted;
using monitors::operation;
using monitors::spawned;
using monitors::task;
using monitors::value;

namespace {

/// Every form, and all kinds of occurrences; `transfer` keeps them all.
std::vector<Monitor> kept_by_transfer() {
  return {
      monitors::never(noted("no such note")),
      monitors::always(noted("reads"), noted("reads").by("one") || noted("reads").by("two")),
      monitors::eventually(noted("writes")),
      monitors::leads_to(noted("reads"), noted("writes")).per(task()).within(1s).within_steps(100),
      monitors::precedes(operation(Verb::put, "jobs"), operation(Verb::get, "jobs")),
      monitors::never_between(noted("writes"), finished(), spawned()).per(task()),
      monitors::exclusive(operation(Verb::acquire, "db"), operation(Verb::release, "db"))
          .per(monitors::object()),
      monitors::fifo(noted("in"), noted("out")),
      monitors::bounded_wait(noted("reads"), noted("writes"), 1),
      count(noted("writes")) <= count(noted("reads")),
      monitors::happens_before(noted("out"), operation(Verb::get, "jobs")),
      monitors::happens_before(noted("begins"), noted("writes")),
  };
}

Coro<void> transfers(Lock& lock, Queue<int>& jobs, int& balance) {
  const int amount = co_await jobs.get();
  note("reads", balance);
  const int before = balance;
  if (amount == 1) co_await sleep(0s);  // and so a transfer may be lost
  const auto guard = co_await lock.scoped();
  balance = before + amount;
  note("writes", balance);
}

Coro<void> transfer() {
  Lock lock("db");
  Queue<int> jobs(0, "jobs");
  int balance = 0;
  note("begins");
  note("in", 1);
  note("out", 1);
  const auto one = create_task(transfers(lock, jobs, balance), {.name = "one"});
  const auto two = create_task(transfers(lock, jobs, balance), {.name = "two"});
  Future<void> told = create_future<void>();
  jobs.put_nowait(1);
  jobs.put_nowait(2);
  told.set_result();
  co_await told;
  co_await one;
  co_await two;
  COWEAVE_REQUIRE(balance == 3);
}

std::string bytes_of(const Exploration& result) {
  REQUIRE_MESSAGE(result.finding, result.report());
  return traces::write_trace(result.finding->trace);
}

Exploration run_once(const sim::Scenario& scenario, const Monitor& monitor, Options options = {}) {
  options.policy = "fifo";
  options.runs = 1;
  options.monitors = {monitor};
  return explore(scenario, options);
}

std::string complaint(const sim::Scenario& scenario, const Monitor& monitor, Options options = {}) {
  const Exploration result = run_once(scenario, monitor, std::move(options));
  if (!result.finding) return "passed";
  const std::string& message = result.finding->trace.verdict.message;
  return message.substr(0, message.find('\n'));
}

Coro<void> notes(std::vector<std::pair<const char*, int>> all) {
  for (const auto& [label, number] : all) {
    note(label, number);
    co_await sleep(0s);
  }
}

}  // namespace

TEST_CASE("monitors: those that hold add no choice and no event") {
  // dpor tries more orders with than without: dpor_test.cpp.
  for (const char* policy : {"random", "portfolio", "pos", "surw", "pct:3", "rf", "dfs"}) {
    for (const SchedulingPoints points : {SchedulingPoints::suspensions, SchedulingPoints::awaits}) {
      Options options{.name = "transfer", .policy = policy, .runs = 2'000, .scheduling_points = points};
      options.shrink_time_max = 0s;
      const Exploration without = explore(transfer, options);
      options.monitors = kept_by_transfer();
      const Exploration with = explore(transfer, options);
      CHECK(bytes_of(with) == bytes_of(without));
      CHECK(with.finding->trace.verdict.kind == traces::VerdictKind::assertion);
      CHECK(with.runs == without.runs);
      CHECK(with.steps == without.steps);

      Options passing{.name = "connection", .policy = policy, .runs = 500, .scheduling_points = points};
      const auto scenario = [] { return connection(Made::right); };
      const std::string told = explore(scenario, passing).report();
      passing.monitors = {monitors::precedes(noted("open"), noted("use")),
                          monitors::happens_before(noted("open"), noted("use")).per(value(0))};
      CHECK(explore(scenario, passing).report() == told);
    }
  }
}

TEST_CASE("monitors: one that is broken before the first step is told as the invariant that it is") {
  const auto early = [] {
    note("early");
    return notes({{"late", 1}});
  };
  for (const char* policy : {"fifo", "random", "dfs", "dpor"}) {
    for (const SchedulingPoints points : {SchedulingPoints::suspensions, SchedulingPoints::accesses}) {
      Options options{.name = "early", .policy = policy, .runs = 10, .scheduling_points = points};
      options.monitors = {monitors::never(noted("early"))};
      const Exploration result = explore(early, options);
      REQUIRE(result.finding);
      const traces::Verdict& verdict = result.finding->trace.verdict;
      CHECK_MESSAGE(verdict.kind == traces::VerdictKind::invariant, policy, ": ", verdict.message);
      CHECK(verdict.step == 0);
      CHECK(verdict.at.file == "tests/monitors/engine_test.cpp");
      CHECK(result.report().find("'never(early)' is broken: a callback: early") != std::string::npos);
    }
  }
}

TEST_CASE("monitors: the root task is spawned and finished as every other") {
  const auto scenario = [] { return notes({{"a", 1}}); };
  const auto by_the_program = spawned() && !spawned().by("main");
  CHECK(complaint(scenario, monitors::never(spawned())) == "'never(spawned)' is broken: main: spawned");
  CHECK(complaint(scenario, monitors::never(by_the_program)) == "passed");
  CHECK(complaint(scenario, monitors::never(!noted("a") && !finished() && !spawned())) == "passed");
  const auto spawns = []() -> Coro<void> {
    note("a", 1);
    const auto child = create_task(notes({{"a", 2}}), {.name = "child"});
    co_await child;
  };
  CHECK(complaint(spawns, monitors::never(by_the_program)) ==
        "'never((spawned and not spawned by main))' is broken: child: spawned");
  for (const Monitor& monitor : {monitors::precedes(spawned(), finished()).per(task()),
                                 monitors::count(finished()) <= monitors::count(spawned()),
                                 monitors::leads_to(spawned(), finished()).per(task()),
                                 monitors::precedes(spawned(), noted("a")).per(task()),
                                 monitors::leads_to(noted("a"), finished()).per(task()),
                                 monitors::happens_before(spawned().by("main"), noted("a"))})
    CHECK(complaint(spawns, monitor) == "passed");
  const auto before = [] {
    static_cast<void>(create_task(notes({}), {.name = "early"}));
    return notes({{"b", 1}});
  };
  CHECK(complaint(before, monitors::never(spawned())) == "'never(spawned)' is broken: early: spawned");
}

TEST_CASE("monitors: a broken one is found, shrunk and told alike by any number of workers") {
  Options options{.name = "critical", .policy = "random", .runs = 5'000};
  options.monitors = {monitors::exclusive(noted("enter"), noted("leave"))};
  const Exploration here = explore([] { return critical(Made::wrong); }, options);
  const std::string bytes = bytes_of(here);
  for (const std::uint32_t workers : {1U, 3U}) {
    options.workers = workers;
    const Exploration shared = explore([] { return critical(Made::wrong); }, options);
    CHECK(bytes_of(shared) == bytes);
    CHECK(shared.finding->signature == here.finding->signature);
  }
}

TEST_CASE("monitors: a broken one is shrunk to the fewest deviations") {
  Options options{.name = "connection", .policy = "random", .runs = 5'000};
  options.monitors = {monitors::precedes(noted("open"), noted("use"))};
  const Exploration result = explore([] { return connection(Made::wrong); }, options);
  REQUIRE(result.finding);
  CHECK(result.finding->minimal);
  CHECK(result.finding->deviations == 2);
}

TEST_CASE("monitors: a recorded failure is replayed, strictly and tolerantly") {
  const std::string folder = std::filesystem::temp_directory_path() / "coweave_monitors_replay";
  Options options{.name = "critical", .policy = "random", .runs = 5'000, .trace_dir = folder};
  options.monitors = {monitors::exclusive(noted("enter"), noted("leave"))};
  const Exploration found = explore([] { return critical(Made::wrong); }, options);
  REQUIRE(found.finding);
  options.replay = found.finding->trace_path;
  options.trace_dir.clear();
  for (const ReplayMode mode : {ReplayMode::strict, ReplayMode::tolerant}) {
    options.replay_mode = mode;
    const Exploration again = explore([] { return critical(Made::wrong); }, options);
    REQUIRE(again.finding);
    CHECK(again.finding->trace.verdict.message == found.finding->trace.verdict.message);
  }
  options.monitors.clear();
  options.replay_mode = ReplayMode::tolerant;
  CHECK(explore([] { return critical(Made::wrong); }, options).passed());
  std::filesystem::remove_all(folder);
}

TEST_CASE("monitors: properties are held against them, and their inputs are shrunk") {
  const auto prints = [](std::vector<int> numbers) -> Coro<void> {
    for (const int number : numbers) note("prints", number);
    co_return;
  };
  const auto large = [](const monitors::Occurrence& now) { return now.value(0)->number() > 10; };
  Options options;
  options.monitors = {monitors::never(noted("prints").where("large", large))};
  const Exploration result = property("prints", prints, options);
  REQUIRE(result.finding);
  CHECK(result.finding->trace.generated.front().arguments.front().value == "[11]");
  CHECK(result.finding->trace.verdict.kind == traces::VerdictKind::invariant);
}

TEST_CASE("monitors: of several the first that is broken is told") {
  Options options{.policy = "fifo", .runs = 1};
  options.monitors = {monitors::never(noted("b")), monitors::never(noted("a")).named("no a")};
  const Exploration result = explore([] { return notes({{"a", 1}, {"b", 2}}); }, options);
  REQUIRE(result.finding);
  CHECK(result.finding->signature == "no a: never(a)");
  CHECK(result.finding->trace.verdict.step == 1);
}

TEST_CASE("monitors: keys are judged each on its own") {
  const auto scenario = [] { return notes({{"open", 1}, {"open", 2}, {"use", 2}, {"use", 1}, {"use", 3}}); };
  CHECK(complaint(scenario, monitors::precedes(noted("open"), noted("use"))) == "passed");
  CHECK(complaint(scenario, monitors::precedes(noted("open"), noted("use")).per(value(0))) ==
        "'precedes(open, use).per(value(0))' is broken: main: use 3, with no open before it");
  CHECK(complaint(scenario, monitors::exclusive(noted("open"), noted("use")).per(value(0))) == "passed");
  CHECK(complaint(scenario, monitors::exclusive(noted("open"), noted("use"))) ==
        "'exclusive(open, use)' is broken: main: open 2, with no use since the last open");
  CHECK(
      complaint(scenario, monitors::leads_to(noted("use"), noted("open")).per(value(0))) ==
      "'leads_to(use, open).per(value(0))' is broken: no open occurred after use of 1 before the run ended");
}

TEST_CASE("monitors: any number of keys of any kind are told apart, in every run") {
  const auto scenario = [](int keys, int unknown) -> Coro<void> {
    for (int key = 0; key < keys; ++key) {
      note("open", key);
      note("open", key + 0.5);
      note("open", std::to_string(key));
    }
    co_await sleep(0s);
    for (int key = keys - 1; key >= 0; --key) {
      note("use", std::to_string(key));
      note("use", key + 0.5);
      note("use", key);
    }
    if (unknown >= 0) note("use", unknown);
  };
  const Monitor monitor = monitors::precedes(noted("open"), noted("use")).per(value(0));
  for (const int keys : {1, 2, 3, 50}) {
    Options options{.runs = 20};
    options.monitors = {monitor};
    CHECK(explore([&] { return scenario(keys, -1); }, options).passed());
    CHECK(complaint([&] { return scenario(keys, 50); }, monitor) ==
          "'precedes(open, use).per(value(0))' is broken: main: use 50, with no open before it");
  }
}

TEST_CASE("monitors: an occurrence without the key is told as such") {
  const auto scenario = [] { return notes({{"open", 1}}); };
  CHECK(complaint(scenario, monitors::precedes(noted("open"), noted("use")).per(value(1))) ==
        "'precedes(open, use).per(value(1))' is broken: main: open 1, which has no value(1) to tell it by");
  CHECK(
      complaint(scenario, monitors::precedes(!noted("use"), operation(Verb::put)).per(monitors::object())) ==
      "'precedes(not use, put).per(object())' is broken: main: spawned, which has no object() to tell it by");
}

TEST_CASE("monitors: fifo finds what is lost, doubled and overtaken, per key too") {
  const Monitor queue = monitors::fifo(noted("put"), noted("get"));
  CHECK(complaint([] { return notes({{"put", 1}, {"put", 2}, {"get", 1}}); }, queue) == "passed");
  CHECK(complaint([] { return notes({{"put", 1}, {"put", 2}, {"get", 2}}); }, queue) ==
        "'fifo(put, get)' is broken: main: get 2, though 1 was put before it");
  CHECK(complaint([] { return notes({{"put", 1}, {"get", 1}, {"get", 1}}); }, queue) ==
        "'fifo(put, get)' is broken: main: get 1, which was not put, or got before");
  const Monitor by_task = monitors::fifo(noted("put"), noted("get"), value(0)).per(task());
  CHECK(complaint([] { return notes({{"put", 1}, {"get", 1}}); }, by_task) == "passed");
  std::vector<std::pair<const char*, int>> many;
  for (int item = 0; item < 500; ++item) {
    many.emplace_back("put", item);
    if (item >= 50) many.emplace_back("get", item - 50);
  }
  CHECK(complaint([&] { return notes(many); }, queue) == "passed");
}

TEST_CASE("monitors: bounded_wait counts those who came later, until somebody gives up") {
  const auto wait = [](std::uint64_t bound) {
    return monitors::bounded_wait(noted("ask"), noted("get"), bound, value(0));
  };
  const auto twice = [] {
    return notes({{"ask", 1}, {"ask", 2}, {"get", 2}, {"ask", 2}, {"get", 2}, {"get", 1}});
  };
  CHECK(complaint(twice, wait(2)) == "passed");
  CHECK(complaint(twice, wait(1)) ==
        "'bounded_wait(ask, get, 1, value(0))' is broken: main: get 2, and so 1 is passed over 2 times");
  const auto in_order = [] { return notes({{"ask", 1}, {"ask", 2}, {"get", 1}, {"get", 2}}); };
  CHECK(complaint(in_order, wait(0)) == "passed");
  const auto gives_up = [] { return notes({{"ask", 1}, {"leave", 1}, {"ask", 2}, {"get", 2}}); };
  CHECK(complaint(gives_up, wait(0)) ==
        "'bounded_wait(ask, get, 0, value(0))' is broken: main: get 2, and so 1 is passed over once");
  CHECK(complaint(gives_up, wait(0).unless(noted("leave"))) == "passed");
}

TEST_CASE("monitors: whoever is passed over is called by name, also when its task has ended") {
  const auto scenario = []() -> Coro<void> {
    const auto asks = create_task(notes({{"ask", 1}}), {.name = "impatient"});
    co_await asks;
    note("get", 2);
  };
  CHECK(complaint(scenario, monitors::bounded_wait(noted("ask"), noted("get"), 0)) ==
        "'bounded_wait(ask, get, 0)' is broken: main: get 2, and so impatient is passed over once");
}

TEST_CASE("monitors: leads_to is judged in time, in steps, and at the end, unless it was called off") {
  const Monitor answered = monitors::leads_to(noted("ask"), noted("answer"));
  const auto late = []() -> Coro<void> {
    note("ask");
    co_await sleep(10ms);
    note("answer");
  };
  CHECK(complaint(late, answered) == "passed");
  CHECK(complaint(late, answered.within(10ms)) == "passed");
  CHECK(complaint(late, answered.within(9ms)) ==
        "'leads_to(ask, answer).within(9ms)' is broken: no answer occurred after ask within 9ms");
  CHECK(complaint(late, answered.within_steps(2)) == "passed");
  CHECK(complaint(late, answered.within_steps(1)) ==
        "'leads_to(ask, answer).within_steps(1)' is broken: no answer occurred after ask within 1 step");
  const auto called_off = [] { return notes({{"ask", 1}, {"withdraw", 1}}); };
  CHECK(complaint(called_off, answered) ==
        "'leads_to(ask, answer)' is broken: no answer occurred after ask before the run ended");
  CHECK(complaint(called_off, answered.unless(noted("withdraw"))) == "passed");
  CHECK(complaint([] { return notes({{"ask", 1}, {"answer", 1}, {"ask", 2}}); }, answered) ==
        "'leads_to(ask, answer)' is broken: no answer occurred after ask before the run ended");
}

TEST_CASE("monitors: what did not follow is told where it was called for") {
  std::uint_least32_t line_of_note = 0;
  const auto asks = [&line_of_note]() -> Coro<void> {
    note("ask");
    line_of_note = std::source_location::current().line() - 1;
    co_await sleep(5ms);
    co_await sleep(5ms);
  };
  const Monitor answered = monitors::leads_to(noted("ask"), noted("answer"));
  for (const Monitor& monitor : {answered, answered.within(5ms), answered.within_steps(1)}) {
    const Exploration result = run_once(asks, monitor);
    REQUIRE(result.finding);
    CHECK(result.finding->trace.verdict.at.line == line_of_note);
    CHECK(detail::place_of_failure(result.finding->trace).line == line_of_note);
  }
  // What was called for by nothing that occurred is told where the monitor is written.
  const Monitor once = monitors::eventually(noted("answer"));
  const std::uint_least32_t line = std::source_location::current().line() - 1;
  for (const Monitor& monitor : {once, once.within(5ms), once.within_steps(1)}) {
    const Exploration result = run_once(asks, monitor);
    REQUIRE(result.finding);
    const traces::Site at = detail::place_of_failure(result.finding->trace);
    CHECK(at.file == "tests/monitors/engine_test.cpp");
    CHECK(at.line == line);
    CHECK(result.report().find("  at tests/monitors/engine_test.cpp:" + std::to_string(line) + "\n") !=
          std::string::npos);
  }
}

TEST_CASE("monitors: time starts again when a fault was injected") {
  const auto scenario = []() -> Coro<void> {
    note("ask");
    co_await sleep(6ms);
    if (fault("slow")) co_await sleep(8ms);
    note("answer");
  };
  Options options{.policy = "dfs", .runs = 100};
  options.monitors = {monitors::leads_to(noted("ask"), noted("answer")).within(10ms),
                      monitors::eventually(noted("answer")).within(10ms)};
  const Exploration result = explore(scenario, options);
  CHECK_MESSAGE(result.passed(), result.report());
  CHECK(result.runs == 2);
  options.monitors = {monitors::leads_to(noted("ask"), noted("answer")).within(7ms)};
  CHECK_FALSE(explore(scenario, options).passed());
}

TEST_CASE("monitors: counts are compared with counts and with numbers") {
  const auto scenario = [] { return notes({{"a", 1}, {"a", 2}, {"b", 1}, {"a", 3}}); };
  CHECK(complaint(scenario, count(noted("a")) <= 3) == "passed");
  CHECK(complaint(scenario, count(noted("a")) < 3) ==
        "'count(a) < 3' is broken: main: a 3, after which count(a) is 3");
  CHECK(complaint(scenario, count(noted("a")) <= count(noted("b")) + 2) == "passed");
  CHECK(complaint(scenario, count(noted("b")) + 1 >= count(noted("a"))) ==
        "'count(b) + 1 >= count(a)' is broken: main: a 2, after which count(a) is 2 and count(b) is 0");
  CHECK(complaint(scenario, count(noted("b")) > count(noted("a")) - 2) ==
        "'count(b) > count(a) - 2' is broken: main: a 2, after which count(a) is 2 and count(b) is 0");
}

TEST_CASE("monitors: what a callback does is told as a callback's") {
  const auto scenario = []() -> Coro<void> {
    call_soon([] { note("rings"); });
    co_await sleep(0s);
  };
  CHECK(complaint(scenario, monitors::never(noted("rings"))) ==
        "'never(rings)' is broken: a callback: rings");
}

TEST_CASE("monitors: it is told in every run which patterns occur, because not all may count") {
  class Listener final : public detail::PatternListener {
   public:
    void occurred(std::size_t pattern) override { ++times.at(pattern); }
    std::array<int, 4> times{};
  };
  sim::Simulation simulation(Options{}.settings());
  const std::vector<Monitor> held{monitors::precedes(noted("begin"), noted("end")),
                                  monitors::precedes(noted("end").where(7), noted("edn"))};
  detail::MonitorWitness witness(held, {});
  witness.watch(simulation);
  Listener listener;
  detail::pattern_listener = &listener;
  sim::Fifo policy;
  for (const int number : {1, 7, 1, 7, 7}) {
    REQUIRE_FALSE(simulation.run(
        [number]() -> Coro<void> {
          note("begin");
          note("begin");
          note("end", number);
          co_return;
        },
        policy));
  }
  detail::pattern_listener = nullptr;
  CHECK(listener.times == std::array{5, 5, 3, 0});
}
