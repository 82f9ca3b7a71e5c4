#include <coweave/sim/random.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstdlib>

using coweave::sim::Random;
using coweave::sim::split_mix;

TEST_CASE("random: SplitMix64 gives the published sequence of seed 1234567") {
  // The first outputs of the reference implementation (Vigna, splitmix64.c) for that seed.
  std::uint64_t state = 1234567;
  CHECK(split_mix(state) == 6457827717110365317U);
  CHECK(split_mix(state) == 3203168211198807973U);
  CHECK(split_mix(state) == 9817491932198370423U);
}

TEST_CASE("random: bounded draws stay below the bound and are uniform") {
  Random random(7);
  std::array<int, 6> seen{};
  for (int draw = 0; draw < 60'000; ++draw) {
    const std::uint32_t value = random.below(6);
    REQUIRE(value < 6);
    ++seen[value];
  }
  // Each count is binomial with mean 10,000 and standard deviation 91; five of them either way.
  for (const int count : seen) CHECK(std::abs(count - 10'000) < 460);
}

TEST_CASE("random: no outcome is favoured, however the bound divides 2^32") {
  // Of 2^32 draws scaled to 3 * 2^30 outcomes, every third would come twice if none was drawn again.
  Random random(5);
  std::array<int, 3> seen{};
  for (int draw = 0; draw < 30'000; ++draw) ++seen[random.below(3U << 30U) % 3];
  for (const int count : seen) CHECK(std::abs(count - 10'000) < 410);  // five standard deviations
}

TEST_CASE("random: streams of one seed differ, and the same stream repeats") {
  Random one;
  Random two;
  one.reseed(1, 1);
  two.reseed(1, 2);
  CHECK(one.next() != two.next());
  two.reseed(1, 1);
  one.reseed(1, 1);
  for (int draw = 0; draw < 100; ++draw) CHECK(one.next() == two.next());
}

TEST_CASE("random: draws that share their random bits are independent") {
  Random random(11);
  std::array<int, 6> seen{};
  for (int pair = 0; pair < 60'000; ++pair) {
    const std::uint32_t first = random.below(2);
    ++seen[first * 3 + random.below(3)];
  }
  for (const int count : seen) CHECK(std::abs(count - 10'000) < 460);
}

TEST_CASE("random: reseeding forgets the bits that are left") {
  Random used(3);
  for (int draw = 0; draw < 5; ++draw) static_cast<void>(used.below(7));
  used.reseed(9, 4);
  Random fresh;
  fresh.reseed(9, 4);
  for (int draw = 0; draw < 100; ++draw) CHECK(used.below(7) == fresh.below(7));
}
