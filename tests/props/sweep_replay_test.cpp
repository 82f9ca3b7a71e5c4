/// What a sweep finds is found again: each time, from a trace, from the corpus. A scenario that is another
/// each time is told as that.

#include <coweave/tests/folder.hpp>
#include <coweave/tests/props/sweep_programs.hpp>
#include <coweave/traces/read.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;
using traces::VerdictKind;

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
