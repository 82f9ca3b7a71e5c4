#include <coweave/tests/monitors/ordered.hpp>

#include <coweave/props/explore.hpp>
#include <coweave/props/monitors/monitor.hpp>

#include <doctest/doctest.h>

namespace coweave::tests {

using monitors::happens_before;
using monitors::noted;

bool ordered(const sim::Scenario& scenario, const char* policy, std::uint64_t runs) {
  Options options{.policy = policy, .runs = runs};
  options.monitors = {happens_before(noted("before"), noted("after"))};
  options.require_patterns = true;
  const Exploration result = explore(scenario, options);
  CHECK_FALSE(result.patterns_missed);
  if (result.finding) CHECK(result.finding->trace.verdict.kind == traces::VerdictKind::invariant);
  return result.passed();
}

bool ordered_in_one_run(const sim::Scenario& scenario) {
  Options options{.policy = "fifo", .runs = 1};
  options.monitors = {monitors::precedes(noted("before"), noted("after"))};
  options.require_patterns = true;
  REQUIRE(explore(scenario, options).passed());
  return ordered(scenario, "fifo", 1);
}

}  // namespace coweave::tests
