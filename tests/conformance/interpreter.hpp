#pragma once

/// Runs programs on a Simulation, first in, first out unless told otherwise. interpreter.py does the same on
/// CPython's asyncio.

#include <coweave/sim/policy.hpp>
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
  /// The same in the order that the present run of `policy` decides.
  [[nodiscard]] std::vector<std::string> run(const Program& program, Coverage& coverage, sim::Policy& policy);

 private:
  struct Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace coweave::conformance
