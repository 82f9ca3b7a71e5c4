#pragma once

/// What older versions of CPython do differently from 3.13, which coweave follows: a program that does it is
/// left out when an older one is compared with.

#include <coweave/tests/conformance/program.hpp>
#include <coweave/tests/conformance/python.hpp>

#include <span>
#include <string_view>
#include <vector>

namespace coweave::conformance {

struct VersionRule {
  std::vector<Op> operations;  ///< that behave as in 3.13
  std::vector<Kind> kinds;     ///< on objects of these kinds; none: whatever they act on
  int since;                   ///< minor version of Python 3
  std::string_view reason;
};

[[nodiscard]] std::span<const VersionRule> version_rules();

/// The rule by which the program is left out in this version, or null.
[[nodiscard]] const VersionRule* left_out(const Program& program, const Version& version);

}  // namespace coweave::conformance
