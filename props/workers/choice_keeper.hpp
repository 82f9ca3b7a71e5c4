#pragma once

/// Wraps a policy, changes nothing that it decides, and puts each choice into a black box as soon as it is
/// made: for runs that may end their process without a word. It costs too much for all runs.

#include <coweave/props/workers/black_box.hpp>
#include <coweave/sim/policy.hpp>
#include <coweave/sim/simulation.hpp>

#include <cstdint>
#include <string>

namespace coweave::detail {

class ChoiceKeeper final : public sim::Policy {
 public:
  /// All of them must outlive it.
  ChoiceKeeper(sim::Policy& policy, const sim::Simulation& simulation, BlackBox& box) noexcept
      : policy_(policy), simulation_(simulation), box_(box) {}

  [[nodiscard]] std::string_view name() const override { return policy_.name(); }
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
    if (policy_.looks_closely()) policy_.stepped(step);
    box_.keep_step(simulation_.steps() + 1);
  }
  [[nodiscard]] bool gave_up() const noexcept override { return policy_.gave_up(); }
  [[nodiscard]] bool left_out() const noexcept override { return policy_.left_out(); }
  [[nodiscard]] std::string caveat() const override { return policy_.caveat(); }
  [[nodiscard]] bool sampled() const noexcept override { return policy_.sampled(); }
  [[nodiscard]] bool enumerates() const noexcept override { return policy_.enumerates(); }
  [[nodiscard]] sim::Search* search() noexcept override { return policy_.search(); }
  void end_run(std::span<const sim::Choice> schedule) override { policy_.end_run(schedule); }
  [[nodiscard]] bool covers_all() const noexcept override { return policy_.covers_all(); }
  [[nodiscard]] std::string_view whole() const override { return policy_.whole(); }

 private:
  sim::Policy& policy_;
  const sim::Simulation& simulation_;
  BlackBox& box_;
};

}  // namespace coweave::detail
