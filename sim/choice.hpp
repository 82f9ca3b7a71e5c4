#pragma once

/// Choices: the one stream of nondeterminism of a run.

#include <coweave/core/handle.hpp>
#include <coweave/sim/step.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace coweave::sim {

/// What is decided.
enum class ChoiceKind : std::uint8_t {
  next,    ///< which ready handle runs
  cancel,  ///< whether a cancellation is injected, and into which task: 0 none, k the k-th candidate
  random,  ///< a number that the program asked for
  late,    ///< how late the loop looks at its timers, or a body that runs beside it begins: see Simulation
};

/// A decision that is due. `options` is at least 2; 0 is always asyncio's own order, or no intervention.
struct ChoicePoint {
  ChoiceKind kind;
  std::uint32_t options;
  std::span<detail::Handle* const> ready;  ///< of `next`: the handles in order of arrival
  const char* label;  ///< of `random`: what the program called it; of `late`: null, or "thread" of a body
  std::span<const Candidate> candidates = {};  ///< of `next`, for a policy that looks closely: what is known
};

/// Whether it is decided while a step runs, and not before one.
[[nodiscard]] constexpr bool in_step(const ChoicePoint& point) noexcept {
  return point.kind == ChoiceKind::random || (point.kind == ChoiceKind::late && point.label);
}

/// What is decided, as traces write it: "next", "cancel", "late", "late:thread", "random:<label>".
[[nodiscard]] std::string label_of(const ChoicePoint& point);

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

/// The choices of a run in order.
using Schedule = std::vector<Choice>;

/// The size of a counterexample: how many choices are not 0.
[[nodiscard]] inline std::size_t deviations(std::span<const Choice> schedule) noexcept {
  std::size_t count = 0;
  for (const Choice& choice : schedule) count += choice.taken != 0 ? 1 : 0;
  return count;
}

}  // namespace coweave::sim
