#pragma once

/// Runs a program on both sides, and brings a difference down to a small program.

#include <coweave/tests/conformance/coverage.hpp>
#include <coweave/tests/conformance/interpreter.hpp>
#include <coweave/tests/conformance/program.hpp>
#include <coweave/tests/conformance/python.hpp>

#include <rapidcheck/Shrinkable.h>

#include <cstdint>
#include <string>
#include <vector>

namespace coweave::conformance {

struct Logs {
  std::vector<std::string> ours;
  std::vector<std::string> pythons;

  [[nodiscard]] bool equal() const { return ours == pythons; }
};

/// A pair of interpreters, of one thread.
class Comparison {
 public:
  explicit Comparison(const PythonFound& python) : version_(python.version), python_(python) {}

  [[nodiscard]] Logs run(const Program& program);

  /// The smallest program that still differs, on a way that always takes the first smaller one that does.
  [[nodiscard]] Program shrink(rc::Shrinkable<Program> differing);

  [[nodiscard]] const Coverage& coverage() const noexcept { return coverage_; }

 private:
  Version version_;
  Interpreter interpreter_;
  Python python_;
  Coverage coverage_;
};

/// Program `index` of a seed, with its shrinks.
[[nodiscard]] rc::Shrinkable<Program> program_at(std::uint64_t seed, std::uint64_t index);

}  // namespace coweave::conformance
