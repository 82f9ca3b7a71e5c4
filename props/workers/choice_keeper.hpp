#pragma once

/// Wraps a policy, changes nothing that it decides, and puts each choice into a black box as soon as it is
/// made: for runs that may end their process without a word. It costs too much for all runs.

#include <coweave/props/workers/black_box.hpp>
#include <coweave/sim/passing_policy.hpp>
#include <coweave/sim/simulation.hpp>

#include <cstdint>

namespace coweave::detail {

class ChoiceKeeper final : public sim::PassingPolicy {
 public:
  /// All of them must outlive it.
  ChoiceKeeper(sim::Policy& policy, const sim::Simulation& simulation, BlackBox& box) noexcept
      : PassingPolicy(policy), simulation_(simulation), box_(box) {}

  bool begin_run(std::uint64_t run) override {
    const bool begun = policy_.begin_run(run);
    box_.choices_begin();
    return begun;
  }
  /// Of a run for which `begin_run` of the policy has been called.
  void begins() noexcept { box_.choices_begin(); }
  std::uint32_t pick(const sim::ChoicePoint& point) override {
    const std::uint32_t taken = policy_.pick(point);
    box_.keep_choice({point.kind, point.options, taken}, simulation_.steps());
    return taken;
  }
  /// So that it hears of each step.
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  void stepped(const sim::Step& step) override {
    PassingPolicy::stepped(step);
    box_.keep_step(simulation_.steps() + 1);
  }

 private:
  const sim::Simulation& simulation_;
  BlackBox& box_;
};

}  // namespace coweave::detail
