#pragma once

/// Several policies that share the runs of an exploration: each takes every n-th. What one of them finds
/// quickly is found at most n times as slowly, whichever of them that is, and nobody has to know beforehand.

#include <coweave/sim/policy.hpp>

#include <memory>
#include <vector>

namespace coweave::sim {

class Portfolio final : public Policy {
 public:
  /// `members`: at least one; they take turns in this order. One that has tried everything it knows ends the
  /// exploration.
  explicit Portfolio(std::vector<std::unique_ptr<Policy>> members);

  [[nodiscard]] std::string_view name() const override { return "portfolio"; }
  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool looks_closely() const noexcept override { return current_->looks_closely(); }
  std::uint32_t pick(const ChoicePoint& point) override { return current_->pick(point); }
  void stepped(const Step& step) override { current_->stepped(step); }
  [[nodiscard]] bool gave_up() const noexcept override { return current_->gave_up(); }
  [[nodiscard]] Random* uniform() noexcept override { return current_->uniform(); }
  void end_run(std::span<const Choice> schedule) override { current_->end_run(schedule); }

 private:
  std::vector<std::unique_ptr<Policy>> members_;
  Policy* current_;
};

}  // namespace coweave::sim
