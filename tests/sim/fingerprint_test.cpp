#include <coweave/sim/causality/fingerprint.hpp>

#include <coweave/bench/power/traced_programs.hpp>
#include <coweave/coweave.hpp>
#include <coweave/sim/search/bounded_search.hpp>

#include <doctest/doctest.h>

#include <set>
#include <utility>
#include <vector>

using namespace coweave;
using namespace coweave::traced;

namespace {

/// The exhaustive search, with an ear for the steps.
class Listening final : public sim::Policy {
 public:
  [[nodiscard]] std::string_view name() const override { return search_.name(); }
  bool begin_run(std::uint64_t run) override {
    fingerprint_.begin_run();
    return search_.begin_run(run);
  }
  std::uint32_t pick(const sim::ChoicePoint& point) override { return search_.pick(point); }
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  void stepped(const sim::Step& step) override { fingerprint_.add(step); }
  void end_run(std::span<const sim::Choice> schedule) override {
    seen_.insert(fingerprint_.value());
    search_.end_run(schedule);
  }

  [[nodiscard]] std::size_t distinct() const { return seen_.size(); }

 private:
  sim::BoundedSearch search_;
  sim::Fingerprint fingerprint_;
  std::set<std::uint64_t> seen_;
};

/// How many runs of `scenario` differ in more than the order of what is independent.
std::size_t traces_of(const sim::Scenario& scenario) {
  sim::Simulation simulation(Options{.scheduling_points = SchedulingPoints::accesses}.settings());
  Listening policy;
  for (std::uint64_t run = 1; policy.begin_run(run); ++run)
    REQUIRE(simulation.run(scenario, policy) == nullptr);
  return policy.distinct();
}

}  // namespace

// The numbers are those that GenMC and Nidhugg are tested with (tests/correct/synthetic, tests/smoke).

TEST_CASE("fingerprint: n readers and a writer have 2^n traces") {
  CHECK(traces_of(program(0, 3, 1, read_or_write)) == 4);
  CHECK(traces_of(program(0, 4, 1, read_or_write)) == 8);
}

TEST_CASE("fingerprint: n updates of each of m variables have n!^m traces") {
  CHECK(traces_of(program(0, 2, 1, bump_each<1>)) == 2);
  CHECK(traces_of(program(0, 3, 1, bump_each<1>)) == 6);
  CHECK(traces_of(program(0, 4, 1, bump_each<1>)) == 24);
  CHECK(traces_of(program(0, 2, 2, bump_each<2>)) == 4);
  CHECK(traces_of(program(0, 3, 2, bump_each<2>)) == 36);
  CHECK(traces_of(program(0, 2, 3, bump_each<3>)) == 8);
}

TEST_CASE("fingerprint: two plain increments have 4 traces, three have 36") {
  CHECK(traces_of(program(0, 2, 1, read_then_write)) == 4);
  CHECK(traces_of(program(0, 3, 1, read_then_write)) == 36);
}

TEST_CASE("fingerprint: n increments under a lock have n! traces") {
  CHECK(traces_of(program(0, 2, 1, write_under_lock)) == 2);
  CHECK(traces_of(program(0, 3, 1, write_under_lock)) == 6);
}

TEST_CASE("fingerprint: a compare-and-swap that fails is a read") {
  CHECK(traces_of(program(0, 2, 1, swap_from_0)) == 2);
  CHECK(traces_of(program(0, 3, 1, swap_from_0)) == 3);
  CHECK(traces_of(program(0, 4, 1, swap_from_0)) == 4);
  CHECK(traces_of(program(1, 2, 1, swap_from_last)) == 2);
  CHECK(traces_of(program(1, 3, 1, swap_from_last)) == 5);
  CHECK(traces_of(program(1, 4, 1, swap_from_last)) == 14);
  CHECK(traces_of(program(0, 2, 1, swap_and_store)) == 6);
}

TEST_CASE("fingerprint: lastzero has 2, 5 and 12 traces") {
  CHECK(traces_of(program(0, 2, 2, last_zero<1>)) == 2);
  CHECK(traces_of(program(0, 3, 3, last_zero<2>)) == 5);
#ifndef __SANITIZE_ADDRESS__  // all its schedules take minutes there, and do nothing that those above do not
  CHECK(traces_of(program(0, 4, 4, last_zero<3>)) == 12);
#endif
}
