#include <coweave/props/ci/summary.hpp>

#include <coweave/coweave.hpp>
#include <coweave/tests/approve.hpp>
#include <coweave/tests/capture.hpp>
#include <coweave/tests/environment.hpp>
#include <coweave/tests/folder.hpp>
#include <coweave/tests/props/sweep_programs.hpp>
#include <coweave/tests/traces/samples.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

Coro<void> passes() { co_await sleep(0s); }

Coro<void> fails() {
  co_await sleep(0s);
  COWEAVE_REQUIRE(1 + 1 == 3);
}

}  // namespace

TEST_CASE("summary: of what has passed a line") {
  Exploration result;
  result.name = "a <b> & *c*_d";
  result.runs = 1'234;
  CHECK(detail::in_markdown(result) == "- passed: **a &lt;b&gt; &amp; \\*c\\*\\_d**: 1,234 runs\n");
  result.exhausted = true;
  result.corpus_replayed = 2;
  CHECK(detail::in_markdown(result) ==
        "- passed: **a &lt;b&gt; &amp; \\*c\\*\\_d**: 1,234 runs, every schedule, 2 traces of the corpus\n");
}

TEST_CASE("summary: of a failure what failed, where, and the whole report, folded") {
  Finding finding;
  finding.trace = tests::sample("lost_update");
  finding.run = 1;
  Exploration result;
  result.name = finding.trace.scenario;
  result.recorded = "traces/corpus/it.json";
  result.replayed = true;
  result.finding = std::move(finding);
  std::string text = detail::in_markdown(result);
  const std::size_t command = text.find("COWEAVE_REPLAY_MODE=tolerant ");
  REQUIRE(command != std::string::npos);
  const std::size_t begin = text.find(' ', command) + 1;
  text.replace(begin, text.find('\n', begin) - begin, "<command>");
  CHECK(tests::compare_with_approved("props/approved/summary_failure.md", text) == "");
}

TEST_CASE("summary: a sweep is one item, with a line for each way in which it failed") {
  const tests::Folder folder;
  const std::string path = folder / "summary.md";
  const tests::Variable summary("COWEAVE_SUMMARY", path);
  const Sweep result = sweep(tests::transfers, cancellation, {.name = "transfers"});
  REQUIRE(result.failures.size() == 2);
  const std::string text = tests::read_test_file(path);
  CHECK(text == detail::in_markdown(result));
  CHECK(text.starts_with(
      "- **FAILED**: **transfers**: a sweep over cancellation: 5 awaits, 13 runs, of which 6 "
      "failed, in 2 ways\n  <br>A  deadlock: "));
  CHECK(text.find("\n  <br>B  still held at the end at ") != std::string::npos);
  CHECK(text.find("```text\n  FAILED: transfers: a sweep over cancellation") != std::string::npos);
  CHECK(detail::in_markdown(sweep(tests::guarded_transfers, cancellation, {.name = "guarded"})) ==
        "- passed: **guarded**: a sweep over cancellation: 5 awaits, 13 runs\n");
}

TEST_CASE("summary: a fence is longer than those within it") {
  Exploration result;
  result.name = "fences";
  result.blocked = "````";
  const std::string text = detail::in_markdown(result);
  CHECK(text.find("  `````text\n") != std::string::npos);
  CHECK(text.find("\n  `````\n\n  </details>\n") != std::string::npos);
}

TEST_CASE("summary: explorations append to the file, whichever variable names it") {
  const tests::Folder folder;
  const std::string path = folder / "summary.md";
  {
    const tests::Variable summary("COWEAVE_SUMMARY", path);
    CHECK(explore(passes, {.name = "one", .runs = 3}).passed());
  }
  {
    const tests::Captured annotations;
    const tests::Variable report("COWEAVE_REPORT", "github");
    const tests::Variable summary("GITHUB_STEP_SUMMARY", path);
    CHECK(!explore(fails, {.name = "two"}).passed());
  }
  {
    const tests::Variable summary("GITHUB_STEP_SUMMARY", path);  // nobody asked
    CHECK(explore(passes, {.name = "three", .runs = 3}).passed());
  }
  const std::string text = tests::read_test_file(path);
  CHECK(text.starts_with(
      "- passed: **one**: 3 runs\n- **FAILED**: **two**: assertion at tests/props/summary\\_test.cpp:"));
  CHECK(text.ends_with("  </details>\n"));
  CHECK(text.find("three") == std::string::npos);
}

TEST_CASE("summary: a file that cannot be written is told") {
  const Exploration result =
      explore(passes, {.name = "one", .runs = 3, .summary = "/no/such/folder/summary.md"});
  CHECK(result.passed());
  CHECK(result.report().find(
            "note: the summary /no/such/folder/summary.md could not be written: No such file") !=
        std::string::npos);
}
