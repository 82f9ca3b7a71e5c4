#pragma once

/// What the programs of a run of the test have done: how often each operation ran, how often each kind of
/// await was cancelled while it waited, and what was left out.

#include <coweave/tests/conformance/deviations.hpp>
#include <coweave/tests/conformance/program.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace coweave::conformance {

class Coverage {
 public:
  /// `variant` tells operations of one name apart: the kind of the object, or of the reference; 0: there is
  /// only one.
  void ran(Op op, std::size_t variant) noexcept { ++at(op, variant).ran; }
  void cancelled(Op op, std::size_t variant) noexcept { ++at(op, variant).cancelled; }
  void left_out(Deviation deviation) noexcept { ++left_out_[static_cast<std::size_t>(deviation)]; }

  Coverage& operator+=(const Coverage& other) noexcept;

  /// A table for people.
  [[nodiscard]] std::string text() const;
  /// Kinds of await that were never cancelled while they waited, and operations that never ran.
  [[nodiscard]] std::vector<std::string> gaps() const;

 private:
  struct Count {
    std::uint64_t ran = 0;
    std::uint64_t cancelled = 0;
  };
  Count& at(Op op, std::size_t variant) noexcept { return counts_[static_cast<std::size_t>(op)][variant]; }

  std::array<std::array<Count, kinds>, ops> counts_{};
  std::array<std::uint64_t, deviations.size()> left_out_{};
};

/// Which variant of its operation this is.
[[nodiscard]] std::size_t variant_of(const Program& program, const Operation& operation) noexcept;

}  // namespace coweave::conformance
