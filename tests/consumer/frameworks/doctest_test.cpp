#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <coweave/props/doctest.hpp>

#include <scenarios.hpp>

TEST_CASE("passes" * doctest::test_suite("scenarios")) {
  COWEAVE_CHECK_EXPLORE(passes, {.name = "passes", .runs = 10});
  COWEAVE_CHECK_SWEEP(passes, coweave::cancellation, {.name = "passes"});
}

TEST_CASE("fails" * doctest::test_suite("scenarios")) {
  COWEAVE_CHECK_EXPLORE(fails, {.name = "fails"});
  COWEAVE_CHECK(coweave::property("small", small));  // is reached
}
