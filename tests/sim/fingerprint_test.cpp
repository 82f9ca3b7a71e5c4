#include <coweave/sim/causality/fingerprint.hpp>

#include <coweave/bench/power/traced_programs.hpp>
#include <coweave/coweave.hpp>
#include <coweave/sim/random.hpp>
#include <coweave/sim/search/bounded_search.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
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

/// A step that did this, as far as fingerprints depend on it.
struct Did {
  std::uint32_t actor;
  std::vector<sim::Operation> operations;
  std::vector<std::uint32_t> woken;
  bool is_timed;
};

/// The fingerprint of a run by its definition: which of the steps before it each step depends on.
std::uint64_t by_definition(const std::vector<Did>& run, const std::vector<std::uint64_t>& keys) {
  std::vector<std::set<std::size_t>> before(run.size());  // by step: those that happen before it
  const auto effects_of = [](const Did& did) {
    std::vector<sim::Operation> effects = did.operations;
    effects.push_back({Access::read, 1'000 + did.actor});  // itself
    if (did.is_timed) effects.emplace_back();
    return effects;
  };
  std::uint64_t sum = 0;
  for (std::size_t step = 0; step < run.size(); ++step) {
    for (std::size_t earlier = 0; earlier < step; ++earlier) {
      const std::vector<std::uint32_t>& woken = run[earlier].woken;
      if (run[earlier].actor != run[step].actor &&
          std::find(woken.begin(), woken.end(), run[step].actor) == woken.end() &&
          !sim::dependent(effects_of(run[earlier]), effects_of(run[step])))
        continue;
      before[step].insert(before[earlier].begin(), before[earlier].end());
      before[step].insert(earlier);
    }
    std::map<std::uint32_t, std::uint32_t> clock{{run[step].actor, 1}};
    for (const std::size_t earlier : before[step]) ++clock[run[earlier].actor];
    std::uint64_t others = 0;
    for (const auto& [actor, count] : clock) {
      std::uint64_t state = keys[actor] ^ count;
      others += sim::split_mix(state);
    }
    std::uint64_t state = keys[run[step].actor] ^ others;
    sum += sim::split_mix(state);
  }
  return sum;
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

TEST_CASE("fingerprint: a step depends on what uses its objects, on who woke it, and if it is timed on all") {
  constexpr std::uint32_t actors = 5;
  constexpr std::uint32_t objects = 4;
  sim::Random random(1);
  sim::Fingerprint fingerprint;
  std::vector<std::uint64_t> keys;
  for (std::uint32_t actor = 0; actor < actors; ++actor) keys.push_back(random.next());
  for (int round = 0; round < 2'000; ++round) {
    std::vector<Did> run(random.below(40));
    fingerprint.begin_run();
    for (Did& did : run) {
      did.actor = random.below(actors);
      did.is_timed = random.below(8) == 0;
      if (random.below(2) == 0) {
        const auto access = random.below(2) == 0 ? Access::read : Access::write;
        did.operations.push_back({access, 1 + random.below(objects)});
      }
      if (random.below(4) == 0) did.woken.push_back(random.below(actors));
      sim::Step step{};
      step.taken.actor = did.actor;
      step.operations = did.operations;
      step.woken = did.woken;
      step.self = 1'000 + did.actor;
      step.is_timed = did.is_timed;
      step.keys = keys;
      fingerprint.add(step);
    }
    REQUIRE(fingerprint.value() == by_definition(run, keys));
  }
}
