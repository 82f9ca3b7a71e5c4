#pragma once

/// Choices: the one stream of nondeterminism of a run.

#include <coweave/core/handle.hpp>
#include <coweave/sim/step.hpp>

#include <cstdint>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coweave::sim {

/// What is decided.
enum class ChoiceKind : std::uint8_t {
  next,    ///< which ready handle runs
  cancel,  ///< whether a cancellation is injected, and into which task: 0 none, k the k-th candidate
  random,  ///< a number that the program asked for
  late,    ///< how late the loop looks at its timers, or a body that runs beside it begins: see Simulation
  fault,   ///< whether the program's `fault` gives true: 0 no, 1 yes
  expire,  ///< whether a time-out is up before its time, and which: 0 none, k the k-th candidate
};

/// How likely a fault is: one in so many.
struct FaultOdds {
  std::uint32_t armed = 4;     ///< that a label is armed in a run, at least 1
  std::uint32_t injected = 0;  ///< that a fault is injected at a visit, if it is; 0: drawn for each run from
                               ///< 2, 4, 8, …, 64
};

/// Of a `fault`: where, and how likely it should be under a policy that goes by chance.
struct FaultVisit {
  std::source_location at;
  FaultOdds odds;
  bool armed = true;  ///< a policy says false if it would not inject any fault of this label in this run
};

/// A decision that is due. `options` is at least 2; 0 is always asyncio's own order, or no intervention.
struct ChoicePoint {
  ChoiceKind kind;
  std::uint32_t options;
  std::span<detail::Handle* const> ready;  ///< of `next`: the handles in order of arrival
  /// Of `random` and `fault`: what the program called it; of `late`: null, or "thread" of a body.
  const char* label;
  std::span<const Candidate> candidates = {};  ///< of `next`, for a policy that looks closely: what is known
  FaultVisit* visit = nullptr;                 ///< of `fault`
  std::span<const std::uint64_t> keys = {};    ///< beside candidates: as those of a Step
};

/// Whether it is decided while a step runs, and not before one.
[[nodiscard]] constexpr bool in_step(const ChoicePoint& point) noexcept {
  return point.kind == ChoiceKind::random || point.kind == ChoiceKind::fault ||
         (point.kind == ChoiceKind::late && point.label);
}

/// Whether a choice other than 0 does something to the program that it did not do by itself.
[[nodiscard]] constexpr bool injects(ChoiceKind kind) noexcept {
  return kind == ChoiceKind::cancel || kind == ChoiceKind::fault || kind == ChoiceKind::expire;
}

/// What is decided, as traces write it: "next", "cancel", "late", "late:thread", "random:<label>",
/// "fault:<label>", "expire".
[[nodiscard]] std::string label_of(const ChoicePoint& point);
/// The kind of a choice, by what traces write.
[[nodiscard]] ChoiceKind kind_of(std::string_view label) noexcept;
/// The word for it.
[[nodiscard]] const char* to_string(ChoiceKind kind) noexcept;

inline constexpr std::uint32_t options_max = (1U << 24U) - 1;

/// A decision as exploration records it: eight bytes.
class Choice {
 public:
  std::uint32_t taken = 0;

  Choice() = default;
  Choice(ChoiceKind kind, std::uint32_t options, std::uint32_t taken_in) noexcept
      : taken(taken_in), packed_(static_cast<std::uint32_t>(kind) << 24U | options) {}

  [[nodiscard]] ChoiceKind kind() const noexcept { return static_cast<ChoiceKind>(packed_ >> 24U); }
  [[nodiscard]] std::uint32_t options() const noexcept { return packed_ & options_max; }
  friend bool operator==(const Choice&, const Choice&) = default;

 private:
  std::uint32_t packed_ = 0;
};

/// Whether it is another decision than who runs next, and not the first option.
[[nodiscard]] inline bool is_no_switch(const Choice& choice) noexcept {
  return choice.taken != 0 && choice.kind() != ChoiceKind::next;
}

/// The choices of a run in order.
using Schedule = std::vector<Choice>;

/// The size of a counterexample: how many choices are not 0.
[[nodiscard]] inline std::size_t deviations(std::span<const Choice> schedule) noexcept {
  std::size_t count = 0;
  for (const Choice& choice : schedule) count += choice.taken != 0 ? 1 : 0;
  return count;
}

}  // namespace coweave::sim
