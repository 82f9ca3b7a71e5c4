#include <coweave/coweave.hpp>
#include <coweave/tests/approve.hpp>
#include <coweave/tests/folder.hpp>
#include <coweave/traces/read.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;
using tests::Folder;
using traces::VerdictKind;

namespace {

/// A transfer that holds a lock while it waits, and does not see to it that it gives it back.
Coro<void> transfer(Lock& lock, int& balance) {
  co_await lock.acquire();
  const int before = balance;
  co_await sleep(1ms);
  balance = before + 1;
  lock.release();
}

Coro<void> transfers() {
  Lock lock("bank");
  int balance = 0;
  const Task<> one = create_task(transfer(lock, balance), {.name = "one"});
  const Task<> two = create_task(transfer(lock, balance), {.name = "two"});
  sim::may_cancel(one);
  sim::may_cancel(two);
  const std::vector<AnyFuture> all{one, two};
  co_await wait(all);
}

/// The same with a guard.
Coro<void> guarded_transfer(Lock& lock, int& balance) {
  const auto guard = co_await lock.scoped();
  const int before = balance;
  co_await sleep(1ms);
  balance = before + 1;
}

Coro<void> guarded_transfers() {
  Lock lock("bank");
  int balance = 0;
  const Task<> one = create_task(guarded_transfer(lock, balance), {.name = "one"});
  const Task<> two = create_task(guarded_transfer(lock, balance), {.name = "two"});
  sim::may_cancel(one);
  sim::may_cancel(two);
  const std::vector<AnyFuture> all{one, two};
  co_await wait(all);
}

const SweepEntry& entry(const Sweep& result, const std::string& name, const std::string& what,
                        SweepWindow window) {
  const auto found = std::find_if(result.entries.begin(), result.entries.end(), [&](const SweepEntry& each) {
    const SweepPlace& place = result.places[each.place];
    return place.name == name && place.what == what && each.window == window;
  });
  REQUIRE_MESSAGE(found != result.entries.end(), name << ", " << what << ", " << to_string(window));
  return *found;
}

bool fails(const Sweep& result, const std::string& name, const std::string& what, SweepWindow window) {
  return entry(result, name, what, window).failure.has_value();
}

std::set<std::string> places(const Sweep& result) {
  std::set<std::string> names;
  for (const SweepPlace& place : result.places) names.insert(place.name + ": " + place.what);
  return names;
}

/// `report` without the commands of this process, which depend on how the tests are run.
std::string without_commands(std::string report) {
  for (std::size_t line = report.find("  COWEAVE_"); line != std::string::npos;
       line = report.find("  COWEAVE_", line + 1)) {
    const std::size_t end = report.find('\n', line);
    report.replace(line, end - line, "  <command>");
  }
  return report;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// What the task that waits sees where a cancellation comes: whether it was woken, and the time.
struct Seen {
  bool woken;
  std::int64_t time_ms;
  std::string told_by;  ///< who ran last before it
};

}  // namespace

TEST_CASE("sweep: tells for each await and window what broke") {
  const Sweep result = sweep(transfers, cancellation, {.name = "transfers"});
  CHECK(!result.passed());
  CHECK(tests::compare_with_approved("props/approved/sweep_transfers.txt",
                                     without_commands(result.report())) == "");
  CHECK(fails(result, "one", "sleep", SweepWindow::waiting));
  CHECK(fails(result, "two", "sleep", SweepWindow::woken));
  CHECK(!fails(result, "two", "acquire Lock 'bank'", SweepWindow::before));
  CHECK(!fails(result, "one", "start", SweepWindow::after));
}

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

TEST_CASE("sweep: the trace of each failure replays, by itself and from the environment's file") {
  const Folder folder;
  const Sweep result = sweep(transfers, cancellation, {.name = "transfers", .trace_dir = folder.path()});
  REQUIRE(result.failures.size() == 2);
  CHECK(contains(result.failures[0].finding->trace_path, "transfers.json"));
  CHECK(contains(result.failures[1].finding->trace_path, "transfers.B.json"));
  for (const Exploration& failure : result.failures) {
    const traces::Trace& trace = failure.finding->trace;
    const Exploration again = replay(transfers, trace);
    REQUIRE(again.finding);
    CHECK(traces::write_trace(again.finding->trace) == traces::write_trace(trace));
    const Exploration tolerant = replay(transfers, trace, ReplayMode::tolerant);
    REQUIRE(tolerant.finding);
    CHECK(tolerant.finding->trace.verdict == trace.verdict);
    CHECK(tolerant.notes.empty());
    const traces::ReadResult read = traces::read_trace(traces::write_trace(trace));
    REQUIRE_MESSAGE(read.trace, traces::to_string(read.error));
    CHECK(*read.trace == trace);
    const Sweep replayed =
        sweep(transfers, cancellation, {.name = "transfers", .replay = failure.finding->trace_path});
    CHECK(replayed.replayed);
    CHECK(replayed.runs == 1);
    CHECK(!replayed.passed());
    CHECK(contains(replayed.report(), "as the recorded schedule was replayed"));
  }
  const Sweep fixed = sweep(guarded_transfers, cancellation,
                            {.name = "transfers",
                             .replay = result.failures[0].finding->trace_path,
                             .replay_mode = ReplayMode::tolerant});
  CHECK_MESSAGE(fixed.passed(), fixed.report());
  CHECK(contains(fixed.report(), "passed: transfers: the recorded schedule no longer fails"));
  CHECK_THROWS_WITH_AS(
      static_cast<void>(sweep(transfers, cancellation,
                              {.name = "transfers",
                               .replay = result.failures[0].finding->trace_path,
                               .replay_mode = ReplayMode::continuing})),
      "the trace of 'transfers' is of a sweep, which draws nothing: there is nothing to go on "
      "with. Replay it strictly or tolerantly",
      std::invalid_argument);
}

TEST_CASE("sweep: what is found is added to the corpus, and replayed first from then on") {
  const Folder corpus;
  const Sweep found = sweep(transfers, cancellation, {.name = "transfers", .corpus = corpus.path()});
  REQUIRE(found.failures.size() == 2);
  CHECK(found.failures[0].finding->trace_path == (corpus / "transfers.json"));
  CHECK(found.failures[1].finding->trace_path == (corpus / "transfers-2.json"));
  const Sweep again = sweep(transfers, cancellation, {.name = "transfers", .corpus = corpus.path()});
  CHECK(again.replayed);
  CHECK(again.runs == 1);
  REQUIRE(again.failures.size() == 1);
  CHECK(again.failures[0].recorded == (corpus / "transfers-2.json"));  // the first by name
  const Sweep mended = sweep(guarded_transfers, cancellation, {.name = "transfers", .corpus = corpus.path()});
  CHECK_MESSAGE(mended.passed(), mended.report());
  CHECK(contains(mended.report(), "note: 2 traces of the corpus replayed first"));
}

TEST_CASE("sweep: does the same each time") {
  const Sweep one = sweep(transfers, cancellation, {.name = "transfers"});
  const Sweep two = sweep(transfers, cancellation, {.name = "transfers"});
  CHECK(one.report() == two.report());
  CHECK(one.runs == two.runs);
  CHECK(one.steps == two.steps);
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

TEST_CASE("sweep: what fails without any injection is told as that") {
  auto broken = []() -> Coro<void> {
    co_await sleep(1ms);
    COWEAVE_REQUIRE(1 + 1 == 3);
  };
  const Sweep result = sweep(broken, cancellation, {.name = "broken"});
  CHECK(result.unprovoked == std::vector<std::size_t>{0});
  CHECK(result.entries.empty());
  CHECK(contains(result.report(), "A  assertion, without any injection at "));
}

TEST_CASE("sweep: a permit and an item that are not given back are told") {
  auto permits = []() -> Coro<void> {
    Semaphore semaphore(2, "pool");
    auto user = [](Semaphore& pool) -> Coro<void> {
      co_await pool.acquire();
      co_await sleep(1ms);
      pool.release();
    };
    const Task<> task = create_task(user(semaphore), {.name = "user"});
    sim::may_cancel(task);
    const std::vector<AnyFuture> all{task};
    co_await wait(all);
  };
  const Sweep of_permits = sweep(permits, cancellation, {.name = "permits"});
  REQUIRE(of_permits.failures.size() == 1);
  CHECK(of_permits.failures[0].finding->trace.verdict.message ==
        "'user' acquired Semaphore 'pool' and never released it");
  CHECK(sweep(permits, cancellation, {.name = "permits", .may_be_held = {"Semaphore"}}).passed());
  CHECK(sweep(permits, cancellation, {.name = "permits", .may_be_held = {"Semaphore 'pool'"}}).passed());
  CHECK(!sweep(permits, cancellation, {.name = "permits", .may_be_held = {"Semaphore 'pond'"}}).passed());

  auto items = []() -> Coro<void> {
    Queue<int> queue(0, "jobs");
    queue.put_nowait(1);
    auto consumer = [](Queue<int>& jobs) -> Coro<void> {
      static_cast<void>(co_await jobs.get());
      co_await sleep(1ms);
      jobs.task_done();
    };
    const Task<> task = create_task(consumer(queue), {.name = "consumer"});
    sim::may_cancel(task);
    const std::vector<AnyFuture> all{task};
    co_await wait(all);
  };
  const Sweep of_items = sweep(items, cancellation, {.name = "items"});
  REQUIRE(of_items.failures.size() == 1);
  CHECK(of_items.failures[0].finding->trace.verdict.message ==
        "'consumer' got an item from Queue 'jobs' and never called task_done()");
}

TEST_CASE("sweep: a queue that nobody tells of items that are done is left alone, and the others are not") {
  auto pipeline = []() -> Coro<void> {
    Queue<int> jobs(0, "jobs");
    Queue<int> results(0, "results");
    auto worker = [&]() -> Coro<void> {
      const int job = co_await jobs.get();
      co_await results.put(job);
      co_await sleep(1ms);
      jobs.task_done();
    };
    auto reader = [&]() -> Coro<void> { static_cast<void>(co_await results.get()); };
    const Task<> works = create_task(worker(), {.name = "worker"});
    const Task<> reads = create_task(reader(), {.name = "reader"});
    sim::may_cancel(works);
    sim::may_cancel(reads);
    jobs.put_nowait(1);
    co_await sleep(5ms);
    reads.cancel();
    const std::vector<AnyFuture> all{works, reads};
    co_await wait(all);
  };
  const Sweep result = sweep(pipeline, cancellation, {.name = "pipeline"});
  REQUIRE(result.failures.size() == 1);
  CHECK(result.notes.empty());
  CHECK(result.failures[0].finding->trace.verdict.message ==
        "'worker' got an item from Queue 'jobs' and never called task_done()");
  const Exploration again = replay(pipeline, result.failures[0].finding->trace);
  REQUIRE(again.finding);
  CHECK(again.finding->trace == result.failures[0].finding->trace);
}

TEST_CASE("sweep: what a program holds anyway is not asked for") {
  auto budget = []() -> Coro<void> {
    Semaphore semaphore(10, "budget");
    auto user = [](Semaphore& pool) -> Coro<void> {
      co_await pool.acquire();  // used up for good
      co_await sleep(1ms);
    };
    const Task<> task = create_task(user(semaphore), {.name = "user"});
    sim::may_cancel(task);
    const std::vector<AnyFuture> all{task};
    co_await wait(all);
  };
  const Sweep result = sweep(budget, cancellation, {.name = "budget"});
  CHECK_MESSAGE(result.passed(), result.report());
  CHECK(contains(result.report(), "note: Semaphore 'budget' is held at the end without any injection"));
}

TEST_CASE("sweep: a semaphore that is a signal holds nothing") {
  auto signals = []() -> Coro<void> {
    Semaphore ready(0, "ready");
    auto consumer = [&]() -> Coro<void> {
      co_await sleep(1ms);
      co_await ready.acquire();
    };
    const Task<> task = create_task(consumer(), {.name = "consumer"});
    sim::may_cancel(task);
    ready.release();
    const std::vector<AnyFuture> all{task};
    co_await wait(all);
  };
  const Sweep result = sweep(signals, cancellation, {.name = "signals"});
  CHECK_MESSAGE(result.passed(), result.report());
  CHECK(result.notes.empty());
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

TEST_CASE("sweep: a scenario that is another each time is told as that") {
  int run = 0;
  auto scenario = [&]() -> Coro<void> {
    const int rounds = ++run % 5;
    auto child = []() -> Coro<void> { co_await sleep(0s); };
    for (int round = 0; round < rounds; ++round) co_await create_task(child());
  };
  const Sweep result = sweep(scenario, cancellation, {.name = "another"});
  REQUIRE(!result.passed());
  CHECK(result.failures.back().finding->trace.verdict.kind == VerdictKind::nondeterminism);
}

TEST_CASE("sweep: a scenario that becomes another before the injection is told as that") {
  int run = 0;
  auto scenario = [&]() -> Coro<void> {
    const int children = ++run < 3 ? 1 : 2;  // the first run is done twice
    auto child = []() -> Coro<void> { co_await sleep(1ms); };
    std::vector<AnyFuture> all;
    for (int number = 0; number < children; ++number) all.push_back(create_task(child()));
    co_await wait(all);
  };
  const Sweep result = sweep(scenario, cancellation, {.name = "becomes another"});
  REQUIRE(result.failures.size() == 1);
  const traces::Verdict& verdict = result.failures[0].finding->trace.verdict;
  CHECK(verdict.kind == VerdictKind::nondeterminism);
  CHECK(contains(verdict.message, "another beginning than the one without an injection"));
}

TEST_CASE("sweep: options that make no sense are refused") {
  const auto refused = [](const sim::Scenario& scenario, SweepKind kind, const SweepOptions& options) {
    try {
      static_cast<void>(sweep(scenario, kind, options));
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("taken");
  };
  CHECK(refused({}, cancellation, {}) == "sweep() needs a scenario: a callable that returns Coro<void>");
  CHECK(refused(transfers, SweepKind::none, {}) ==
        "sweep() needs something to sweep over: cancellation, timeouts, exceptions or allocations");
  CHECK(refused(transfers, cancellation, {.orders = 0}) == "sweep() needs at least one order");
  CHECK(refused(transfers, cancellation, {.policy = "random", .deviations_max = 1}) ==
        "sweep() takes either deviations_max or other orders, not both");
  CHECK(refused(transfers, cancellation, {.may_be_held = {"lock"}}) ==
        "may_be_held takes Lock, Semaphore and Queue, alone or with a name as in \"Lock 'door'\", and not "
        "\"lock\"");
  CHECK(refused(transfers, cancellation, {.steps_max = 0}) ==
        "sweep() needs bounds of at least 1 on steps and tasks");
  CHECK(contains(refused(transfers, cancellation, {.policy = "nonsense"}), "nonsense"));
}

TEST_CASE("sweep: the bound on wall time ends it") {
  const Sweep result = sweep(transfers, cancellation, {.name = "transfers", .wall_time_max = 1ns});
  CHECK(result.runs == 1);
  CHECK(contains(result.report(), "note: stopped at the bound on wall time, 1ns"));
}
