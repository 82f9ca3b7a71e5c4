#pragma once

/// Programs as JSON: what goes to the Python side, and the files that a difference is written to.

#include <coweave/tests/conformance/program.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace coweave::conformance {

/// On one line.
[[nodiscard]] std::string to_json(const Program& program);

/// Throws std::runtime_error that says what is wrong, and where, if `text` is not a program.
[[nodiscard]] Program program_from_json(std::string_view text);

/// A log: a JSON list of strings. Throws std::runtime_error if it is not one.
[[nodiscard]] std::vector<std::string> log_from_json(std::string_view text);

}  // namespace coweave::conformance
