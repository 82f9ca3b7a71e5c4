#pragma once

/// Running a program and looking at how it ends and what it prints.

#include <string>

namespace coweave::tests {

struct Ended {
  int exit_code = -1;  ///< as a shell gives it: 128 and the number of the signal that ended it
  std::string output;  ///< standard output and standard error, as they came
};

/// Runs `command` in a shell. Throws std::runtime_error if that cannot be done.
[[nodiscard]] Ended run_command(const std::string& command);

}  // namespace coweave::tests
