#pragma once

/// What the randomised policies draw from, and what they have in common besides whom they let run: every run
/// has a stream of its own; numbers that the program asks for are uniform, and injected cancellations are
/// rare; how rare is drawn anew for each run, so that early and late points of short and long runs are all
/// reached.

#include <coweave/sim/choice.hpp>
#include <coweave/sim/random.hpp>

#include <cstdint>

namespace coweave::sim {

class RunRandom : public Random {
 public:
  explicit RunRandom(std::uint64_t seed) noexcept : seed_(seed) {}

  void begin_run(std::uint64_t run) noexcept {
    reseed(seed_, run);
    cancellation_odds_ = 0;
  }

  /// Answers a choice that is not of the next handle.
  [[nodiscard]] std::uint32_t pick_other(const ChoicePoint& point) noexcept {
    if (point.kind != ChoiceKind::cancel) return below(point.options);
    if (cancellation_odds_ == 0) cancellation_odds_ = 2U << below(6);  // 2, 4, …, 64
    return one_in(cancellation_odds_) ? 1 + below(point.options - 1) : 0;
  }

 private:
  std::uint64_t seed_;
  std::uint32_t cancellation_odds_ = 0;  ///< one in so many; 0: not drawn yet in this run
};

}  // namespace coweave::sim
