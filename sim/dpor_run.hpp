#pragma once

/// The steps of one run with their happens-before order, and the races among them: what Dpor learns from a
/// run.

#include <coweave/sim/clock.hpp>
#include <coweave/sim/step.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace coweave::sim {

/// What a step did that others may depend on: what was heard, and what was announced if nothing was heard of
/// it (awaiting a future that is done does nothing else).
[[nodiscard]] std::vector<Operation> effects(const Step& step);

// What a step writes besides that is judged: objects that no program makes. A judged state is last.
constexpr std::uint32_t judged_order = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t judged_state = judged_order - 1;

/// Whether a step with these effects depends on every other, whatever that does.
[[nodiscard]] inline bool depends_on_all(std::span<const Operation> effects) noexcept {
  return !effects.empty() && effects.back().object == judged_state;
}
/// Whether the order of two steps with these effects may matter.
[[nodiscard]] inline bool order_matters(std::span<const Operation> one,
                                        std::span<const Operation> other) noexcept {
  return depends_on_all(one) || depends_on_all(other) || dependent(one, other);
}

/// Two steps that could come in the other order.
struct Race {
  std::size_t node = 0;                 ///< of the first step: where a run would have to part
  std::uint32_t second = 0;             ///< the actor of the second step
  std::vector<std::uint32_t> initials;  ///< actors with any of whom a run that reverses them can go on there
};

class DporRun {
 public:
  /// Forgets the steps from the choice `node` on: a run begins that is as the last one before that.
  void keep_before(std::size_t node);

  /// A step, which belongs to the choice `node`, and did `operations`.
  void add(const Step& step, std::vector<Operation> operations, std::size_t node);

  /// The races whose second step belongs to a choice from `node` on.
  [[nodiscard]] std::vector<Race> races(std::size_t node) const;

 private:
  struct Event {
    std::uint32_t actor;
    std::uint32_t number;  ///< among the steps of the actor, from 1
    std::size_t node;
    std::vector<Operation> operations;
    Clock before;  ///< what happened before because it is of the same actor, or woke it
    Clock clock;   ///< and because it used the same objects; and the step itself
    std::vector<std::uint32_t> woken;
  };

  void pass_on(const Event& event);
  [[nodiscard]] bool knows(const Clock& clock, const Event& event) const noexcept;
  [[nodiscard]] bool races_with(std::size_t first, std::size_t second) const;
  [[nodiscard]] bool last_to_take(std::size_t first, std::size_t second, std::uint32_t object) const;
  [[nodiscard]] bool adjacent(std::size_t first, std::size_t second) const;
  [[nodiscard]] Race race(std::size_t first, std::size_t second) const;

  std::vector<Event> events_;
  std::vector<Clock> known_;  // by actor: of what its next step knows
};

}  // namespace coweave::sim
