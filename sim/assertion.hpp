#pragma once

/// Assertions in code under test.
///
/// A failed one is recorded with the running simulation at the moment it fails, so that code which catches
/// everything cannot hide it, and then thrown as AssertionFailed to end the step.

#include <source_location>
#include <stdexcept>
#include <string>

namespace coweave {

/// Thrown by a failed COWEAVE_REQUIRE. Outside a simulation it is an ordinary exception.
class AssertionFailed : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

namespace sim {

/// Records the failure with the running simulation, if there is one, and throws AssertionFailed.
[[noreturn]] void assertion_failed(std::string message, std::source_location at);

}  // namespace sim
}  // namespace coweave
