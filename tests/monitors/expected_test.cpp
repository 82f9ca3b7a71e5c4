/// Patterns of monitors that never occur are told, and only those whose absence is not what is wanted.

#include <coweave/coweave.hpp>
#include <coweave/props/ci/annotations.hpp>
#include <coweave/props/ci/summary.hpp>
#include <coweave/props/property.hpp>
#include <coweave/tests/monitors/programs.hpp>
#include <coweave/tests/page.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;
using monitors::count;
using monitors::Monitor;
using monitors::noted;
using monitors::operation;

namespace {

Coro<void> tells(Lock& lock, bool& begun, int number) {
  note("begin", number);
  if (!std::exchange(begun, true)) note("first", number);
  {
    const auto guard = co_await lock.scoped();
    co_await sleep(0s);
  }
  note("end", number);
}

Coro<void> program() {
  Lock lock("db");
  bool begun = false;
  const auto one = create_task(tells(lock, begun, 1), {.name = "one"});
  const auto two = create_task(tells(lock, begun, 2), {.name = "two"});
  co_await one;
  co_await two;
}

Exploration explored(std::vector<Monitor> held, Options options = {}) {
  options.name = "program";
  if (options.runs == Options{}.runs) options.runs = 100;
  options.monitors = std::move(held);
  return explore(program, options);
}

/// The texts of the patterns that `monitor` expects, and in brackets those that never occurred.
std::string expected(const Monitor& monitor) {
  const Exploration result = explored({monitor});
  CHECK_MESSAGE(result.passed(), result.report());
  std::string text;
  for (const ExpectedPattern& pattern : result.patterns) {
    CHECK(pattern.monitor == monitor.name());
    text += (text.empty() ? "" : " ") + (pattern.occurred ? pattern.text : "[" + pattern.text + "]");
  }
  return text;
}

const monitors::Pattern nothing = noted("no such note");
const auto is_large = [](const monitors::Occurrence& now) { return now.value(0)->number() > 9; };

}  // namespace

TEST_CASE("expected: each form, what it must see, and what it must not") {
  const auto begin = noted("begin"), end = noted("end");
  CHECK(expected(monitors::never(nothing)) == "");
  CHECK(expected(monitors::never(begin.where(9))) == "begin");
  CHECK(expected(monitors::never(nothing.where("large", is_large).by("one"))) == "[no such note]");
  CHECK(expected(monitors::never(nothing || end.by("main"))) == "end");
  CHECK(expected(monitors::always(begin, begin.by("one") || begin.by("two"))) == "begin");
  CHECK(expected(monitors::always(nothing, begin)) == "[no such note]");
  CHECK(expected(monitors::eventually(end)) == "");
  CHECK(expected(monitors::leads_to(begin, end)) == "begin end");
  CHECK(expected(monitors::leads_to(nothing, end)) == "[no such note] end");
  CHECK(expected(monitors::leads_to(begin, nothing).unless(end)) == "begin [no such note]");
  CHECK(expected(monitors::leads_to(begin, end).unless(nothing)) == "begin end");
  CHECK(expected(monitors::precedes(begin, nothing)) == "begin [no such note]");
  CHECK(expected(monitors::never_between(begin, nothing, noted("fire"))) == "begin [no such note]");
  CHECK(expected(monitors::never_between(end, begin, nothing.where(1))) == "end begin [no such note]");
  CHECK(expected(monitors::exclusive(operation(Verb::acquire, "db"), operation(Verb::release, "db"))) ==
        "acquire db release db");
  CHECK(expected(monitors::exclusive(operation(Verb::acquire, "bd"), operation(Verb::release, "bd"))) ==
        "[acquire bd] [release bd]");
  CHECK(expected(monitors::fifo(nothing, noted("none"))) == "[no such note] [none]");
  CHECK(expected(monitors::bounded_wait(begin, end, 9).unless(nothing)) == "begin end");
  CHECK(expected(monitors::bounded_wait(nothing, end, 9)) == "[no such note] end");
  CHECK(expected(count(begin) <= count(nothing) + 2) == "begin [no such note]");
  CHECK(expected(count(nothing) <= 3) == "[no such note]");
  CHECK(expected(count(nothing) <= 0) == "");
  CHECK(expected(count(nothing.where(1)) < 1) == "[no such note]");
  CHECK(expected(monitors::happens_before(nothing, noted("none"))) == "[no such note] [none]");
  CHECK(expected(monitors::precedes(begin, nothing) && monitors::never(end.where(9))) ==
        "begin [no such note] end");
}

