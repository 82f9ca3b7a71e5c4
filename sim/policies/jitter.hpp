#pragma once

/// asyncio's own order, with times that vary: who runs next is never chosen, but how late the loop is, when
/// bodies in threads begin, injected cancellations and numbers that the program draws are. So whatever fails
/// under it can fail on a production loop that is busy for a moment.
///
/// It needs `jitter_ns` in the settings; without it only cancellations and numbers vary.

#include <coweave/sim/policies/run_random.hpp>
#include <coweave/sim/policy.hpp>

namespace coweave::sim {

class Jitter final : public Policy {
 public:
  static constexpr std::string_view word = "fifo+jitter";

  explicit Jitter(std::uint64_t seed) noexcept : random_(seed) {}

  [[nodiscard]] std::string_view name() const override { return word; }
  bool begin_run(std::uint64_t run) override {
    random_.begin_run(run);
    return true;
  }
  [[nodiscard]] bool sampled() const noexcept override { return true; }
  std::uint32_t pick(const ChoicePoint& point) override {
    return point.kind == ChoiceKind::next ? 0 : random_.pick_other(point);
  }
  [[nodiscard]] std::string caveat() const override { return std::string(only_own_order); }

 private:
  RunRandom random_;
};

}  // namespace coweave::sim
