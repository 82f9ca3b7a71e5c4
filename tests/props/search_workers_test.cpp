#include <coweave/bench/power/traced_programs.hpp>
#include <coweave/coweave.hpp>
#include <coweave/sim/search/preemptions.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

using namespace coweave;
using namespace coweave::traced;
using namespace std::chrono_literals;
using traces::VerdictKind;

namespace {

/// What happens if the values that `tasks` tasks read and then add one to come to `wrong`.
enum class Wrong { assertion, signal, no_word };

/// Each task adds its number to what it has read, and looks at what comes of it.
sim::Scenario sums(int tasks, int wrong, Wrong what) {
  auto body = [](Memory& memory, int task, int wrong_sum, Wrong happens) -> Coro<void> {
    const int before = co_await memory[0].read();
    co_await memory[0].write(before * 3 + task);
    if (before * 3 + task != wrong_sum) co_return;
    if (happens == Wrong::signal) std::raise(SIGSEGV);
    if (happens == Wrong::no_word) _exit(3);
    COWEAVE_REQUIRE(before * 3 + task != wrong_sum);
  };
  return [=]() -> Coro<void> {
    Memory memory(1);
    std::vector<Task<>> all;
    for (int task = 0; task < tasks; ++task) all.push_back(create_task(body(memory, task, wrong, what)));
    for (Task<>& task : all) co_await task;
  };
}

constexpr int never = -1;
/// With four tasks: 3, 2, 1, 0 one after the other.
constexpr int backwards = (3 * 3 + 2) * 9 + 3;

Options with(const char* policy, std::uint64_t runs = 1'000'000) {
  return {.name = "sums", .policy = policy, .runs = runs, .scheduling_points = SchedulingPoints::accesses};
}

/// The same without workers (`here`) and with any number of them; returns what it was.
Exploration check_same(const sim::Scenario& scenario, Options options, bool here = true) {
  options.workers = here ? 0 : 1;
  const Exploration alone = explore(scenario, options);
  Coverage coverage = alone.coverage;
  coverage.runs_log10.reset();  // with workers nobody sees the whole tree
  for (const std::uint32_t workers : {1U, 2U, 3U, 5U}) {
    INFO(options.policy, ", ", workers, " workers");
    options.workers = workers;
    const Exploration shared = explore(scenario, options);
    CHECK(shared.runs == alone.runs);
    CHECK(shared.steps == alone.steps);
    CHECK(shared.exhausted == alone.exhausted);
    CHECK(shared.coverage == coverage);
    CHECK(shared.notes == alone.notes);
    REQUIRE(shared.finding.has_value() == alone.finding.has_value());
    if (!alone.finding) continue;
    CHECK(shared.finding->run == alone.finding->run);
    CHECK(shared.finding->trace == alone.finding->trace);
  }
  return alone;
}

constexpr const char* policies[] = {"dpor", "preempt:3", "delay-bound:3"};

}  // namespace

TEST_CASE("workers: any number of them exhausts a search in the same runs") {
  for (const char* policy : policies) {
    const Exploration result = check_same(sums(4, never, Wrong::assertion), with(policy));
    CHECK(result.passed());
    CHECK(result.runs > 400);  // more than one piece
    CHECK(result.exhausted);
  }
}

TEST_CASE("workers: what a search has no room for does not depend on them") {
  const sim::Scenario scenario = sums(4, never, Wrong::assertion);
  Options options = with("preempt:3");
  const auto explored = [&](std::uint32_t workers, std::size_t room) {
    options.workers = workers;
    return detail::search(scenario, options, std::make_unique<sim::Preemptions>(3, room));
  };
  const Exploration roomy = explored(0, sim::KeptRuns::bytes_max);
  const Exploration narrow = explored(0, 50'000);
  CHECK(roomy.exhausted);
  CHECK(roomy.whole == "every schedule with at most 3 preemptions");
  CHECK(!narrow.exhausted);
  CHECK(narrow.runs < roomy.runs);
  CHECK(narrow.runs > 256);  // more than one piece
  const std::vector<std::string> notes{
      "the search came to its end, but left something out",
      "there was no room to keep more for later: of the schedules with more than 1 preemption only some were "
      "tried",
      "schedules with more than 3 preemptions were not tried"};
  CHECK(narrow.notes == notes);
  for (const std::uint32_t workers : {1U, 2U, 5U}) {
    const Exploration shared = explored(workers, 50'000);
    CHECK(shared.runs == narrow.runs);
    CHECK(shared.steps == narrow.steps);
    CHECK(!shared.exhausted);
    CHECK(shared.notes == narrow.notes);
  }
}

TEST_CASE("workers: the bound on runs ends a search in the same run") {
  for (const char* policy : policies) {
    for (const std::uint64_t runs : {1U, 256U, 257U, 400U}) {
      const Exploration result = check_same(sums(4, never, Wrong::assertion), with(policy, runs));
      CHECK(result.runs == runs);
      CHECK(!result.exhausted);
    }
  }
}

TEST_CASE("workers: a search finds the same failure first, early or late") {
  for (const char* policy : policies) {
    const Exploration early = check_same(sums(4, 3, Wrong::assertion), with(policy));
    REQUIRE(early.finding);
    CHECK(early.runs <= 256);
  }
  const Exploration late = check_same(sums(4, backwards, Wrong::assertion), with("dpor"));
  REQUIRE(late.finding);
  CHECK(late.runs > 256);
}

TEST_CASE("workers: a search that ends a process leaves the same trace") {
  for (const Wrong what : {Wrong::signal, Wrong::no_word}) {
    Options options = with("dpor");
    options.shrink_time_max = 0s;
    const Exploration crash = check_same(sums(4, backwards, what), options, false);
    REQUIRE(crash.finding);
    CHECK(crash.runs > 256);
    CHECK(crash.finding->trace.verdict.kind == VerdictKind::crash);
    CHECK(!crash.finding->trace.choices.empty());
    const Exploration failure = check_same(sums(4, backwards, Wrong::assertion), with("dpor"));
    CHECK(crash.runs == failure.runs);
  }
}
