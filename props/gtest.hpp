#pragma once

/// Adapter for GoogleTest: an exploration that did not pass fails the test, with the report as its message.
/// What one that passed warns of is told on standard error.
///
///     TEST(Bank, LosesNoMoney) { COWEAVE_CHECK_EXPLORE(transfers, {.name = "bank"}); }
///
/// It needs GoogleTest's own header beside it.

#include <coweave/props/explore.hpp>
#include <coweave/props/sweep/sweep.hpp>

#include <cstdio>

/// `COWEAVE_CHECK(result)`: of `explore`, `property`, `replay` or `sweep`. Goes on after a failure, as
/// EXPECT_TRUE does.
#define COWEAVE_CHECK(...)                                                                               \
  do {                                                                                                   \
    const auto& coweave_result = (__VA_ARGS__);                                                          \
    if (!coweave_result.passed()) ADD_FAILURE_AT(__FILE__, __LINE__) << "\n" << coweave_result.report(); \
    if (const auto coweave_warnings = coweave_result.warnings(); !coweave_warnings.empty())              \
      std::fputs(("[  WARNING ] " + coweave_result.name + " passed, but\n" + coweave_warnings).c_str(),  \
                 stderr);                                                                                \
  } while (false)

/// `COWEAVE_CHECK_EXPLORE(scenario, options…)`: explores, and checks the result.
#define COWEAVE_CHECK_EXPLORE(...) COWEAVE_CHECK(::coweave::explore(__VA_ARGS__))

/// `COWEAVE_CHECK_SWEEP(scenario, kind, options…)`: sweeps, and checks the result; its table is in the
/// message.
#define COWEAVE_CHECK_SWEEP(...) COWEAVE_CHECK(::coweave::sweep(__VA_ARGS__))
