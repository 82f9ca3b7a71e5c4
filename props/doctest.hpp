#pragma once

/// Adapter for doctest: an exploration that did not pass fails the test case, with the report as its message.
///
///     TEST_CASE("bank: no money is lost") { COWEAVE_CHECK_EXPLORE(transfers, {.name = "bank"}); }
///
/// It needs doctest's own header beside it.

#include <coweave/props/explore.hpp>

/// `COWEAVE_CHECK(result)`: of `explore`, `property` or `replay`. Goes on after a failure, as doctest's CHECK
/// does.
#define COWEAVE_CHECK(...)                                                           \
  do {                                                                               \
    const auto& coweave_result = (__VA_ARGS__);                                      \
    /* not FAIL: doctest's JUnit reporter has assertions only */                     \
    DOCTEST_CHECK_MESSAGE(coweave_result.passed(), "\n" << coweave_result.report()); \
  } while (false)

/// `COWEAVE_CHECK_EXPLORE(scenario, options…)`: explores, and checks the result.
#define COWEAVE_CHECK_EXPLORE(...) COWEAVE_CHECK(::coweave::explore(__VA_ARGS__))
