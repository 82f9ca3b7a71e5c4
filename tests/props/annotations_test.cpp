#include <coweave/props/ci/annotations.hpp>

#include <coweave/coweave.hpp>
#include <coweave/tests/approve.hpp>
#include <coweave/tests/capture.hpp>
#include <coweave/tests/traces/samples.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

Exploration failed(const char* sample) {
  Finding finding;
  finding.trace = tests::sample(sample);
  finding.trace_path = "traces/corpus/it.json";
  Exploration result;
  result.name = finding.trace.scenario;
  result.finding = std::move(finding);
  return result;
}

std::string compared(const std::string& name, const std::string& text) {
  return tests::compare_with_approved("props/approved/" + name + ".txt", text);
}

Coro<void> lost_update() {
  int total = 0;
  auto add = [&](int value, int turns) -> Coro<void> {
    for (int turn = 0; turn < turns; ++turn) co_await sleep(0s);
    const int read = total;
    co_await sleep(0s);
    total = read + value;
  };
  const auto one = create_task(add(1, 0), {.name = "one"});
  const auto two = create_task(add(2, 2), {.name = "two"});
  co_await one;
  co_await two;
  COWEAVE_REQUIRE(total == 3);
}

}  // namespace

TEST_CASE("annotations: an error where it failed, and a notice where a cancellation came") {
  CHECK(compared("annotations_cancellation", detail::annotations(failed("cancellation"), "")) == "");
}

TEST_CASE("annotations: of a deadlock an error at one await of the cycle and notices at the others") {
  CHECK(compared("annotations_philosophers",
                 detail::annotations(failed("philosophers"), "services/dinner")) == "");
}

TEST_CASE("annotations: notices at the two awaits whose order decides") {
  const Exploration result = explore(lost_update, {.name = "lost update"});
  REQUIRE(result.finding);
  REQUIRE(result.finding->neighbour);
  CHECK(compared("annotations_neighbour", detail::annotations(result, "")) == "");
}

TEST_CASE("annotations: a notice where a fault was injected") {
  const sim::Scenario writes = []() -> Coro<void> {
    co_await sleep(0s);
    COWEAVE_REQUIRE(!fault("disk full"));
  };
  const Exploration result = explore(writes, {.name = "log"});
  REQUIRE(result.finding);
  const std::string text = detail::annotations(result, "");
  CHECK(text.find("::notice file=tests/props/annotations_test.cpp,line=" + std::to_string(__LINE__ - 5) +
                  ",title=log%3A assertion%2C what was injected::the fault 'disk full' was injected here") !=
        std::string::npos);
}

TEST_CASE("annotations: what has a meaning in a command is escaped") {
  Exploration result;
  result.name = "50 %: a, b";
  result.blocked = "100 %\r\nblocked: a, b";
  CHECK(detail::annotations(result, "") ==
        "::error title=50 %25%3A a%2C b%3A blocked::100 %25%0D%0Ablocked: a, b\n");
}

TEST_CASE("annotations: marks that never held") {
  Exploration result;
  result.name = "cache";
  result.runs = 20;
  result.marks_missed = true;
  result.marks = {
      {"a hit", {}, 0, 0}, {"a miss", {"cache.cpp", 7}, 12, 0}, {"evicted", {"cache.cpp", 9}, 3, 1}};
  CHECK(
      detail::annotations(result, "") ==
      "::error title=cache%3A never reached::'a hit' never held, seen 0 times in 20 runs\n"
      "::error file=cache.cpp,line=7,title=cache%3A never reached::'a miss' never held, seen 12 times in 20 "
      "runs\n");
}

TEST_CASE("annotations: of what has passed, what it never came by is a warning") {
  Exploration result;
  result.name = "cache";
  result.runs = 20;
  result.marks = {{"a miss", {"cache.cpp", 7}, 12, 0}};
  result.patterns = {{"no hit in vain", "noted(\"hit\")", {"cache_test.cpp", 3}, false},
                     {"no hit in vain", "noted(\"miss\")", {"cache_test.cpp", 3}, true}};
  result.races = {
      {"Shared 'hits': a lost update; read at cache.cpp:9, written at cache.cpp:11", {"cache.cpp", 11}, 2}};
  CHECK(result.passed());
  CHECK(detail::annotations(result, "") ==
        "::warning file=cache.cpp,line=7,title=cache%3A never reached::'a miss' never held, seen 12 times in "
        "20 runs\n"
        "::warning file=cache_test.cpp,line=3,title=cache%3A never occurred::'noted(\"hit\")' of the monitor "
        "'no hit in vain' occurred in none of 20 runs\n"
        "::warning file=cache.cpp,line=11,title=cache%3A race::Shared 'hits': a lost update; read "
        "at cache.cpp:9, written at cache.cpp:11, 2 times\n");
  CHECK(result.warnings() ==
        "never: 'a miss' at cache.cpp:7, seen 12 times\n"
        "never occurred: 'noted(\"hit\")', which the monitor 'no hit in vain' at cache_test.cpp:3 speaks of\n"
        "race: Shared 'hits': a lost update; read at cache.cpp:9, written at cache.cpp:11, 2 times\n");
  result.blocked = "a step took too long";
  CHECK(result.warnings() == "");
}

TEST_CASE("annotations: none of what has passed, and none unless they are wanted") {
  Exploration passed;
  CHECK(detail::annotations(passed, "") == "");
  const Exploration result = failed("lost_update");
  const tests::Captured captured;
  detail::annotate(result, {});
  CHECK(captured.text() == "");
  detail::annotate(result, {.github = true});
  CHECK(captured.text() == "\n" + detail::annotations(result, ""));
}
