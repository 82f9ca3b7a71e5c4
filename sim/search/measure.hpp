#pragma once

/// Wraps a policy, changes nothing that it decides, and takes down what some of its runs were like: the first
/// thousand, and then every sixteenth, because looking closely costs as much as running; of systematic search
/// none.

#include <coweave/sim/causality/fingerprint.hpp>
#include <coweave/sim/policy.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace coweave::sim {

/// A run that was looked at.
struct Look {
  std::uint64_t fingerprint = 0;  ///< of the order of its steps, see Fingerprint
  std::uint64_t switches = 0;     ///< steps of another actor than the step before
  std::uint64_t actors = 0;       ///< that took steps
};

class Measure final : public Policy {
 public:
  explicit Measure(Policy& policy) noexcept : policy_(policy) {}

  /// What the last run was like; none if it was not looked at.
  [[nodiscard]] const std::optional<Look>& look() const noexcept { return look_; }

  [[nodiscard]] std::string_view name() const override { return policy_.name(); }
  bool begin_run(std::uint64_t run) override {
    looks_ = !policy_.enumerates() && !policy_.search() && (run <= 1'000 || run % 16 == 0);
    look_.reset();
    return policy_.begin_run(run);
  }
  std::uint32_t pick(const ChoicePoint& point) override { return policy_.pick(point); }
  [[nodiscard]] bool looks_closely() const noexcept override { return looks_ || policy_.looks_closely(); }
  void stepped(const Step& step) override;
  [[nodiscard]] Random* uniform() noexcept override { return policy_.uniform(); }
  [[nodiscard]] bool gave_up() const noexcept override { return policy_.gave_up(); }
  [[nodiscard]] bool left_out() const noexcept override { return policy_.left_out(); }
  [[nodiscard]] std::string caveat() const override { return policy_.caveat(); }
  [[nodiscard]] bool sampled() const noexcept override { return policy_.sampled(); }
  [[nodiscard]] bool enumerates() const noexcept override { return policy_.enumerates(); }
  [[nodiscard]] std::optional<double> runs_in_all() const override { return policy_.runs_in_all(); }
  [[nodiscard]] Search* search() noexcept override { return policy_.search(); }
  [[nodiscard]] std::string assurance(std::uint64_t runs, std::uint64_t actors,
                                      std::uint64_t choices) const override {
    return policy_.assurance(runs, actors, choices);
  }
  void end_run(std::span<const Choice> schedule) override {
    if (look_) look_->fingerprint = fingerprint_.value();
    policy_.end_run(schedule);
  }
  [[nodiscard]] bool covers_all() const noexcept override { return policy_.covers_all(); }
  [[nodiscard]] std::string_view whole() const override { return policy_.whole(); }

 private:
  Policy& policy_;
  Fingerprint fingerprint_;
  std::optional<Look> look_;
  std::uint32_t last_actor_ = 0;
  std::vector<bool> met_;  // by actor: whether it took a step
  bool looks_ = false;
};

}  // namespace coweave::sim
