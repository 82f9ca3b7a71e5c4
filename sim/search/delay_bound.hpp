#pragma once

/// Every schedule with at most so many delays, each exactly once: all with none, then all with one, …
///
/// A delay passes over whoever would run next in the order of unhurried.hpp; to run the one at place n costs
/// n. There are at most n^k schedules with k delays in a run of n steps, however many tasks there are, so
/// this is the systematic search for long runs of many tasks. Cancellations and numbers that the program
/// draws cost nothing, and all of them are tried. (Iterative delay bounding: Emmi, Qadeer and Rakamaric, POPL
/// 2011.)

#include <coweave/sim/search/fewest_first.hpp>

namespace coweave::sim {

class DelayBound final : public FewestFirst {
 public:
  explicit DelayBound(std::uint32_t delays_max, std::size_t room = KeptRuns::bytes_max)
      : FewestFirst("delay-bound", "delay", delays_max, place, room) {}

 private:
  static std::uint32_t place(std::uint32_t first, std::uint32_t option);
  [[nodiscard]] std::uint32_t find_base(const ChoicePoint& point, std::uint32_t last) const override;
};

}  // namespace coweave::sim
