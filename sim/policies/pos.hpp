#pragma once

/// POS: partial order sampling (Yuan, Yang and Gu, CAV 2018).
///
/// What each actor does next has a random priority, and the highest that can run does. A step takes the
/// priority of whatever conflicts with it away, and a new one is drawn: otherwise an operation that lost once
/// against many would lose for ever. So orders of operations that do not conflict are not told apart, and the
/// effort goes into those that do.
///
/// It needs no parameter. What it knows of conflicts are the operations that were announced: with suspensions
/// as scheduling points there are none, and only an actor that ran draws anew.
///
/// Whoever spins draws anew each time, and whoever it waits for may have drawn so little that this takes for
/// ever: so all draw anew after every thousand choices.

#include <coweave/sim/policies/patience.hpp>
#include <coweave/sim/policies/run_random.hpp>
#include <coweave/sim/policy.hpp>

#include <vector>

namespace coweave::sim {

class Pos final : public Policy {
 public:
  explicit Pos(std::uint64_t seed) noexcept : random_(seed) {}

  [[nodiscard]] std::string_view name() const override { return "pos"; }
  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool sampled() const noexcept override { return true; }
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  std::uint32_t pick(const ChoicePoint& point) override;
  void stepped(const Step& step) override;

 private:
  void draw_anew();
  std::uint64_t& priority(std::uint32_t actor);
  /// Whether one of the steps since the last choice conflicts with `next`.
  [[nodiscard]] bool raced(const Operation& next) const noexcept;

  RunRandom random_;
  std::vector<std::uint64_t> priorities_;  // by actor; 0: to be drawn
  std::uint32_t choices_ = 0;              // since all have drawn
  std::vector<Operation> done_;            // by the steps since the last choice
};

}  // namespace coweave::sim
