#pragma once

/// A policy in front of another, which decides: whoever wants to change a part of what that does, or only to
/// look on, derives from it and overrides that part. It is asked for each choice, see `Policy::uniform`.

#include <coweave/sim/policy.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace coweave::sim {

class PassingPolicy : public Policy {
 public:
  [[nodiscard]] std::string_view name() const override { return policy_.name(); }
  bool begin_run(std::uint64_t run) override { return policy_.begin_run(run); }
  [[nodiscard]] bool sampled() const noexcept override { return policy_.sampled(); }
  std::uint32_t pick(const ChoicePoint& point) override { return policy_.pick(point); }
  [[nodiscard]] bool looks_closely() const noexcept override { return policy_.looks_closely(); }
  /// If this one wants to hear of steps and the other does not, the other hears of none.
  void stepped(const Step& step) override {
    if (policy_.looks_closely()) policy_.stepped(step);
  }
  [[nodiscard]] bool gave_up() const noexcept override { return policy_.gave_up(); }
  [[nodiscard]] bool left_out() const noexcept override { return policy_.left_out(); }
  [[nodiscard]] std::string left_out_in_words() const override { return policy_.left_out_in_words(); }
  [[nodiscard]] std::string caveat() const override { return policy_.caveat(); }
  [[nodiscard]] bool enumerates() const noexcept override { return policy_.enumerates(); }
  [[nodiscard]] std::optional<double> runs_in_all() const override { return policy_.runs_in_all(); }
  [[nodiscard]] Search* search() noexcept override { return policy_.search(); }
  [[nodiscard]] std::string assurance(std::uint64_t runs, std::uint64_t actors,
                                      std::uint64_t choices) const override {
    return policy_.assurance(runs, actors, choices);
  }
  void end_run(std::span<const Choice> schedule) override { policy_.end_run(schedule); }
  [[nodiscard]] bool covers_all() const noexcept override { return policy_.covers_all(); }
  [[nodiscard]] std::string_view whole() const override { return policy_.whole(); }

 protected:
  /// `policy` must outlive it.
  explicit PassingPolicy(Policy& policy) noexcept : policy_(policy) {}

  Policy& policy_;
};

}  // namespace coweave::sim
