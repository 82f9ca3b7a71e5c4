/// What sweeps promise of the historic bugs: they find each whose schedule needs one cancellation, without
/// any random search, and no fixed form fails.

#include <coweave/bench/power/historic/historic.hpp>
#include <coweave/props/sweep/sweep.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>

using namespace coweave;
using bench::HistoricBug;

namespace {

/// Of those that need a cancellation: what they need besides, which is nothing unless it stands here.
const std::map<std::string, std::uint32_t> other_order = {
    {"S10", 2},      // the owner must stay inside while the cancelled waiter and the one after it run
    {"B26/S34", 1},  // one that replaces another must come before those who wait have left
    {"S36", 1},      // the same
};

/// A run may have two cancellations injected, and one is enough.
bool needs_cancellation(const HistoricBug& bug) { return bug.cancellations > 0; }

std::uint32_t deviations_needed(const HistoricBug& bug) {
  const auto known = other_order.find(bug.id);
  return known == other_order.end() ? 0 : known->second;
}

SweepOptions options_for(const HistoricBug& bug, std::uint32_t deviations_max) {
  SweepOptions options;
  options.name = bug.id;
  options.deviations_max = deviations_max;
  options.steps_max = 10'000;
  options.shrink_time_max = std::chrono::nanoseconds(0);
  return options;
}

bool has_symptom(const Sweep& result, traces::VerdictKind symptom) {
  return std::any_of(result.failures.begin(), result.failures.end(), [&](const Exploration& failure) {
    return failure.finding->trace.verdict.kind == symptom;
  });
}

}  // namespace

TEST_CASE("historic: a sweep finds each bug that needs one cancellation, with its symptom") {
  std::uint64_t found = 0;
  for (const HistoricBug& bug : bench::historic_bugs()) {
    if (!needs_cancellation(bug)) continue;
    CAPTURE(bug.id);
    const Sweep result = sweep(bug.buggy, cancellation, options_for(bug, deviations_needed(bug)));
    CHECK(result.unprovoked.empty());  // it is the cancellation that does it
    CHECK(has_symptom(result, bug.symptom));
    found += result.passed() ? 0U : 1U;
  }
  CHECK(found == 35);
}

TEST_CASE("historic: in asyncio's own order a sweep finds all but those that need another") {
  for (const HistoricBug& bug : bench::historic_bugs()) {
    if (!needs_cancellation(bug)) continue;
    CAPTURE(bug.id);
    const std::uint32_t needed = deviations_needed(bug);
    const Sweep result = sweep(bug.buggy, cancellation, options_for(bug, 0));
    CHECK(result.passed() == (needed > 0));
    CHECK(result.runs <= 4 * result.places.size() + 1);
    if (needed > 1) CHECK(sweep(bug.buggy, cancellation, options_for(bug, needed - 1)).passed());
  }
}

TEST_CASE("historic: no fixed form fails in a sweep, around up to two deviations") {
  for (const HistoricBug& bug : bench::historic_bugs()) {
    if (!needs_cancellation(bug)) continue;
    for (std::uint32_t deviations_max = 0; deviations_max <= 2; ++deviations_max) {
      CAPTURE(bug.id);
      CAPTURE(deviations_max);
      const Sweep result = sweep(bug.fixed, cancellation, options_for(bug, deviations_max));
      CHECK_MESSAGE(result.passed(), result.report());
      CHECK(result.entries.size() >= 2);
    }
  }
}

TEST_CASE("historic: everywhere finds what the windows find") {
  for (const HistoricBug& bug : bench::historic_bugs()) {
    if (!needs_cancellation(bug)) continue;
    CAPTURE(bug.id);
    SweepOptions options = options_for(bug, 0);
    const Sweep in_windows = sweep(bug.buggy, cancellation, options);
    options.everywhere = true;
    const Sweep result = sweep(bug.buggy, cancellation, options);
    CHECK(result.passed() == in_windows.passed());
    CHECK(result.failures.size() >= in_windows.failures.size());
    CHECK(sweep(bug.fixed, cancellation, options).passed());
  }
}
