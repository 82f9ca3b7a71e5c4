#include <coweave/props/explore.hpp>
#include <coweave/tests/approve.hpp>
#include <coweave/tests/traces/samples.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>

using namespace coweave;

namespace {

/// What a search that fails with the trace of `sample` gives.
Exploration failed(const char* sample, const std::string& trace_path) {
  Finding finding;
  finding.trace = tests::sample(sample);
  finding.run = finding.trace.run;
  finding.trace_path = trace_path;
  for (const traces::Choice& choice : finding.trace.choices) finding.deviations += choice.taken != 0 ? 1 : 0;
  finding.deviations_found = finding.deviations;
  Exploration result;
  result.name = finding.trace.scenario;
  result.runs = finding.run;
  result.finding = std::move(finding);
  return result;
}

/// `report` without the command of this process at its end, which depends on how the tests are run.
std::string without_command(std::string report) {
  const std::size_t line = report.rfind("  COWEAVE_", report.size() - 2);
  const std::size_t command = report.find("props_tests", line);
  REQUIRE(command != std::string::npos);
  const std::size_t begin = report.rfind(' ', command);
  return report.replace(begin + 1, report.size() - begin - 2, "<command>");
}

std::string compared(const std::string& name, const std::string& text) {
  return tests::compare_with_approved("props/approved/" + name + ".txt", text);
}

}  // namespace

TEST_CASE("report: of a failure it tells schedule, table, verdict and last the command that replays it") {
  Exploration exploration = failed("lost_update", "traces/two deposits.json");
  exploration.finding->minimal = true;
  exploration.finding->deviations_found = 5;
  exploration.finding->shrink_runs = 1'093;
  exploration.finding->hint = "a hint for people";
  CHECK(compared("report_lost_update", without_command(exploration.report())) == "");
}

TEST_CASE("report: of a deadlock it tells the cycle") {
  CHECK(compared("report_philosophers",
                 without_command(failed("philosophers", "traces/dinner.json").report())) == "");
}

TEST_CASE("report: of a property it tells the generated arguments") {
  Exploration exploration = failed("cancellation", "traces/pool.json");
  exploration.cases = 3;
  CHECK(compared("report_property", without_command(exploration.report())) == "");
}

TEST_CASE("report: of a long run it leaves the middle out and stays readable") {
  const std::string report = failed("market", "traces/market.json").report();
  CHECK(report.size() < 10'000);
  CHECK(report.find("\x1b") == std::string::npos);
}

TEST_CASE("report: without a trace file it ends with the command that finds the failure again") {
  const std::string report = without_command(failed("lost_update", "").report());
  CHECK(
      report.ends_with("\nFind it again, and keep its trace:\n"
                       "  COWEAVE_TRACE_DIR=traces COWEAVE_POLICY=random COWEAVE_SEED=42 <command>\n"));
}

TEST_CASE("report: of a replay it says that it is one, and gives no command") {
  Exploration exploration = failed("lost_update", "");
  exploration.replayed = true;
  const std::string report = exploration.report();
  CHECK(report.starts_with("FAILED: two deposits: assertion, as the recorded schedule was replayed\n"));
  CHECK(report.find("COWEAVE_") == report.find("COWEAVE_REQUIRE"));
  CHECK(report.ends_with("awaited at examples/main.cpp:9\n"));
}

TEST_CASE("report: a search that finds nothing says in one line what was tried") {
  Exploration exploration;
  exploration.name = "bank";
  exploration.runs = 10'000;
  exploration.steps = 1;
  CHECK(exploration.report() == "passed: bank: 10,000 runs, 1 step\n");
  exploration.exhausted = true;
  exploration.cases = 2;
  CHECK(exploration.report() == "passed: bank: 2 inputs, 10,000 runs, 1 step, every schedule\n");
  exploration.replayed = true;
  CHECK(exploration.report() == "passed: bank: the recorded schedule no longer fails\n");
  exploration.name = "bank\n\x1b[31m";
  CHECK(exploration.report() == "passed: bank\\n\\u{1b}[31m: the recorded schedule no longer fails\n");
}
