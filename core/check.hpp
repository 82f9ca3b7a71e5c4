#pragma once

/// Checks of what must hold inside coweave, always on. A failed one is a defect of coweave, never of the
/// program under test: it says what was expected and stops the process.

#include <source_location>

namespace coweave::detail {

/// Writes the broken expectation to standard error and aborts.
[[noreturn]] void check_failed(const char* condition, const char* expectation, std::source_location where);

}  // namespace coweave::detail

#define COWEAVE_INTERNAL_CHECK(condition, expectation) \
  (static_cast<bool>(condition)                        \
       ? static_cast<void>(0)                          \
       : ::coweave::detail::check_failed(#condition, expectation, std::source_location::current()))
