#pragma once

/// What the randomised policies draw from, and what they have in common besides whom they let run: every run
/// has a stream of its own; numbers that the program asks for are uniform; a cancellation comes at any of the
/// points of a run where one may be injected, each as likely as the others, and so does the next one behind
/// it. How many such points there are is learnt in the first runs, from those into which none came. Lateness
/// is rare; how rare is drawn anew for each run. A label of faults is armed in some runs, and then a fault
/// comes at each visit with a chance (as FoundationDB's BUGGIFY).

#include <coweave/sim/choice.hpp>
#include <coweave/sim/policy.hpp>
#include <coweave/sim/random.hpp>

#include <algorithm>
#include <cstdint>

namespace coweave::sim {

class RunRandom : public Random {
 public:
  explicit RunRandom(std::uint64_t seed) noexcept : seed_(seed) {}

  void begin_run(std::uint64_t run) noexcept {
    reseed(seed_, run);
    std::uint64_t mix = seed_ ^ run;
    arming_ = split_mix(mix);
    if (learns_ && !injected_ && points_ > 0) {
      points_sum_ += points_;
      ++points_runs_;
      points_max_ = std::max(points_max_, points_);
    }
    learns_ = run <= Policy::learning_runs;
    injected_ = false;
    points_ = 0;
    lateness_odds_ = 0;
    fault_odds_ = 0;
  }

  /// Answers a choice that is not of the next handle.
  [[nodiscard]] std::uint32_t pick_other(const ChoicePoint& point) noexcept {
    if (point.kind == ChoiceKind::cancel || point.kind == ChoiceKind::expire)
      return pick_cancellation(point.options);
    if (point.kind == ChoiceKind::late) return pick_lateness(point.options);
    if (point.kind == ChoiceKind::fault) return pick_fault(point.label, *point.visit);
    return below(point.options);
  }

 private:
  [[nodiscard]] std::uint32_t pick_cancellation(std::uint32_t options) noexcept {
    if (points_ == 0) place_ = first_place();
    if (++points_ != place_) return 0;
    injected_ = true;
    const std::uint32_t usual = usual_points();
    place_ += 1 + below(usual > points_ ? usual - points_ + 1 : 1);  // of the next one
    return 1 + below(options - 1);
  }

  /// While nothing is known half the runs have no cancellation, to learn soon; later one run in eight looks
  /// as far as the longest that was seen.
  [[nodiscard]] std::uint32_t first_place() noexcept {
    if (points_runs_ == 0) return one_in(2) ? 0 : 1 + below(usual_points());
    return 1 + below(one_in(8) ? std::max(points_max_, usual_points()) : usual_points());
  }

  /// Somewhat beyond the mean, since runs differ.
  [[nodiscard]] std::uint32_t usual_points() const noexcept {
    return points_runs_ == 0 ? 16 : static_cast<std::uint32_t>(points_sum_ / points_runs_ * 5 / 4 + 2);
  }

  [[nodiscard]] std::uint32_t pick_lateness(std::uint32_t options) noexcept {
    if (lateness_odds_ == 0) lateness_odds_ = 2U << below(6);  // 2, 4, …, 64
    return one_in(lateness_odds_) ? 1 + below(options - 1) : 0;
  }

  [[nodiscard]] std::uint32_t pick_fault(const char* label, FaultVisit& visit) noexcept {
    visit.armed = arms(label, visit.odds.armed);
    if (!visit.armed) return 0;
    std::uint32_t odds = visit.odds.injected;
    if (odds == 0) {
      if (fault_odds_ == 0) fault_odds_ = 2U << below(6);  // 2, 4, …, 64
      odds = fault_odds_;
    }
    return one_in(odds) ? 1 : 0;
  }

  /// Follows from the seed, the run and the label alone, whatever else the run draws.
  [[nodiscard]] bool arms(const char* label, std::uint32_t odds) const noexcept {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325U;  // FNV-1a
    for (; *label != '\0'; ++label) {
      hash ^= static_cast<unsigned char>(*label);
      hash *= 0x100'0000'01b3U;
    }
    return Random(arming_ ^ hash).one_in(odds);
  }

  std::uint64_t seed_;
  std::uint64_t arming_ = 0;         ///< which labels are armed in the present run follows from it
  std::uint32_t fault_odds_ = 0;     ///< one in so many; 0: not drawn yet in this run
  std::uint32_t lateness_odds_ = 0;  ///< one in so many; 0: not drawn yet in this run
  bool learns_ = false;              ///< from the present run
  bool injected_ = false;            ///< a cancellation, into it
  std::uint32_t points_ = 0;         ///< of it so far at which a cancellation could be injected
  std::uint32_t place_ = 0;          ///< the next point at which one is; 0: none
  // Of the runs that were learnt from.
  std::uint32_t points_max_ = 0;
  std::uint64_t points_sum_ = 0;
  std::uint64_t points_runs_ = 0;
};

}  // namespace coweave::sim
