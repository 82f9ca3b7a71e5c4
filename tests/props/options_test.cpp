#include <coweave/props/options.hpp>

#include <coweave/tests/environment.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

/// The options that the environment makes of the default ones.
Options with(const char* name, const std::string& value) {
  const Variable variable(name, value);
  return with_environment({});
}

/// What is said about a wrong value.
std::string refusal(const char* name, const std::string& value) {
  try {
    with(name, value);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "(accepted)";
}

void check_refused(const char* name, const std::vector<std::string>& values, const std::string& takes) {
  for (const std::string& value : values) {
    CHECK(refusal(name, value) ==
          std::string("environment variable ") + name + "='" + value + "' is wrong: it takes " + takes);
  }
}

}  // namespace

TEST_CASE("options: without the environment they are as given") {
  const Options options = with_environment({.name = "mine", .seed = 5, .runs = 7});
  CHECK(options.name == "mine");
  CHECK(options.seed == 5);
  CHECK(options.runs == 7);
}

TEST_CASE("options: COWEAVE_SEED is a whole number, decimal or hexadecimal") {
  CHECK(with("COWEAVE_SEED", "0").seed == 0);
  CHECK(with("COWEAVE_SEED", "18446744073709551615").seed == std::numeric_limits<std::uint64_t>::max());
  CHECK(with("COWEAVE_SEED", "0xff").seed == 255);
  check_refused("COWEAVE_SEED", {"", "x", "-1", "1.5", "12 ", "0x", "18446744073709551616"},
                "a whole number below 2^64, decimal or 0x…");
}

TEST_CASE("options: COWEAVE_RUNS is a whole number from 1") {
  CHECK(with("COWEAVE_RUNS", "1").runs == 1);
  check_refused("COWEAVE_RUNS", {"", "0", "-3", "many", "10k"}, "a whole number from 1");
}

TEST_CASE("options: COWEAVE_FOR is a duration, and lifts the bound on runs unless that is given too") {
  CHECK(with("COWEAVE_FOR", "500ms").wall_time_max == 500ms);
  CHECK(with("COWEAVE_FOR", "30s").wall_time_max == 30s);
  CHECK(with("COWEAVE_FOR", "10m").wall_time_max == 10min);
  CHECK(with("COWEAVE_FOR", "2h").wall_time_max == 2h);
  CHECK(with("COWEAVE_FOR", "30s").runs == std::numeric_limits<std::uint64_t>::max());
  const Variable runs("COWEAVE_RUNS", "12");
  CHECK(with("COWEAVE_FOR", "30s").runs == 12);
  check_refused("COWEAVE_FOR", {"", "30", "s", "0s", "-1s", "1 s", "1.5s", "99999999999h"},
                "a positive whole number and ms, s, m or h, such as 30s");
}

TEST_CASE("options: COWEAVE_POLICY is the name of a policy") {
  CHECK(with("COWEAVE_POLICY", "fifo").policy == "fifo");
  const std::string text = refusal("COWEAVE_POLICY", "best");
  CHECK(
      text.starts_with("environment variable COWEAVE_POLICY='best' is wrong: it takes the name of a policy"));
  CHECK(text.find("random") != std::string::npos);  // those that there are
  CHECK(refusal("COWEAVE_POLICY", "").starts_with("environment variable COWEAVE_POLICY='' is wrong"));
}

TEST_CASE("options: COWEAVE_POINTS says where control can change") {
  CHECK(with("COWEAVE_POINTS", "awaits").scheduling_points == SchedulingPoints::awaits);
  CHECK(with("COWEAVE_POINTS", "accesses").settings().scheduling_points == SchedulingPoints::accesses);
  check_refused("COWEAVE_POINTS", {"", "Awaits", "all"}, "suspensions, awaits or accesses");
}

TEST_CASE("options: COWEAVE_REPLAY and COWEAVE_TRACE_DIR are paths") {
  CHECK(with("COWEAVE_REPLAY", "a.json").replay == "a.json");
  CHECK(with("COWEAVE_TRACE_DIR", "traces").trace_dir == "traces");
  check_refused("COWEAVE_REPLAY", {""}, "the path of a trace");
  check_refused("COWEAVE_TRACE_DIR", {""}, "the path of a directory");
}

