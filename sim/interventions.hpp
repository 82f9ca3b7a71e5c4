#pragma once

/// What the randomised policies have in common besides whom they let run: numbers that the program asks for
/// are uniform, and injected cancellations are rare; how rare is drawn anew for each run, so that early and
/// late points of short and long runs are all reached.

#include <coweave/sim/choice.hpp>
#include <coweave/sim/random.hpp>

#include <cstdint>

namespace coweave::sim {

class Interventions {
 public:
  void begin_run() noexcept { cancellation_odds_ = 0; }

  /// Answers a choice that is not of the next handle.
  [[nodiscard]] std::uint32_t pick(const ChoicePoint& point, Random& random) noexcept {
    if (point.kind != ChoiceKind::cancel) return random.below(point.options);
    if (cancellation_odds_ == 0) cancellation_odds_ = 2U << random.below(6);  // 2, 4, …, 64
    return random.one_in(cancellation_odds_) ? 1 + random.below(point.options - 1) : 0;
  }

 private:
  std::uint32_t cancellation_odds_ = 0;  ///< one in so many; 0: not drawn yet in this run
};

}  // namespace coweave::sim
