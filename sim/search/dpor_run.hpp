#pragma once

/// The steps of one run with their happens-before order, and the races among them: what Dpor learns from a
/// run.

#include <coweave/sim/causality/clock.hpp>
#include <coweave/sim/search/stack.hpp>
#include <coweave/sim/step.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <vector>

namespace coweave::sim {

/// Adds to `effects` what a step did that others may depend on: what was heard, and what was announced if
/// nothing was heard of it (awaiting a future that is done does nothing else).
void add_effects(const Step& step, std::vector<Operation>& effects);

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

/// Where the effects of a step stand among those of all steps that are kept.
struct Effects {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// What a step does to an object, told so that every process understands it.
struct KeyedOperation {
  std::uint64_t object = 0;  ///< its key; 0: none
  Access access = Access::unknown;
  Part part = Part::none;
};

/// Two steps that could come in the other order. Actors are known by their keys.
struct Race {
  std::size_t node = 0;                 ///< of the first step: where a run would have to part
  std::uint64_t second = 0;             ///< the actor of the second step
  std::vector<std::uint64_t> initials;  ///< actors with any of whom a run that reverses them can go on there
};

/// Adds to `to_try`, at the node of the race, where `candidates` could run, whoever has to be tried there so
/// that the race is reversed in some run, unless somebody is there who does.
void note(const Race& race, const std::vector<std::uint64_t>& candidates, std::vector<std::uint64_t>& to_try);

class DporRun {
 public:
  /// Forgets all but the first `steps` steps and the first `effects` effects: a run begins that is as the
  /// last one so far.
  void keep(std::size_t steps, std::uint32_t effects);

  /// A step, which belongs to the choice `node`. `drew`: what it did may depend on anything.
  Effects add(const Step& step, std::size_t node, bool drew);
  /// What a step did that is none of this run.
  Effects add(std::span<const KeyedOperation> effects);

  [[nodiscard]] std::span<const Operation> operator[](Effects effects) const noexcept {
    return {effects_.data() + effects.begin, effects_.data() + effects.end};
  }
  /// The same, for others.
  [[nodiscard]] std::vector<KeyedOperation> keyed(Effects effects) const;
  /// How many effects there are.
  [[nodiscard]] std::uint32_t effects() const noexcept { return static_cast<std::uint32_t>(effects_.size()); }

  /// Calls `note` for each race whose second step is not among the first `steps`, and whose first step
  /// belongs to a choice that is `wanted`.
  template <class Wanted, class Note>
  void races(std::size_t steps, Wanted wanted, Note note) {
    for (std::size_t second = steps; second < events_.size(); ++second) {
      // Who was kept from running makes no step that a race could be with.
      const Event& last = events_[second];
      for (const std::uint64_t actor : last.forgotten) {
        if (wanted(last.node)) note(Race{last.node, actor, {actor}});
      }
      for (std::size_t first = second; first-- > 0;) {
        if (wanted(events_[first].node) && races_with(first, second)) note(race(first, second));
      }
    }
  }

 private:
  struct Event {
    std::uint32_t actor;
    std::uint64_t key;
    std::uint32_t number;  ///< among the steps of the actor, from 1
    std::size_t node;
    bool had_to_wait;
    Effects effects;
    Clock before;  ///< what happened before because it is of the same actor, or woke it
    Clock clock;   ///< and because it used the same objects; and the step itself
    std::vector<std::uint32_t> woken;
    std::vector<std::uint64_t> forgotten;  ///< the keys of those, and of whom the end of the run kept so
  };

  std::uint32_t object(std::uint64_t key);
  void add_event(const Step& step, std::size_t node, Effects effects);
  void pass_on(const Event& event);
  void learn_of(const Event& event);
  void join_dependent(Clock& clock, std::span<const Operation> effects) const;
  [[nodiscard]] static bool knows(const Clock& clock, const Event& event) noexcept {
    return event.actor < clock.size() && clock[event.actor] >= event.number;
  }
  [[nodiscard]] bool races_with(std::size_t first, std::size_t second) const;
  [[nodiscard]] bool last_to(Part part, std::size_t first, std::size_t second, std::uint32_t object) const;
  [[nodiscard]] bool shut_out(std::size_t first, std::size_t second, std::uint32_t object) const;
  [[nodiscard]] bool adjacent(std::size_t first, std::size_t second) const;
  const Race& race(std::size_t first, std::size_t second);

  Stack<Event> events_;
  std::vector<Operation> effects_;
  std::vector<Clock> known_;  // by actor: of what its next step knows
  // The clocks of all steps so far together: of those that used an object, by that; of those that any step
  // depends on; and of all.
  struct Uses {
    Clock read;
    Clock written;
  };
  std::vector<Uses> uses_;
  Clock of_barriers_;
  Clock of_all_;
  // Objects have numbers of their own here, because others speak of them before they are met.
  std::vector<std::uint32_t> objects_;  // by the number that the simulation gave it; 0: not met yet
  std::vector<std::uint64_t> object_keys_{0};
  std::map<std::uint64_t, std::uint32_t> object_of_key_;
  Race race_;
  std::vector<const Event*> rest_;
};

}  // namespace coweave::sim
