#pragma once

/// Adapter for doctest: an exploration or a sweep that did not pass fails the test case, with the report as
/// its message. What one that passed warns of is told as a message.
///
///     TEST_CASE("bank: no money is lost") { COWEAVE_CHECK_EXPLORE(transfers, {.name = "bank"}); }
///     TEST_CASE("bank: can stop") { COWEAVE_CHECK_SWEEP(transfers, cancellation, {.name = "bank"}); }
///
/// It needs doctest's own header beside it.

#include <coweave/props/explore.hpp>
#include <coweave/props/sweep/sweep.hpp>

/// `COWEAVE_CHECK(result)`: of `explore`, `property`, `replay` or `sweep`. Goes on after a failure, as
/// doctest's CHECK does.
#define COWEAVE_CHECK(...)                                                                  \
  do {                                                                                      \
    const auto& coweave_result = (__VA_ARGS__);                                             \
    /* not FAIL: doctest's JUnit reporter has assertions only */                            \
    DOCTEST_CHECK_MESSAGE(coweave_result.passed(), "\n" << coweave_result.report());        \
    if (const auto coweave_warnings = coweave_result.warnings(); !coweave_warnings.empty()) \
      DOCTEST_MESSAGE(coweave_result.name << " passed, but\n" << coweave_warnings);         \
  } while (false)

/// `COWEAVE_CHECK_EXPLORE(scenario, options…)`: explores, and checks the result.
#define COWEAVE_CHECK_EXPLORE(...) COWEAVE_CHECK(::coweave::explore(__VA_ARGS__))

/// `COWEAVE_CHECK_SWEEP(scenario, kind, options…)`: sweeps, and checks the result; its table is in the
/// message.
#define COWEAVE_CHECK_SWEEP(...) COWEAVE_CHECK(::coweave::sweep(__VA_ARGS__))
