#pragma once

/// URW: the uniform random walk (Zhao, Wolff, Mathur and Roychoudhury, ASPLOS 2025).
///
/// An actor runs next with a probability in proportion to the steps that it has before it, those of the tasks
/// that it will create counted in. Of a program that does not block, every interleaving is then equally
/// likely; the plain walk hardly ever delays a short task behind a long one. How many steps there are is
/// learnt from the first runs, of which the very first is a plain random walk; what was not seen counts as
/// one.

#include <coweave/sim/policies/profile.hpp>
#include <coweave/sim/policies/run_random.hpp>
#include <coweave/sim/policy.hpp>

#include <vector>

namespace coweave::sim {

class Urw final : public Policy {
 public:
  explicit Urw(std::uint64_t seed) noexcept : random_(seed) {}

  [[nodiscard]] std::string_view name() const override { return "urw"; }
  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool sampled() const noexcept override { return true; }
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  std::uint32_t pick(const ChoicePoint& point) override;
  void stepped(const Step& step) override;

 private:
  [[nodiscard]] std::uint64_t weight(std::uint32_t actor) const noexcept;

  RunRandom random_;
  Profile profile_;
  bool profiling_ = false;
  bool settled_ = false;               // the profile changes no more
  std::vector<std::uint64_t> steps_;   // of the profile, by actor
  std::vector<std::uint64_t> before_;  // of this run: steps that are still to come
};

}  // namespace coweave::sim
