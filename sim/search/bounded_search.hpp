#pragma once

/// Every schedule with at most so many deviations from asyncio's order, each exactly once.
///
/// Depth first over the tree of choices: after each run the deepest choice that may still be raised is
/// raised, and everything behind it falls back to 0. Exhausted, it has proved that no such schedule fails. (A
/// bound on deviations is delay bounding with a first-in-first-out base: Emmi, Qadeer and Rakamaric, POPL
/// 2011.)

#include <coweave/sim/policy.hpp>

#include <cstddef>
#include <limits>

namespace coweave::sim {

class BoundedSearch final : public Policy {
 public:
  static constexpr std::size_t no_bound = std::numeric_limits<std::size_t>::max();

  explicit BoundedSearch(std::size_t deviations_max = no_bound) noexcept : deviations_max_(deviations_max) {}

  [[nodiscard]] std::string_view name() const override { return "dfs"; }
  bool begin_run(std::uint64_t run) override;
  std::uint32_t pick(const ChoicePoint& point) override;
  void end_run(std::span<const Choice> schedule) override;
  [[nodiscard]] bool enumerates() const noexcept override { return deviations_max_ == no_bound; }
  [[nodiscard]] bool covers_all() const noexcept override {
    return exhausted_ && deviations_max_ == no_bound;
  }

 private:
  std::size_t deviations_max_;
  std::vector<std::uint32_t> prefix_;
  std::size_t position_ = 0;
  bool exhausted_ = false;
};

}  // namespace coweave::sim
