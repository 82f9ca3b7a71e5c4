#pragma once

/// Runs programs on a Simulation, first in, first out. interpreter.py does the same on CPython's asyncio.

#include <coweave/tests/conformance/coverage.hpp>
#include <coweave/tests/conformance/program.hpp>

#include <memory>
#include <string>
#include <vector>

namespace coweave::conformance {

class Interpreter {
 public:
  Interpreter();
  ~Interpreter();

  /// The log of `program`, line by line. Adds to `coverage`.
  [[nodiscard]] std::vector<std::string> run(const Program& program, Coverage& coverage);

 private:
  struct Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace coweave::conformance
