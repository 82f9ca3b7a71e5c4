#include <coweave/sim/policies/profile.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace coweave;
using sim::Operation;
using sim::Part;

namespace {

constexpr std::uint32_t lock = 1;
constexpr std::uint32_t data = 2;

constexpr Operation take{Access::write, lock, Part::take};
constexpr Operation give{Access::write, lock, Part::give};
constexpr Operation write{Access::write, data};

/// A step of `actor` that announced `next` and did `done`.
void step(sim::Profile& profile, std::uint32_t actor, Operation next, std::vector<Operation> done,
          std::vector<std::uint32_t> created = {}) {
  next.part = Part::none;
  profile.add({{actor, next, true}, done, created, {}, {}, 0, false, {}});
}

void write_under_lock(sim::Profile& profile, std::uint32_t actor) {
  step(profile, actor, take, {take});
  step(profile, actor, write, {write, give});
}

}  // namespace

TEST_CASE("profile: what an actor does counts for those that created it") {
  sim::Profile profile;
  profile.begin_run(1);
  step(profile, 1, {}, {}, {2});
  step(profile, 2, write, {write}, {3});
  step(profile, 3, write, {write});
  profile.begin_run(sim::Policy::learning_runs + 1);
  CHECK(profile.steps() == std::vector<std::uint64_t>{3, 3, 2, 1});
  CHECK(profile.uses_of(data) == std::vector<std::uint64_t>{2, 2, 2, 1});
}

TEST_CASE("profile: counts are means of the runs, rounded up, and later runs do not count") {
  sim::Profile profile;
  profile.begin_run(1);
  for (int time = 0; time < 4; ++time) step(profile, 1, {}, {});
  profile.begin_run(2);
  step(profile, 1, {}, {});
  profile.begin_run(3);
  CHECK(profile.steps() == std::vector<std::uint64_t>{3, 3});  // 2.5
  profile.begin_run(sim::Policy::learning_runs + 1);
  step(profile, 1, {}, {});
  CHECK(profile.steps() == std::vector<std::uint64_t>{2, 2});  // 5 in 3 runs
  profile.begin_run(1);
  CHECK(profile.steps().empty());
}

TEST_CASE("profile: an object that one actor uses is not contested, nor one that a lock guards") {
  sim::Profile profile;
  profile.begin_run(1);
  step(profile, 1, write, {write});
  CHECK(profile.contested_objects().empty());
  step(profile, 2, write, {write});
  CHECK(profile.contested_objects() == std::vector<std::uint32_t>{data});
  profile.begin_run(1);
  write_under_lock(profile, 1);
  write_under_lock(profile, 2);
  CHECK(profile.contested_objects() == std::vector<std::uint32_t>{lock});
  step(profile, 2, write, {write});  // without it
  CHECK(profile.contested_objects() == std::vector<std::uint32_t>{lock, data});
}

TEST_CASE("profile: what several can take at once guards nothing") {
  sim::Profile profile;
  profile.begin_run(1);
  step(profile, 1, take, {take});
  step(profile, 2, take, {take});
  step(profile, 1, write, {write, give});
  step(profile, 2, write, {write, give});
  CHECK(profile.contested_objects() == std::vector<std::uint32_t>{lock, data});
}
