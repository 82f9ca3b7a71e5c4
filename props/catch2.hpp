#pragma once

/// Adapter for Catch2, version 2 or 3: an exploration that did not pass fails the test case, with the report
/// as its message. What one that passed warns of is told as a warning.
///
///     TEST_CASE("bank: no money is lost") { COWEAVE_CHECK_EXPLORE(transfers, {.name = "bank"}); }
///
/// It needs Catch2's own header beside it: catch2/catch.hpp, or of version 3 catch2/catch_test_macros.hpp.

#include <coweave/props/explore.hpp>
#include <coweave/props/sweep/sweep.hpp>

/// `COWEAVE_CHECK(result)`: of `explore`, `property`, `replay` or `sweep`. Goes on after a failure, as CHECK
/// does.
#define COWEAVE_CHECK(...)                                                                    \
  do {                                                                                        \
    const auto& coweave_result = (__VA_ARGS__);                                               \
    if (coweave_result.passed()) {                                                            \
      SUCCEED(coweave_result.report());                                                       \
      if (const auto coweave_warnings = coweave_result.warnings(); !coweave_warnings.empty()) \
        WARN(coweave_result.name << " passed, but\n" << coweave_warnings);                    \
    } else {                                                                                  \
      FAIL_CHECK("\n" << coweave_result.report());                                            \
    }                                                                                         \
  } while (false)

/// `COWEAVE_CHECK_EXPLORE(scenario, options…)`: explores, and checks the result.
#define COWEAVE_CHECK_EXPLORE(...) COWEAVE_CHECK(::coweave::explore(__VA_ARGS__))

/// `COWEAVE_CHECK_SWEEP(scenario, kind, options…)`: sweeps, and checks the result; its table is in the
/// message.
#define COWEAVE_CHECK_SWEEP(...) COWEAVE_CHECK(::coweave::sweep(__VA_ARGS__))
