#pragma once

/// Random delays: few deviations, at random places.
///
/// A run keeps to the order of unhurried.hpp but for at most d delays, at choices drawn beforehand; a delay
/// passes over whoever would run next. Many bugs need one or two, wherever in a long run they are. (Delay
/// bounding: Emmi, Qadeer and Rakamaric, POPL 2011; drawn at random as in Coyote.)

#include <coweave/sim/policies/patience.hpp>
#include <coweave/sim/policies/run_random.hpp>
#include <coweave/sim/policy.hpp>

#include <string>
#include <vector>

namespace coweave::sim {

class Delays final : public Policy {
 public:
  /// `delays_max`: of a run, from 1; how many a run has is drawn too.
  Delays(std::uint64_t seed, std::uint32_t delays_max);

  [[nodiscard]] std::string_view name() const override { return name_; }
  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool sampled() const noexcept override { return true; }
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  std::uint32_t pick(const ChoicePoint& point) override;
  void stepped(const Step& step) override { last_ = step.taken.actor; }
  void end_run(std::span<const Choice> schedule) override;

 private:
  std::uint32_t delays_max_;
  std::string name_;
  RunRandom random_;
  Patience patience_;
  std::uint32_t last_ = 0;
  std::vector<std::uint32_t> delayed_;  // at which choices of the next handle, from 1
  bool learning_ = false;
  std::uint32_t choices_ = 0;
  std::uint32_t choices_max_ = 0;  // of the next handle, in a learning run so far
};

}  // namespace coweave::sim
