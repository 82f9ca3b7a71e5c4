#pragma once

/// A random walk that tends to stay: with a given chance the one that ran last goes on, if it can; otherwise
/// the choice is uniform. Long runs of one task with few switches between them, where the plain walk switches
/// at almost every point. (Coyote's probabilistic strategy, with the chance said outright.)

#include <coweave/sim/policies/run_random.hpp>
#include <coweave/sim/policy.hpp>

#include <string>

namespace coweave::sim {

class StickyWalk final : public Policy {
 public:
  /// `stay_percent`: from 0 to 99.
  StickyWalk(std::uint64_t seed, std::uint32_t stay_percent);

  [[nodiscard]] std::string_view name() const override { return name_; }
  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool sampled() const noexcept override { return true; }
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  std::uint32_t pick(const ChoicePoint& point) override;
  void stepped(const Step& step) override { last_ = step.taken.actor; }

 private:
  std::uint32_t stay_percent_;
  std::string name_;
  RunRandom random_;
  std::uint32_t last_ = 0;
};

}  // namespace coweave::sim
