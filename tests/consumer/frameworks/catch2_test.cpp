#define CATCH_CONFIG_MAIN
#include <coweave/props/catch2.hpp>

#include <catch2/catch.hpp>

#include <scenarios.hpp>

TEST_CASE("passes") {
  COWEAVE_CHECK_EXPLORE(passes, {.name = "passes", .runs = 10});
  COWEAVE_CHECK_SWEEP(passes, coweave::cancellation, {.name = "passes"});
}

TEST_CASE("fails") {
  COWEAVE_CHECK_EXPLORE(fails, {.name = "fails"});
  COWEAVE_CHECK(coweave::property("small", small));  // is reached
}
