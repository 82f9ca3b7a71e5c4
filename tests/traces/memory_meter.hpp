#pragma once

/// How much memory the code under test takes from the heap. The test binary that links this has its own
/// `operator new`, which counts.

#include <cstddef>

namespace coweave::tests {

class MemoryMeter {
 public:
  /// Begins to measure. One at a time.
  MemoryMeter() noexcept;

  /// The most bytes that were in use at once since then, beyond those in use when it began.
  [[nodiscard]] std::size_t peak_bytes() const noexcept;

 private:
  std::size_t used_before_;
};

}  // namespace coweave::tests
