#pragma once

/// How a difference is shown: the program as Python-like text, and the two logs side by side.

#include <coweave/tests/conformance/program.hpp>

#include <string>
#include <vector>

namespace coweave::conformance {

/// The program, an operation a line, with the numbers that stand in the logs.
[[nodiscard]] std::string listing(const Program& program);

/// Both logs in columns; the first line that differs is marked.
[[nodiscard]] std::string side_by_side(const std::vector<std::string>& ours,
                                       const std::vector<std::string>& pythons);

}  // namespace coweave::conformance
