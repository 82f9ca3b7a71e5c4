#pragma once

/// Bugs that asyncio and its like have shipped, each in its buggy form with the fixed form beside it.
///
/// Every one is a small primitive, or code that uses one, written anew from descriptions on futures and
/// tasks; a value of `Defect` switches the line that history got wrong, so that the two forms differ in
/// nothing else; only the fix of wait_for is another design, which stands beside it. The scenarios are stress
/// tests as people write them: a few tasks, and at most two cancellations, which the search may inject
/// anywhere. None follows the schedule that fails; the search has to find it.
///
/// docs/historic-bugs.md lists them, how soon each is found, and what is left out and why.

#include <coweave/props/options.hpp>
#include <coweave/sim/simulation.hpp>
#include <coweave/traces/trace.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace coweave::bench {

struct HistoricBug {
  std::string id;    ///< of that list: B is an issue of a real library, S a defect seeded after one
  std::string what;  ///< goes wrong
  sim::Scenario buggy;
  sim::Scenario fixed;
  std::uint32_t cancellations = 0;  ///< that may be injected in a run
  traces::VerdictKind symptom = traces::VerdictKind::assertion;

  /// What both forms are explored with.
  [[nodiscard]] Options options() const;
};

/// All of them, ordered by primitive.
[[nodiscard]] std::vector<HistoricBug> historic_bugs();

namespace historic {

[[nodiscard]] std::vector<HistoricBug> locks();
[[nodiscard]] std::vector<HistoricBug> semaphores();
[[nodiscard]] std::vector<HistoricBug> early_semaphores();
[[nodiscard]] std::vector<HistoricBug> weighted_semaphores();
[[nodiscard]] std::vector<HistoricBug> conditions();
[[nodiscard]] std::vector<HistoricBug> queues();
[[nodiscard]] std::vector<HistoricBug> bounded_queues();
[[nodiscard]] std::vector<HistoricBug> joins();
[[nodiscard]] std::vector<HistoricBug> events();
[[nodiscard]] std::vector<HistoricBug> barriers();
[[nodiscard]] std::vector<HistoricBug> wait_fors();
[[nodiscard]] std::vector<HistoricBug> timeouts();
[[nodiscard]] std::vector<HistoricBug> task_groups();
[[nodiscard]] std::vector<HistoricBug> gathers();
[[nodiscard]] std::vector<HistoricBug> shields();

}  // namespace historic
}  // namespace coweave::bench