TEST_CASE("options: COWEAVE_CORPUS is a folder, or none, and COWEAVE_SUMMARY a file") {
  CHECK(with("COWEAVE_CORPUS", "traces/corpus").corpus == "traces/corpus");
  CHECK(with("COWEAVE_CORPUS", "none").corpus == no_corpus);
  CHECK(with("COWEAVE_SUMMARY", "summary.md").summary == "summary.md");
  check_refused("COWEAVE_CORPUS", {""}, "the path of a folder, or none");
  check_refused("COWEAVE_SUMMARY", {""}, "the path of a file");
}

TEST_CASE("options: COWEAVE_REPORT says who reads of failures, and GitHub has a file for a summary") {
  CHECK(!with("COWEAVE_REPORT", "text").github);
  CHECK(with("COWEAVE_REPORT", "github").github);
  CHECK(with("COWEAVE_REPORT", "github").github_folder.empty());
  CHECK(with("COWEAVE_REPORT", "github:services/shop").github);
  CHECK(with("COWEAVE_REPORT", "github:services/shop").github_folder == "services/shop");
  check_refused(
      "COWEAVE_REPORT", {"", "GitHub", "junit", "github:", "github:/services"},
      "text, github, or github:services/shop if that is the folder of the project in its repository");
  const Variable summary("GITHUB_STEP_SUMMARY", "summary.md");
  CHECK(with("COWEAVE_REPORT", "github").summary == "summary.md");
  CHECK(with("COWEAVE_REPORT", "text").summary.empty());
  const Variable ours("COWEAVE_SUMMARY", "ours.md");
  CHECK(with("COWEAVE_REPORT", "github").summary == "ours.md");
}

TEST_CASE("options: COWEAVE_REPLAY_MODE says how closely to follow the trace") {
  const Variable trace("COWEAVE_REPLAY", "a.json");
  CHECK(with("COWEAVE_REPLAY_MODE", "strict").replay_mode == ReplayMode::strict);
  CHECK(with("COWEAVE_REPLAY_MODE", "tolerant").replay_mode == ReplayMode::tolerant);
  CHECK(with("COWEAVE_REPLAY_MODE", "continue").replay_mode == ReplayMode::continuing);
  CHECK(with("COWEAVE_REPLAY_MODE", "continue").replay_choices == std::numeric_limits<std::size_t>::max());
  CHECK(with("COWEAVE_REPLAY_MODE", "continue:12").replay_mode == ReplayMode::continuing);
  CHECK(with("COWEAVE_REPLAY_MODE", "continue:12").replay_choices == 12);
  check_refused("COWEAVE_REPLAY_MODE", {"", "Strict", "loose", "continue:", "continue:x", "continue:-1"},
                "strict, tolerant, continue, or continue:12 for the first 12 choices of the trace");
}

TEST_CASE("options: COWEAVE_REPLAY_MODE without a trace is refused") {
  check_refused("COWEAVE_REPLAY_MODE", {"tolerant"}, "effect on a trace only; name one with COWEAVE_REPLAY");
}

TEST_CASE("options: a variable that coweave does not know is refused, with those that it knows") {
  CHECK(refusal("COWEAVE_SEEDS", "1") ==
        "environment variable COWEAVE_SEEDS is none of coweave's, which are COWEAVE_SEED, COWEAVE_RUNS, "
        "COWEAVE_FOR, COWEAVE_WORKERS, COWEAVE_POLICY, COWEAVE_POINTS, COWEAVE_REPLAY, COWEAVE_REPLAY_MODE, "
        "COWEAVE_TRACE_DIR, COWEAVE_CORPUS, COWEAVE_REPORT, COWEAVE_SUMMARY");
}

TEST_CASE("options: variables of the tests and of the script are left alone") {
  CHECK(with("COWEAVE_JOBS", "2").runs == Options{}.runs);
  CHECK(with("COWEAVE_APPROVE", "0").runs == Options{}.runs);
}

TEST_CASE("options: a duration is a positive whole number and a unit") {
  CHECK(parse_duration("15m") == 15min);
  CHECK_THROWS_WITH_AS(
      static_cast<void>(parse_duration("soon")),
      "'soon' is not a duration: write a positive whole number and ms, s, m or h, such as 30s",
      std::invalid_argument);
}

TEST_CASE("options: a duration is told in the largest unit without a remainder") {
  CHECK(duration_text(2h) == "2h");
  CHECK(duration_text(90min) == "90m");
  CHECK(duration_text(10s) == "10s");
  CHECK(duration_text(1500ms) == "1500ms");
  CHECK(duration_text(7us) == "7us");
  CHECK(duration_text(1ns) == "1ns");
  CHECK(duration_text(0s) == "0ns");
}
