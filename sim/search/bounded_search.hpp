#pragma once

/// Every schedule with at most so many deviations from asyncio's order, each exactly once.
///
/// Depth first over the tree of choices: after each run the deepest choice that may still be raised is
/// raised, and everything behind it falls back to 0. Exhausted, it has proved that no such schedule fails. (A
/// bound on deviations is delay bounding with a first-in-first-out base: Emmi, Qadeer and Rakamaric, POPL
/// 2011.)
///
/// Without a bound it leaves out schedules in which a task goes on in vain while others wait, see Fairness.
/// Such a schedule has many deviations before it; so runs with fewer are not looked at closely, and cost
/// nothing more.

#include <coweave/sim/policy.hpp>
#include <coweave/sim/search/fairness.hpp>

#include <cstddef>
#include <limits>
#include <utility>

namespace coweave::sim {

class BoundedSearch final : public Policy {
 public:
  static constexpr std::size_t no_bound = std::numeric_limits<std::size_t>::max();

  explicit BoundedSearch(std::size_t deviations_max = no_bound) noexcept : deviations_max_(deviations_max) {}
  /// Every schedule that begins with these options; they are at most `Fairness::steps_max`.
  explicit BoundedSearch(std::vector<std::uint32_t> root) noexcept
      : deviations_max_(no_bound), root_(std::move(root)) {}

  /// Whoever arrived first goes on, and nothing else is tried: only what is no choice of the next handle is.
  void keep_order() noexcept { keeps_order_ = true; }

  [[nodiscard]] std::string_view name() const override { return "dfs"; }
  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool looks_closely() const noexcept override { return close_; }
  std::uint32_t pick(const ChoicePoint& point) override;
  void stepped(const Step& step) override { fairness_.stepped(step); }
  void end_run(std::span<const Choice> schedule) override;
  [[nodiscard]] bool enumerates() const noexcept override { return deviations_max_ == no_bound; }
  [[nodiscard]] bool left_out() const noexcept override { return left_out_; }
  [[nodiscard]] std::string left_out_in_words() const override { return Fairness::in_words(); }
  [[nodiscard]] bool covers_all() const noexcept override {
    return exhausted_ && deviations_max_ == no_bound;
  }

 private:
  std::uint32_t pick_fairly(const ChoicePoint& point);
  [[nodiscard]] std::uint32_t next_option(std::size_t index, const Choice& choice) const;

  std::size_t deviations_max_;
  bool keeps_order_ = false;
  std::vector<std::uint32_t> root_;
  std::vector<std::uint32_t> prefix_;
  std::size_t position_ = 0;
  bool exhausted_ = false;
  bool close_ = false;  // looks at this run
  Fairness fairness_;
  std::vector<std::uint32_t> next_;  // by choice of a run that is looked at: what is to be tried after it
  bool left_out_ = false;
};

}  // namespace coweave::sim
