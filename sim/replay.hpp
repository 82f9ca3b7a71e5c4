#pragma once

/// Policies that follow a schedule that was recorded.

#include <coweave/sim/policy.hpp>

#include <cstddef>
#include <optional>

namespace coweave::sim {

/// Where a run left the schedule that it was to follow.
struct Divergence {
  std::size_t position = 0;        ///< which choice, from 0
  std::optional<Choice> expected;  ///< none: the schedule was at its end
  std::optional<Choice> found;     ///< none: the run was at its end
};

/// Follows a schedule exactly; the first difference is noted and the rest of the run takes 0.
class StrictReplay final : public Policy {
 public:
  explicit StrictReplay(Schedule schedule) noexcept : schedule_(std::move(schedule)) {}

  [[nodiscard]] std::string_view name() const override { return "replay"; }
  bool begin_run(std::uint64_t) override {
    position_ = 0;
    divergence_.reset();
    return true;
  }
  std::uint32_t pick(const ChoicePoint& point) override;
  void end_run(std::span<const Choice> schedule) override;

  [[nodiscard]] const std::optional<Divergence>& divergence() const noexcept { return divergence_; }

 private:
  Schedule schedule_;
  std::size_t position_ = 0;
  std::optional<Divergence> divergence_;
};

/// Follows a schedule as far as it goes: a choice that is out of range counts as 0, and so does everything
/// behind the end. What the shrinker tries its candidates with.
class LooseReplay final : public Policy {
 public:
  void follow(std::span<const Choice> schedule) { schedule_.assign(schedule.begin(), schedule.end()); }

  [[nodiscard]] std::string_view name() const override { return "replay"; }
  bool begin_run(std::uint64_t) override {
    position_ = 0;
    return true;
  }
  std::uint32_t pick(const ChoicePoint& point) override {
    if (position_ >= schedule_.size()) return 0;
    const Choice& choice = schedule_[position_++];
    return choice.kind() == point.kind && choice.taken < point.options ? choice.taken : 0;
  }

 private:
  Schedule schedule_;
  std::size_t position_ = 0;
};

}  // namespace coweave::sim
