/// What a sweep tells, and which options it refuses.

#include <coweave/tests/approve.hpp>
#include <coweave/tests/environment.hpp>
#include <coweave/tests/folder.hpp>
#include <coweave/tests/props/sweep_programs.hpp>

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

/// `report` without the commands of this process, which depend on how the tests are run.
std::string without_commands(std::string report) {
  for (std::size_t line = report.find("  COWEAVE_"); line != std::string::npos;
       line = report.find("  COWEAVE_", line + 1)) {
    const std::size_t end = report.find('\n', line);
    report.replace(line, end - line, "  <command>");
  }
  return report;
}

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

TEST_CASE("sweep: one that the bound on wall time ends has not passed, and says what it did not try") {
  const Folder folder;
  const Sweep result = [&] {
    const Variable summary("COWEAVE_SUMMARY", folder / "summary.md");
    return sweep(guarded_transfers, cancellation, {.name = "guarded", .wall_time_max = 1ns});
  }();
  CHECK(result.runs == 1);
  CHECK(result.failures.empty());
  CHECK_FALSE(result.passed());
  CHECK(result.unfinished == "stopped at the bound on wall time, 1ns: 16 of 16 injections were not tried");
  CHECK(result.report() ==
        "FAILED: guarded: a sweep over cancellation: 0 awaits, 1 run\n  " + result.unfinished + "\n");
  CHECK(
      read_test_file(folder / "summary.md")
          .starts_with("- **FAILED**: **guarded**: a sweep over cancellation: 0 awaits, 1 run\n"
                       "  <br>stopped at the bound on wall time, 1ns: 16 of 16 injections were not tried\n"));
}

TEST_CASE("sweep: the bound on wall time is none for what is done by then") {
  CHECK(sweep(guarded_transfers, cancellation, {.name = "guarded", .wall_time_max = 1h}).passed());
  auto idle = []() -> Coro<void> { co_await sleep(1ms); };
  CHECK(sweep(idle, timeouts, {.name = "idle", .wall_time_max = 1ns}).passed());
}

TEST_CASE("sweep: of several orders those that the time did not suffice for are told") {
  const Sweep result = sweep(guarded_transfers, cancellation,
                             {.name = "guarded", .policy = "random", .orders = 3, .wall_time_max = 1ns});
  CHECK(contains(result.unfinished, " injections around order 1 were not tried, and no order after it"));
  const Sweep bounded =
      sweep(guarded_transfers, cancellation, {.name = "guarded", .deviations_max = 1, .wall_time_max = 1ns});
  CHECK(contains(bounded.unfinished, " injections around order 1 were not tried, and no order after it"));
}
