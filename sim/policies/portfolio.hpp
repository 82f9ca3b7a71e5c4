#pragma once

/// Several policies that share the runs of an exploration by turns. What a policy with one turn in n finds
/// quickly is found at most n times as slowly, whichever of them that is, and nobody has to know beforehand.

#include <coweave/sim/policy.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace coweave::sim {

class Portfolio final : public Policy {
 public:
  /// `members`: at least one, all of them sampled. `turns`: who takes which of so many runs, by index, and
  /// again from the start; at least one. Members get the numbers of the portfolio's runs, so their streams
  /// differ, and what they learn they learn in those of the first `learning_runs` that are theirs.
  Portfolio(std::vector<std::unique_ptr<Policy>> members, std::vector<std::size_t> turns);

  [[nodiscard]] std::string_view name() const override { return "portfolio"; }
  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool sampled() const noexcept override { return true; }
  [[nodiscard]] bool looks_closely() const noexcept override { return current_->looks_closely(); }
  std::uint32_t pick(const ChoicePoint& point) override { return current_->pick(point); }
  void stepped(const Step& step) override { current_->stepped(step); }
  [[nodiscard]] Random* uniform() noexcept override { return current_->uniform(); }
  void end_run(std::span<const Choice> schedule) override { current_->end_run(schedule); }

 private:
  std::vector<std::unique_ptr<Policy>> members_;
  std::vector<std::size_t> turns_;
  Policy* current_;
};

}  // namespace coweave::sim
