#pragma once

/// The fingerprint of a run: the same for two runs that differ only in the order of steps that do not depend
/// on each other (that are one Mazurkiewicz trace), and different otherwise but for collisions of 64 bits.
///
/// Each step has a vector clock: how many steps of each actor happened before it, because they are of the
/// same actor, woke it, or used an object that one of the two changes. The fingerprint is the sum of the
/// hashes of the clocks, so the order in which they come does not matter. It knows operations that the layer
/// reports; what tasks do to plain memory between their awaits it does not see.

#include <coweave/sim/causality/clock.hpp>
#include <coweave/sim/step.hpp>

#include <cstdint>
#include <vector>

namespace coweave::sim {

class Fingerprint {
 public:
  void begin_run();
  void add(const Step& step);

  /// Of the steps so far.
  [[nodiscard]] std::uint64_t value() const noexcept { return sum_; }

 private:
  /// When an object was used last.
  struct Object {
    Clock written;
    Clock used;  // read or written
  };

  std::vector<Clock> clocks_;       // by actor: of what its next step knows
  Clock steps_;                     // all that were added: the join of their clocks
  std::vector<Object> objects_;     // by number; 0: all that are not known, which one another may be
  std::vector<Operation> effects_;  // of the step that is added
  std::uint64_t sum_ = 0;
};

}  // namespace coweave::sim
