#include <coweave/props/ci/corpus.hpp>

#include <coweave/coweave.hpp>
#include <coweave/props/property.hpp>
#include <coweave/tests/approve.hpp>
#include <coweave/tests/environment.hpp>
#include <coweave/tests/folder.hpp>
#include <coweave/traces/file.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;
using tests::Folder;

namespace {

Coro<void> hold(int& free, bool gives_back) {
  --free;
  try {
    co_await sleep(1ms);
  } catch (...) {
    if (gives_back) ++free;
    throw;
  }
  ++free;
}

/// What is held is lost if whoever holds it is cancelled: never in asyncio's own order.
Coro<void> one_holds(bool gives_back) {
  int free = 1;
  const auto holder = create_task(hold(free, gives_back), {.name = "holder"});
  sim::may_cancel(holder);
  try {
    co_await holder;
  } catch (const CancelledError&) {
  }
  COWEAVE_REQUIRE(free == 1);
}

Coro<void> buggy() { return one_holds(false); }
Coro<void> mended() { return one_holds(true); }

/// Another one, that needs no search.
Coro<void> broken() {
  co_await sleep(0s);
  COWEAVE_REQUIRE(1 + 1 == 3);
}

/// With this the search finds nothing: only the corpus can.
Options blind(const Folder& corpus) {
  return {.name = "one holds", .policy = "fifo", .runs = 1, .corpus = corpus.path()};
}

Options seeing(const Folder& corpus) { return {.name = "one holds", .corpus = corpus.path()}; }

std::string refusal(const sim::Scenario& scenario, const Options& options) {
  try {
    explore(scenario, options);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "(accepted)";
}

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("corpus: what is found is added, and replayed first from then on") {
  const Folder corpus;
  CHECK(explore(buggy, blind(corpus)).passed());
  const Exploration found = explore(buggy, seeing(corpus));
  REQUIRE(found.finding);
  CHECK(found.corpus_replayed == 0);
  CHECK(found.finding->trace_path == (corpus / "one-holds.json"));
  CHECK(contains(found.report(), "note: added to the corpus, and replayed first from now on: " +
                                     (corpus / "one-holds.json")));

  const Exploration again = explore(buggy, blind(corpus));
  REQUIRE(again.finding);
  CHECK(again.recorded == (corpus / "one-holds.json"));
  CHECK(again.runs == 1);
  CHECK(again.finding->trace == found.finding->trace);
  const std::string report = again.report();
  CHECK(report.starts_with("FAILED: one holds: assertion, as "));
  CHECK(contains(report, "of the corpus was replayed"));
  CHECK(contains(report, "COWEAVE_REPLAY=" + (corpus / "one-holds.json")));
  CHECK(corpus.files() == std::vector<std::string>{"one-holds.json"});
}

TEST_CASE("corpus: a fix passes, and the report says that the corpus was replayed") {
  const Folder corpus;
  explore(buggy, seeing(corpus));
  const Exploration fixed = explore(mended, seeing(corpus));
  CHECK(fixed.passed());
  CHECK(fixed.corpus_replayed == 1);
  CHECK(fixed.corpus_in_part == 0);
  CHECK(contains(fixed.report(), "\n  1 trace of the corpus replayed first\n"));
  CHECK(fixed.runs == 10'000);
}

TEST_CASE("corpus: a trace that no longer applies in full is told") {
  const Folder corpus;
  explore(buggy, seeing(corpus));
  const sim::Scenario other = []() -> Coro<void> { co_await sleep(0s); };
  const Exploration passed = explore(other, blind(corpus));
  CHECK(passed.passed());
  CHECK(passed.corpus_in_part == 1);
  CHECK(contains(passed.report(), "\n  1 trace of the corpus replayed first, as far as it still applies\n"));
}

TEST_CASE("corpus: whether a trace applies in full is told of one that ended its process, and in sweeps") {
  const Folder corpus;
  const auto scenario = [](bool crashes) {
    return [crashes]() -> Coro<void> {
      const auto yielding = create_task([]() -> Coro<void> { co_await sleep(0s); }());
      co_await sleep(0s);
      const bool is_done = yielding.done();
      co_await yielding;
      if (!is_done && crashes) std::raise(SIGKILL);
    };
  };
  const Options options{.name = "crash", .runs = 100, .workers = 2, .corpus = corpus.path()};
  const Exploration crash = explore(scenario(true), options);
  REQUIRE(crash.finding);
  REQUIRE(crash.finding->trace.verdict.kind == traces::VerdictKind::crash);
  const Exploration fixed = explore(scenario(false), options);
  CHECK(fixed.passed());
  CHECK(fixed.corpus_replayed == 1);
  CHECK(fixed.corpus_in_part == 0);
  const sim::Scenario other = []() -> Coro<void> { co_await sleep(1ms); };
  CHECK(explore(other, options).corpus_in_part == 1);

  REQUIRE(!sweep(buggy, cancellation, {.name = "swept", .corpus = corpus.path()}).passed());
  const auto again = [&](const sim::Scenario& swept) {
    return sweep(swept, cancellation, {.name = "swept", .corpus = corpus.path()}).report();
  };
  CHECK(contains(again(mended), "note: 1 trace of the corpus replayed first\n"));
  CHECK(contains(again(other), "note: 1 trace of the corpus replayed first, as far as it still applies\n"));
}

TEST_CASE("corpus: a long name is cut in the file's") {
  const Folder corpus;
  Options options = seeing(corpus);
  options.name = std::string(300, 'n');
  const Exploration found = explore(broken, options);
  REQUIRE(found.finding);
  options.name += "n";
  const Exploration other = explore(broken, options);
  REQUIRE(other.finding);
  CHECK(corpus.files().size() == 2);
  CHECK(corpus.files()[0].starts_with(std::string(200, 'n') + "-"));
  CHECK(explore(broken, options).recorded == other.finding->trace_path);
}

TEST_CASE("corpus: a second failure of a scenario gets a file of its own") {
  const Folder corpus;
  explore(buggy, seeing(corpus));
  Options options = seeing(corpus);
  const Exploration second = explore(broken, options);
  // The recorded schedule fails too: it is the same scenario, and nothing new.
  CHECK(second.recorded == (corpus / "one-holds.json"));
  CHECK(corpus.files().size() == 1);
  int runs = 0;
  const Exploration third = explore(
      [&runs]() -> Coro<void> {
        const bool fails = ++runs > 1;  // not as the corpus is replayed
        co_await sleep(0s);
        COWEAVE_REQUIRE(!fails);
      },
      options);
  REQUIRE(third.finding);
  CHECK(corpus.files() == std::vector<std::string>{"one-holds-2.json", "one-holds.json"});
}

TEST_CASE("corpus: traces of other scenarios, and other files, are left alone") {
  const Folder corpus;
  explore(buggy, seeing(corpus));
  write(corpus / "README.md", "not a trace");
  Options options = blind(corpus);
  options.name = "another";
  const Exploration passed = explore(mended, options);
  CHECK(passed.passed());
  CHECK(passed.corpus_replayed == 0);
}

TEST_CASE("corpus: the same failure is added once, and leaves nothing else behind") {
  const Folder corpus;
  const Exploration found = explore(buggy, seeing(corpus));
  REQUIRE(found.finding);
  const detail::Added again = detail::add_to_corpus(corpus.path(), found.finding->trace);
  CHECK(!again.is_new);
  CHECK(again.path == corpus / "one-holds.json");
  traces::Trace other = found.finding->trace;
  other.run = 99;
  CHECK(detail::add_to_corpus(corpus.path(), other).path == corpus / "one-holds-2.json");
  CHECK(corpus.files() == std::vector<std::string>{"one-holds-2.json", "one-holds.json"});
}

TEST_CASE("corpus: an exploration replays no trace of a sweep, and a sweep none of an exploration") {
  const Folder corpus;
  const Sweep swept = sweep(buggy, cancellation, {.name = "one holds", .corpus = corpus.path()});
  CHECK(!swept.passed());
  REQUIRE(corpus.files().size() == 1);
  const Exploration blind_one = explore(buggy, blind(corpus));
  CHECK(blind_one.passed());
  CHECK(blind_one.corpus_replayed == 0);
  CHECK(sweep(buggy, exceptions, {.name = "one holds", .corpus = corpus.path()}).passed());
  const Sweep again = sweep(buggy, cancellation, {.name = "one holds", .corpus = corpus.path()});
  CHECK(again.replayed);
}

TEST_CASE("corpus: a damaged trace is refused with its name and the place") {
  const Folder corpus;
  write(corpus / "bad.json", "{\"format\": ");
  const std::string text = refusal(mended, seeing(corpus));
  CHECK(contains(text, "the trace " + (corpus / "bad.json") + " of the corpus cannot be used: "));
}

TEST_CASE("corpus: one that is a file, or cannot be made, is refused or told") {
  const Folder folder;
  write(folder / "file", "");
  Options options = seeing(folder);
  options.corpus = folder / "file";
  CHECK(contains(refusal(mended, options), "the corpus " + (folder / "file") + " cannot be read: "));
  options.corpus = folder / "file/within";  // there is none, and what is found is not lost for that
  const Exploration found = explore(buggy, options);
  CHECK(found.finding);
  CHECK(contains(found.report(), "note: the corpus " + options.corpus + " cannot be made: "));
}

TEST_CASE("corpus: COWEAVE_CORPUS has the last word, then the options, then use_corpus") {
  const Folder one;
  const Folder two;
  const Folder three;
  use_corpus(one.path());
  CHECK(detail::corpus_of({}) == one.path());
  CHECK(detail::corpus_of({.corpus = two.path()}) == two.path());
  CHECK(detail::corpus_of({.corpus = no_corpus}) == "");
  {
    const tests::Variable variable("COWEAVE_CORPUS", three.path());
    CHECK(detail::corpus_of(with_environment({.corpus = two.path()})) == three.path());
  }
  {
    const tests::Variable variable("COWEAVE_CORPUS", "none");
    CHECK(detail::corpus_of(with_environment({})) == "");
  }
  use_corpus("");
  CHECK(detail::corpus_of({}) == "");
}

TEST_CASE("corpus: a folder within the present one is named from there") {
  const std::string present = std::filesystem::current_path().string();
  CHECK(detail::corpus_of({.corpus = present + "/traces/corpus"}) == "traces/corpus");
  CHECK(detail::corpus_of({.corpus = "traces/corpus"}) == "traces/corpus");
}

TEST_CASE("corpus: of a property it has the arguments too") {
  const Folder corpus;
  bool fails = true;
  const auto small = [&fails](std::uint8_t number) -> Coro<void> {
    co_await sleep(0s);
    COWEAVE_REQUIRE((number < 7 || !fails));
  };
  const Options options{.corpus = corpus.path()};
  const Exploration found = property("small", small, options);
  REQUIRE(found.finding);
  const Exploration again = property("small", small, options);
  CHECK(again.recorded == (corpus / "small.json"));
  CHECK(again.finding->trace.generated.front().arguments.front().value == "7");
  fails = false;
  const Exploration passed = property("small", small, options);
  CHECK(passed.passed());
  CHECK(passed.corpus_replayed == 1);

  const auto changed = [](std::string, std::uint8_t) -> Coro<void> { co_return; };
  std::string text;
  try {
    property("small", changed, options);
  } catch (const std::runtime_error& error) {
    text = error.what();
  }
  CHECK(contains(text, "the trace " + (corpus / "small.json") + " of the corpus cannot be replayed: "));
  CHECK(contains(text, "Delete it, or record the failure again"));
}

TEST_CASE("corpus: a run that ends its process is kept in it, and found again") {
  const Folder corpus;
  const sim::Scenario ends = []() -> Coro<void> {
    co_await sleep(0s);
    std::_Exit(7);
  };
  Options options{.name = "ends", .workers = 1, .corpus = corpus.path()};
  const Exploration found = explore(ends, options);
  REQUIRE(found.finding);
  CHECK(found.finding->trace.verdict.kind == traces::VerdictKind::crash);
  const Exploration again = explore(ends, options);
  REQUIRE(again.finding);
  CHECK(again.recorded == (corpus / "ends.json"));
}

TEST_CASE("corpus: a trace that COWEAVE_REPLAY names comes instead of it") {
  const Folder corpus;
  const Exploration found = explore(buggy, seeing(corpus));
  REQUIRE(found.finding);
  const tests::Variable variable("COWEAVE_REPLAY", found.finding->trace_path);
  const Exploration again = explore(buggy, seeing(corpus));
  CHECK(again.replayed);
  CHECK(again.corpus_replayed == 0);
  CHECK(corpus.files().size() == 1);
}

TEST_CASE("corpus: what does the same only once is not added") {
  const Folder corpus;
  int runs = 0;
  const sim::Scenario unsteady = [&runs]() -> Coro<void> {
    const bool fails = runs++ == 0;
    co_await sleep(0s);
    COWEAVE_REQUIRE(!fails);
  };
  const Exploration result = explore(unsteady, seeing(corpus));
  REQUIRE(result.finding);
  CHECK(result.finding->trace.verdict.kind == traces::VerdictKind::nondeterminism);
  CHECK(contains(result.report(), "not added to the corpus, because it cannot be replayed"));
  CHECK(corpus.files().empty());
}
