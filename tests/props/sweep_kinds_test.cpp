/// Sweeps over time-outs, exceptions and allocations.

#include <coweave/coweave.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;
using traces::VerdictKind;

namespace {

constexpr std::uint32_t line_of_first_point = __LINE__ + 9;

struct IoError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Writes a record and then says that it is there; the index must never say more than the disk has.
Coro<void> append(int& disk, int& index, bool is_careful) {
  for (int record = 0; record < 3; ++record) {
    throw_point("power fails");
    if (!is_careful) ++index;
    co_await sleep(1ms);
    throw_point<IoError>("disk full");
    ++disk;
    if (is_careful) ++index;
  }
}

Coro<void> append_all(bool is_careful) {
  int disk = 0;
  int index = 0;
  try {
    co_await append(disk, index, is_careful);
  } catch (const IoError&) {
    COWEAVE_REQUIRE(index == disk);
    throw;
  } catch (const InjectedFault&) {
    COWEAVE_REQUIRE(index == disk);
  }
}

/// Takes a connection out of the pool and hands it out; one that is taken when the time is up must go back.
Coro<void> fetch(int& pool, bool gives_back) {
  --pool;
  try {
    co_await sleep(10ms);
    co_await sleep(10ms);
  } catch (const CancelledError&) {
    if (gives_back) ++pool;
    throw;
  }
  ++pool;
}

Coro<void> fetch_in_time(bool gives_back) {
  int pool = 1;
  try {
    co_await timeout(1h, fetch(pool, gives_back));
  } catch (const TimeoutError&) {
    COWEAVE_REQUIRE(Loop::current().time() == 1h);
  }
  COWEAVE_REQUIRE(pool == 1);
}

/// Writes into a log, in a coroutine of its own, with the lock held.
Coro<void> write(std::vector<int>& log, int line) {
  co_await sleep(1ms);
  log.push_back(line);
}

Coro<void> log_one(Lock& lock, std::vector<int>& log, int line, bool has_guard) {
  if (has_guard) {
    const auto guard = co_await lock.scoped();
    co_await write(log, line);
  } else {
    co_await lock.acquire();
    co_await write(log, line);
    lock.release();
  }
}

Coro<void> log_all(bool has_guard) {
  Lock lock("log");
  std::vector<int> log;
  co_await TaskGroup::run([&](TaskGroup& group) -> Coro<void> {
    for (int line = 0; line < 2; ++line)
      group.create_task(log_one(lock, log, line, has_guard), {.name = "writer"});
    co_return;
  });
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::set<VerdictKind> kinds(const Sweep& result) {
  std::set<VerdictKind> found;
  for (const Exploration& failure : result.failures) found.insert(failure.finding->trace.verdict.kind);
  return found;
}

/// Each failure has a trace that replays to the same bytes.
void check_replays(const sim::Scenario& scenario, const Sweep& result) {
  for (const Exploration& failure : result.failures) {
    const Exploration again = replay(scenario, failure.finding->trace);
    REQUIRE(again.finding);
    CHECK(traces::write_trace(again.finding->trace) == traces::write_trace(failure.finding->trace));
    const Exploration tolerant = replay(scenario, failure.finding->trace, ReplayMode::tolerant);
    REQUIRE(tolerant.finding);
    CHECK(tolerant.finding->trace.verdict == failure.finding->trace.verdict);
    CHECK(tolerant.notes.empty());
  }
}

}  // namespace

TEST_CASE("sweep: an exception comes at each visit of each point, once") {
  const Sweep careful = sweep([] { return append_all(true); }, exceptions, {.name = "append"});
  CHECK_MESSAGE(careful.passed(), careful.report());
  CHECK(careful.entries.size() == 6);
  CHECK(careful.runs == 7);
  REQUIRE(careful.places.size() == 6);
  CHECK(careful.places[0].what == "power fails");
  CHECK(careful.places[0].at.line == line_of_first_point);
  CHECK(careful.places[5].what == "disk full");
  CHECK(careful.places[5].name == "main");

  const auto careless = [] { return append_all(false); };
  const Sweep result = sweep(careless, exceptions, {.name = "append"});
  CHECK(result.failures.size() == 1);
  for (const SweepEntry& entry : result.entries)
    CHECK(entry.failure.has_value() == (result.places[entry.place].what == "disk full"));
  CHECK(contains(result.table(), "disk full (3 times)"));
  check_replays(careless, result);

  const Sweep one = sweep(careless, exceptions, {.name = "append", .fault_labels = {"power fails"}});
  CHECK(one.passed());
  CHECK(one.runs == 4);
  const Sweep misspelt =
      sweep(careless, exceptions, {.name = "append", .fault_labels = {"power fails", "power fail"}});
  CHECK(contains(misspelt.report(), "  never seen: fault 'power fail', which fault_labels names\n"));
}

TEST_CASE("sweep: an exception that is not the injected one is a failure") {
  auto swallows = []() -> Coro<void> {
    try {
      throw_point("lost");
      co_await sleep(1ms);
    } catch (const InjectedFault&) {
      throw std::logic_error("something else");
    }
  };
  const Sweep result = sweep(swallows, exceptions, {.name = "swallows"});
  CHECK(kinds(result) == std::set<VerdictKind>{VerdictKind::exception});
  auto own = []() -> Coro<void> {
    co_await sleep(1ms);
    if (fault("own")) throw std::runtime_error("the scenario has to expect it");
  };
  CHECK(kinds(sweep(own, exceptions, {.name = "own"})) == std::set<VerdictKind>{VerdictKind::exception});
}

TEST_CASE("sweep: the time is up at each await") {
  const Sweep careful = sweep([] { return fetch_in_time(true); }, timeouts, {.name = "fetch"});
  CHECK_MESSAGE(careful.passed(), careful.report());
  const auto careless = [] { return fetch_in_time(false); };
  const Sweep result = sweep(careless, timeouts, {.name = "fetch"});
  REQUIRE(result.failures.size() == 1);
  CHECK(contains(result.report(), "let a time run out"));
  CHECK(contains(result.report(), "its time is up, injected"));
  std::set<std::pair<std::uint64_t, SweepWindow>> failed;
  for (const SweepEntry& entry : result.entries) {
    CHECK(result.places[entry.place].what == "sleep, time-out #1 of 'main'");
    if (entry.failure) failed.insert({result.places[entry.place].visit, entry.window});
  }
  // Of the first sleep the time-out comes first, or when the second has begun; at the end of the second the
  // task is already on its way.
  CHECK(failed.contains({2, SweepWindow::waiting}));
  CHECK(failed.contains({3, SweepWindow::waiting}));
  CHECK(!failed.contains({3, SweepWindow::woken}));
  check_replays(careless, result);
}

TEST_CASE("sweep: several time-outs are swept one by one") {
  auto nested = []() -> Coro<void> {
    auto inner = []() -> Coro<void> { co_await sleep(10ms); };
    auto outer = [&]() -> Coro<void> { co_await wait_for(inner(), 1s); };
    co_await timeout(1min, outer());
  };
  const Sweep result = sweep(nested, timeouts, {.name = "nested"});
  CHECK_MESSAGE(result.passed(), result.report());
  std::set<std::string> what;
  for (const SweepPlace& place : result.places) what.insert(place.what);
  CHECK(what == std::set<std::string>{"sleep, time-out #1 of 'main'", "sleep, time-out #2 of 'main'"});
}

TEST_CASE("sweep: memory is short at each allocation of the layer") {
  const Sweep guarded = sweep([] { return log_all(true); }, allocations, {.name = "log"});
  CHECK_MESSAGE(guarded.passed(), guarded.report());
  CHECK(guarded.entries.size() >= 6);
  CHECK(guarded.runs == guarded.entries.size() + 1);
  const auto unguarded = [] { return log_all(false); };
  const Sweep result = sweep(unguarded, allocations, {.name = "log"});
  CHECK(kinds(result) == std::set<VerdictKind>{VerdictKind::still_held});
  CHECK(contains(result.report(), "acquired Lock 'log' and never released it"));
  check_replays(unguarded, result);
}

TEST_CASE("sweep: allocations are counted whatever was recycled before") {
  const auto count = [] { return sweep([] { return log_all(true); }, allocations, {.name = "log"}).runs; };
  const std::uint64_t first = count();
  // Frames of all sizes come back into the lists.
  CHECK(explore([] { return log_all(true); }, {.name = "log", .runs = 100}).passed());
  CHECK(count() == first);
}

TEST_CASE("sweep: each call of a coroutine is an allocation, also if memory comes back in between") {
  const auto places_of = [](int calls) {
    auto child = []() -> Coro<void> { co_return; };
    auto scenario = [&]() -> Coro<void> {
      for (int call = 0; call < calls; ++call) co_await child();
    };
    const Sweep result = sweep(scenario, allocations, {.name = "calls"});
    CHECK_MESSAGE(result.passed(), result.report());
    return result.places.size();
  };
  CHECK(places_of(1) == 1);
  CHECK(places_of(7) == 7);
  std::size_t in_new_thread = 0;  // which has never recycled anything
  std::thread([&] { in_new_thread = places_of(7); }).join();
  CHECK(in_new_thread == 7);
}

TEST_CASE("sweep: coroutines that go because the next one has no memory were not forgotten") {
  auto child = []() -> Coro<void> { co_return; };
  auto both = [](Coro<void> one, Coro<void> two) -> Coro<void> {
    co_await std::move(one);
    co_await std::move(two);
  };
  auto scenario = [&]() -> Coro<void> { co_await both(child(), child()); };
  const Sweep result = sweep(scenario, allocations, {.name = "both"});
  CHECK_MESSAGE(result.passed(), result.report());
  CHECK(result.places.size() == 3);
}

TEST_CASE("sweep: the time of wait can be up too") {
  auto scenario = []() -> Coro<void> {
    auto child = []() -> Coro<void> { co_await sleep(1ms); };
    const std::vector<Task<>> tasks{create_task(child()), create_task(child())};
    const std::vector<AnyFuture> all(tasks.begin(), tasks.end());
    static_cast<void>(co_await wait(all, {.timeout = 1s}));
    for (const Task<>& task : tasks) co_await task;
  };
  const Sweep result = sweep(scenario, timeouts, {.name = "wait"});
  CHECK_MESSAGE(result.passed(), result.report());
  CHECK(result.entries.size() >= 4);
}

TEST_CASE("sweep: want of memory that is caught and turned into another error is told") {
  auto child = []() -> Coro<int> { co_return 1; };
  auto scenario = [&]() -> Coro<void> {
    try {
      static_cast<void>(co_await child());
    } catch (const std::bad_alloc&) {
      throw std::runtime_error("cannot go on");
    }
  };
  const Sweep result = sweep(scenario, allocations, {.name = "another error"});
  CHECK(kinds(result) == std::set<VerdictKind>{VerdictKind::exception});
}

TEST_CASE("sweep: where there is nothing to sweep it says so") {
  auto idle = []() -> Coro<void> { co_await sleep(1ms); };
  CHECK(contains(sweep(idle, timeouts, {.name = "idle"}).report(), "no time-out was pending at any await"));
  CHECK(contains(sweep(idle, exceptions, {.name = "idle"}).report(), "the scenario came by no fault point"));
  CHECK(contains(sweep(idle, allocations, {.name = "idle"}).report(), "the scenario needed no memory"));
}
