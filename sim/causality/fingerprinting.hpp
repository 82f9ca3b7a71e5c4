#pragma once

/// Wraps a policy, changes nothing that it decides, and takes the fingerprint of each run.

#include <coweave/sim/causality/fingerprint.hpp>
#include <coweave/sim/passing_policy.hpp>

#include <cstdint>

namespace coweave::sim {

class Fingerprinting final : public PassingPolicy {
 public:
  /// `policy` must outlive it.
  explicit Fingerprinting(Policy& policy) noexcept : PassingPolicy(policy) {}

  /// Of the last run.
  [[nodiscard]] std::uint64_t fingerprint() const noexcept { return fingerprint_.value(); }

  bool begin_run(std::uint64_t run) override {
    fingerprint_.begin_run();
    return policy_.begin_run(run);
  }
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  void stepped(const Step& step) override {
    fingerprint_.add(step);
    PassingPolicy::stepped(step);
  }

 private:
  Fingerprint fingerprint_;
};

}  // namespace coweave::sim
