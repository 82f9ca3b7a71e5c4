/// What the historic bugs promise: the portfolio finds every buggy form from any seed within a bound, with
/// the symptom that history saw, and no fixed form fails.

#include <coweave/bench/power/historic/historic.hpp>

#include <coweave/props/explore.hpp>
#include <coweave/sim/policies/policy_name.hpp>
#include <coweave/sim/simulation.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <set>

using namespace coweave;
using bench::HistoricBug;

namespace {

constexpr std::uint64_t seeds = 10;
constexpr std::uint64_t runs_of_a_bug = 5'000;
constexpr std::uint64_t runs_of_a_fix = 5'000;

struct Found {
  std::uint64_t run = 0;  ///< that failed first, from 1; 0: none did
  traces::VerdictKind kind = traces::VerdictKind::passed;
  std::string message;
};

Found search(const HistoricBug& bug, const sim::Scenario& form, std::uint64_t seed, std::uint64_t runs) {
  const Options options = bug.options();
  sim::Simulation simulation(options.settings());
  const std::unique_ptr<sim::Policy> policy = sim::make_policy(options.policy, seed);
  for (std::uint64_t run = 1; run <= runs && policy->begin_run(run); ++run) {
    if (const sim::Failure* failure = simulation.run(form, *policy))
      return {run, failure->kind, failure->message};
  }
  return {};
}

}  // namespace

TEST_CASE("historic: the portfolio finds each bug from any of 10 seeds, with its symptom") {
  for (const HistoricBug& bug : bench::historic_bugs()) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      CAPTURE(bug.id);
      CAPTURE(seed);
      const Found found = search(bug, bug.buggy, seed, runs_of_a_bug);
      CAPTURE(found.message);
      CHECK(found.run > 0);
      if (found.run > 0) CHECK(found.kind == bug.symptom);
    }
  }
}

TEST_CASE("historic: no fixed form fails in 5,000 runs of each of two seeds") {
  for (const HistoricBug& bug : bench::historic_bugs()) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      CAPTURE(bug.id);
      CAPTURE(seed);
      const Found found = search(bug, bug.fixed, seed, runs_of_a_fix);
      CAPTURE(found.run);
      CAPTURE(found.message);
      CHECK(found.kind == traces::VerdictKind::passed);
    }
  }
}

TEST_CASE("historic: no two have the same name") {
  std::set<std::string> names;
  for (const HistoricBug& bug : bench::historic_bugs()) {
    CHECK_MESSAGE(names.insert(bug.id).second, bug.id);
    CHECK(names.insert(bug.what).second);
  }
}
