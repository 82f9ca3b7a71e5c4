#pragma once

/// Every schedule with at most so many preemptions, each exactly once: all with none, then all with one, …
///
/// A preemption is a switch away from a task that could have gone on, and gave way only because of the
/// scheduling points. Switches where a task suspended cost nothing, and all of them are tried. Exhausted, it
/// has proved that no such schedule fails; most bugs need one or two. (Iterative context bounding: Musuvathi
/// and Qadeer, PLDI 2007.) With suspensions as scheduling points there are no preemptions, and it tries every
/// schedule.

#include <coweave/sim/search/fewest_first.hpp>

namespace coweave::sim {

class Preemptions final : public FewestFirst {
 public:
  explicit Preemptions(std::uint32_t preemptions_max, std::size_t room = KeptRuns::bytes_max)
      : FewestFirst("preempt", "preemption", preemptions_max, one, room) {}

 private:
  static std::uint32_t one(std::uint32_t, std::uint32_t) { return 1; }
  [[nodiscard]] std::uint32_t find_base(const ChoicePoint& point, std::uint32_t last) const override;
};

}  // namespace coweave::sim
