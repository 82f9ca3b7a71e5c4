#pragma once

/// Adapter for Catch2, version 2 or 3: an exploration that did not pass fails the test case. What one that
/// passed warns of is told as a warning.
///
/// Catch2 breaks what is told into lines of 80 bytes, and a table falls apart. So the message is the first
/// line of the report, and the report is on standard error; Catch2's reporter for JUnit has it there too.
///
///     TEST_CASE("bank: no money is lost") { COWEAVE_CHECK_EXPLORE(transfers, {.name = "bank"}); }
///
/// It needs Catch2's own header beside it: catch2/catch.hpp, or of version 3 catch2/catch_test_macros.hpp.

#include <coweave/props/explore.hpp>
#include <coweave/props/sweep/sweep.hpp>

#include <string>

namespace coweave::detail {

/// Writes the report to `std::cerr`, which Catch2 may redirect, and returns what is to be its message.
[[nodiscard]] std::string told_apart(const std::string& report);

}  // namespace coweave::detail

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
      FAIL_CHECK(::coweave::detail::told_apart(coweave_result.report()));                     \
    }                                                                                         \
  } while (false)

/// `COWEAVE_CHECK_EXPLORE(scenario, options…)`: explores, and checks the result.
#define COWEAVE_CHECK_EXPLORE(...) COWEAVE_CHECK(::coweave::explore(__VA_ARGS__))

/// `COWEAVE_CHECK_SWEEP(scenario, kind, options…)`: sweeps, and checks the result; its table is in the
/// report.
#define COWEAVE_CHECK_SWEEP(...) COWEAVE_CHECK(::coweave::sweep(__VA_ARGS__))
