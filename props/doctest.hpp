#pragma once

/// Adapter for doctest: a failed exploration fails the test case, with the report as its message.
///
///     TEST_CASE("bank: no money is lost") { COWEAVE_CHECK_EXPLORE(transfers, {.name = "bank"}); }
///
/// Include it after doctest's own header.

#include <coweave/props/explore.hpp>

/// `COWEAVE_CHECK_EXPLORE(scenario, options…)`: goes on after a failure, as doctest's CHECK does.
#define COWEAVE_CHECK_EXPLORE(...)                                                 \
  do {                                                                             \
    const ::coweave::Exploration coweave_result = ::coweave::explore(__VA_ARGS__); \
    const std::string coweave_report = coweave_result.report();                    \
    if (coweave_result.passed()) {                                                 \
      DOCTEST_CHECK_MESSAGE(true, coweave_report);                                 \
    } else {                                                                       \
      DOCTEST_ADD_FAIL_CHECK_AT(__FILE__, __LINE__, "\n" << coweave_report);       \
    }                                                                              \
  } while (false)
