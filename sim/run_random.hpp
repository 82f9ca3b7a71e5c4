#pragma once

/// What the randomised policies draw from, and what they have in common besides whom they let run: every run
/// has a stream of its own; numbers that the program asks for are uniform, and injected cancellations and
/// delays are rare; how rare is drawn anew for each run, so that early and late points of short and long runs
/// are all reached.

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
    lateness_odds_ = 0;
  }

  /// Answers a choice that is not of the next handle.
  [[nodiscard]] std::uint32_t pick_other(const ChoicePoint& point) noexcept {
    if (point.kind == ChoiceKind::cancel) return rarely(cancellation_odds_, point.options);
    if (point.kind == ChoiceKind::late) return rarely(lateness_odds_, point.options);
    return below(point.options);
  }

 private:
  [[nodiscard]] std::uint32_t rarely(std::uint32_t& odds, std::uint32_t options) noexcept {
    if (odds == 0) odds = 2U << below(6);  // 2, 4, …, 64
    return one_in(odds) ? 1 + below(options - 1) : 0;
  }

  std::uint64_t seed_;
  // One in so many; 0: not drawn yet in this run.
  std::uint32_t cancellation_odds_ = 0;
  std::uint32_t lateness_odds_ = 0;
};

}  // namespace coweave::sim
