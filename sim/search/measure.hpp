#pragma once

/// Wraps a policy, changes nothing that it decides, and takes down what some of its runs were like: the first
/// thousand, and then every sixteenth, because looking closely costs as much as running; of systematic search
/// none.

#include <coweave/sim/causality/fingerprint.hpp>
#include <coweave/sim/passing_policy.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace coweave::sim {

/// A run that was looked at.
struct Look {
  std::uint64_t fingerprint = 0;  ///< of the order of its steps, see Fingerprint
  std::uint64_t switches = 0;     ///< steps of another actor than the step before
  std::uint64_t actors = 0;       ///< that took steps
};

class Measure final : public PassingPolicy {
 public:
  explicit Measure(Policy& policy) noexcept : PassingPolicy(policy) {}

  /// What the last run was like; none if it was not looked at.
  [[nodiscard]] const std::optional<Look>& look() const noexcept { return look_; }

  bool begin_run(std::uint64_t run) override {
    looks_ = !policy_.enumerates() && !policy_.search() && (run <= 1'000 || run % 16 == 0);
    look_.reset();
    return policy_.begin_run(run);
  }
  [[nodiscard]] bool looks_closely() const noexcept override { return looks_ || policy_.looks_closely(); }
  void stepped(const Step& step) override;
  [[nodiscard]] Random* uniform() noexcept override { return policy_.uniform(); }
  void end_run(std::span<const Choice> schedule) override {
    if (look_) look_->fingerprint = fingerprint_.value();
    policy_.end_run(schedule);
  }

 private:
  Fingerprint fingerprint_;
  std::optional<Look> look_;
  std::uint32_t last_actor_ = 0;
  std::vector<bool> met_;  // by actor: whether it took a step
  bool looks_ = false;
};

}  // namespace coweave::sim
