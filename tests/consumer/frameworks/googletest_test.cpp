#include <coweave/props/gtest.hpp>

#include <gtest/gtest.h>

#include <scenarios.hpp>

TEST(Scenarios, passes) {
  COWEAVE_CHECK_EXPLORE(passes, {.name = "passes", .runs = 10});
  COWEAVE_CHECK_SWEEP(passes, coweave::cancellation, {.name = "passes"});
}

TEST(Scenarios, fails) {
  COWEAVE_CHECK_EXPLORE(fails, {.name = "fails"});
  COWEAVE_CHECK(coweave::property("small", small));  // is reached
}
