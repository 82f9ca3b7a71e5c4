/// What the examples promise: each bug is found from any seed within its budget, shrunk to the smallest
/// schedule, and told in a trace that replays to the same bytes in every build; each fix survives.

#include <coweave/examples/example.hpp>
#include <coweave/sim/search/bounded_search.hpp>
#include <coweave/sim/simulation.hpp>
#include <coweave/tests/approve.hpp>
#include <coweave/traces/file.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <set>
#include <string>

using namespace coweave;
using namespace std::chrono_literals;
using examples::Example;

namespace {

constexpr std::uint64_t seeds = 20;
constexpr std::uint64_t runs_of_a_fix = 100'000;

std::string corpus_path(const Example& example) {
  return std::string("traces/corpus/") + example.name + ".json";
}

traces::Trace corpus_trace(const Example& example) {
  const traces::ReadResult read =
      traces::read_trace_file(std::filesystem::path(COWEAVE_SOURCE_DIR) / corpus_path(example));
  REQUIRE_MESSAGE(read, traces::to_string(read.error));
  return *read.trace;
}

}  // namespace

TEST_CASE("examples: each bug is found from any of 20 seeds within its budget, and shrunk to the smallest") {
  for (const Example& example : examples::all()) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      CAPTURE(example.name);
      CAPTURE(seed);
      Options options = examples::options(example);
      options.seed = seed;
      const Exploration result = explore(example.buggy, options);
      REQUIRE(result.finding);
      CHECK(result.finding->run <= example.runs);
      CHECK(result.finding->trace.verdict.kind == example.kind);
      CHECK(result.finding->deviations == example.deviations);
      CHECK(result.finding->minimal);
    }
  }
}

TEST_CASE("examples: no schedule with fewer deviations fails, and one with so many does") {
  for (const Example& example : examples::all()) {
    CAPTURE(example.name);
    sim::Simulation simulation(examples::options(example).settings());
    const sim::Scenario scenario = example.buggy;
    const auto failures = [&](std::size_t deviations) {
      sim::BoundedSearch every(deviations);
      std::uint64_t count = 0;
      for (std::uint64_t run = 1; every.begin_run(run); ++run) {
        if (simulation.run(scenario, every)) ++count;
      }
      return count;
    };
    REQUIRE(example.deviations > 0);
    CHECK(failures(example.deviations - 1) == 0);
    CHECK(failures(example.deviations) > 0);
  }
}

TEST_CASE("examples: each fix survives 100,000 runs") {
  for (const Example& example : examples::all()) {
    CAPTURE(example.name);
    Options options = examples::options(example);
    options.runs = runs_of_a_fix;
    const Exploration result = explore(example.fixed, options);
    CHECK_MESSAGE(result.passed(), result.report());
    CHECK(result.runs == runs_of_a_fix);
  }
}

TEST_CASE("examples: each fix survives every schedule with one deviation more than the bug needs") {
  for (const Example& example : examples::all()) {
    CAPTURE(example.name);
    sim::Simulation simulation(examples::options(example).settings());
    const sim::Scenario scenario = example.fixed;
    sim::BoundedSearch every(example.deviations + 1);
    std::uint64_t runs = 0;
    for (; every.begin_run(runs + 1); ++runs) REQUIRE(simulation.run(scenario, every) == nullptr);
    CHECK(runs > 1);
  }
}

TEST_CASE("corpus: each example is recorded to the same bytes") {
  for (const Example& example : examples::all()) {
    CAPTURE(example.name);
    const Exploration result = explore(example.buggy, examples::options(example));
    REQUIRE(result.finding);
    CHECK(tests::compare_with_approved("../" + corpus_path(example),
                                       traces::write_trace(result.finding->trace)) == "");
  }
}

TEST_CASE("corpus: each trace replays to the same bytes, strictly and tolerantly") {
  for (const Example& example : examples::all()) {
    CAPTURE(example.name);
    const traces::Trace trace = corpus_trace(example);
    const std::string bytes = tests::read_test_file("../" + corpus_path(example));
    for (const ReplayMode mode : {ReplayMode::strict, ReplayMode::tolerant}) {
      const Exploration result = replay(example.buggy, trace, mode);
      REQUIRE(result.finding);
      CHECK(tests::first_difference(bytes, traces::write_trace(result.finding->trace)) == "");
      CHECK(result.notes.empty());
    }
  }
}

TEST_CASE("corpus: each fix survives the schedule that failed") {
  for (const Example& example : examples::all()) {
    CAPTURE(example.name);
    const Exploration result = replay(example.fixed, corpus_trace(example), ReplayMode::tolerant);
    CHECK_MESSAGE(result.passed(), result.report());
  }
}

TEST_CASE("corpus: it holds the traces of the examples and nothing else") {
  std::set<std::string> expected;
  for (const Example& example : examples::all()) expected.insert(std::string(example.name) + ".json");
  std::set<std::string> found;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(COWEAVE_SOURCE_DIR) / "traces/corpus"))
    found.insert(entry.path().filename().string());
  CHECK(found == expected);
}
