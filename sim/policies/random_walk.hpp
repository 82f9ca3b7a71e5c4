#pragma once

/// The random walk: every choice of the next handle is uniform. The baseline that other policies are compared
/// with.

#include <coweave/sim/policies/run_random.hpp>
#include <coweave/sim/policy.hpp>

namespace coweave::sim {

class RandomWalk final : public Policy {
 public:
  explicit RandomWalk(std::uint64_t seed) noexcept : random_(seed) {}

  [[nodiscard]] std::string_view name() const override { return "random"; }
  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool sampled() const noexcept override { return true; }
  std::uint32_t pick(const ChoicePoint& point) override;
  [[nodiscard]] Random* uniform() noexcept override { return &random_; }

 private:
  RunRandom random_;
};

}  // namespace coweave::sim