TEST_CASE("expected: what never occurred is told in the report, and in the summary") {
  const Exploration result = explored({monitors::precedes(noted("begin"), noted("edn")).named("in order")});
  CHECK(result.passed());
  REQUIRE(result.patterns.size() == 2);
  const traces::Site at = result.patterns[1].at;
  CHECK(at.file == "tests/monitors/expected_test.cpp");
  const std::string line =
      "never occurred: 'edn', which the monitor 'in order' at "
      "tests/monitors/expected_test.cpp:" +
      std::to_string(at.line) + " speaks of\n";
  CHECK(result.report().find("\n  " + line) != std::string::npos);
  CHECK(detail::in_markdown(result) ==
        "- passed: **program**: 100 runs\n  <br>never occurred: 'edn', which the monitor 'in order' at "
        "tests/monitors/expected\\_test.cpp:" +
            std::to_string(at.line) + " speaks of\n");
  CHECK(explored({monitors::precedes(noted("begin"), noted("end"))}).report().find("never occurred") ==
        std::string::npos);
}

TEST_CASE("expected: the page shows what is told") {
  Options options{.name = "connection"};
  options.monitors = {monitors::precedes(noted("open"), noted("uses"))};
  const std::string report = explore([] { return tests::connection(tests::Made::right); }, options).report();
  const std::size_t line = report.find("never occurred: ");
  REQUIRE(line != std::string::npos);
  const std::string told = report.substr(line, report.find('\n', line) + 1 - line);
  CHECK(tests::compare_with_page("docs/monitors.md", "expected", told) == "");
}

TEST_CASE("expected: an exploration that requires them all fails, and says where the monitor stands") {
  Options options;
  options.require_patterns = true;
  CHECK(explored({monitors::precedes(noted("begin"), noted("end"))}, options).passed());
  const Exploration result = explored({monitors::precedes(noted("begin"), noted("edn"))}, options);
  CHECK_FALSE(result.passed());
  CHECK(result.patterns_missed);
  CHECK(result.report().find("FAILED: program: not every pattern occurred in 100 runs, ") == 0);
  CHECK(detail::in_markdown(result).find("- **FAILED**: **program**: a pattern never occurred\n") == 0);
  CHECK(
      detail::annotations(result, "") ==
      "::error file=tests/monitors/expected_test.cpp,line=" + std::to_string(result.patterns[1].at.line) +
          ",title=program%3A never occurred::'edn' of the monitor 'precedes(begin, edn)' occurred in none of "
          "100 runs\n");
}

TEST_CASE("expected: the same with any number of workers") {
  // Among them what occurs in some runs only.
  std::vector<Monitor> held;
  for (const char* who : {"one", "two", "main"})
    held.push_back(monitors::leads_to(noted("begin").by(who), noted("end").by(who)));
  held.push_back(monitors::precedes(noted("begin"), noted("first").where(2)));
  held.push_back(monitors::precedes(noted("begin"), noted("first").where(3)));
  for (const char* policy : {"random", "dfs"}) {
    Options options;
    options.policy = policy;
    options.runs = 700;
    const Exploration here = explored(held, options);
    REQUIRE(here.patterns.size() == 10);
    CHECK(here.patterns[7].occurred);
    CHECK_FALSE(here.patterns[9].occurred);
    for (const std::uint32_t workers : {1U, 3U}) {
      options.workers = workers;
      CHECK(explored(held, options).patterns == here.patterns);
    }
  }
}

TEST_CASE("expected: of a property in any of its cases") {
  const auto prints = [](std::uint8_t number) -> Coro<void> {
    note(number > 20 ? "large" : "small", number);
    co_return;
  };
  Options options;
  options.require_patterns = true;
  options.monitors = {count(noted("large")) <= 1, count(noted("small")) <= 1};
  const Exploration result = property("prints", prints, options);
  CHECK_MESSAGE(result.passed(), result.report());
  options.monitors = {count(noted("huge")) <= 1};
  CHECK_FALSE(property("prints", prints, options).passed());
}
