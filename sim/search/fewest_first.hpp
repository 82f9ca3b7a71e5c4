#pragma once

/// Every schedule that costs at most so much, each exactly once: all that cost nothing, then all that cost
/// one, … What costs is for the search that derives from it to say.
///
/// Depth first among the schedules of one cost. A run from which dearer ones part is kept until their turn
/// comes: memory grows with the number of such runs and their length. When there is no room for more, the
/// search goes on with what was kept, and says so.
///
/// A piece is some beginnings of schedules that cost the same, see FewestFirstPlan.

#include <coweave/sim/policies/patience.hpp>
#include <coweave/sim/search/kept_runs.hpp>
#include <coweave/sim/search/search.hpp>
#include <coweave/sim/search/walk.hpp>
#include <coweave/sim/step.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace coweave::sim {

class FewestFirst : public Search {
 public:
  [[nodiscard]] std::string_view name() const final { return name_; }
  bool begin_run(std::uint64_t run) final;
  [[nodiscard]] bool looks_closely() const noexcept final { return true; }
  std::uint32_t pick(const ChoicePoint& point) final;
  void stepped(const Step& step) final { last_ = step.taken.actor; }
  void end_run(std::span<const Choice> schedule) final;
  void take_up(std::string_view task) final;
  [[nodiscard]] std::string leave() final;
  [[nodiscard]] std::unique_ptr<Plan> plan() const final;
  [[nodiscard]] bool left_out() const noexcept final { return left_out_; }
  [[nodiscard]] std::string left_out_in_words() const final;
  [[nodiscard]] std::string dropped() const final;
  [[nodiscard]] bool covers_all() const noexcept final { return !kept_.full_at(); }
  [[nodiscard]] std::string_view whole() const final { return whole_; }
  [[nodiscard]] std::string caveat() const final;

  /// What the schedules cost that are tried now.
  [[nodiscard]] std::uint32_t cost() const noexcept { return cost_; }
  /// So many bytes take the runs that are kept for later.
  [[nodiscard]] std::size_t kept_bytes() const noexcept { return kept_.bytes(); }

 protected:
  /// `word`: of the name, before the bound. `unit`: what costs one. `room`: of its KeptRuns.
  FewestFirst(const char* word, const char* unit, std::uint32_t cost_max, RankCost rank_cost,
              std::size_t room);

  /// The option of a choice of the next handle that costs nothing, where all others cost something, as the
  /// RankCost says; `point.options`: all of them cost nothing. `last` ran last.
  [[nodiscard]] virtual std::uint32_t find_base(const ChoicePoint& point, std::uint32_t last) const = 0;

 private:
  std::uint32_t decide(const ChoicePoint& point);
  [[nodiscard]] Decision first_decision(const ChoicePoint& point);
  [[nodiscard]] bool is_held_back(const ChoicePoint& point) const;
  [[nodiscard]] bool go_on();

  std::uint32_t cost_max_;
  RankCost rank_cost_;
  std::uint32_t cost_last_;  // that is tried here: in a piece there is but one
  std::string name_;
  std::string unit_;
  std::string whole_;
  std::uint32_t cost_ = 0;
  KeptRuns kept_;
  Walk walk_;                    // through what costs as much as is tried now
  std::vector<Decision> nodes_;  // the choices of the last run; what may be tried among them is open
  std::size_t known_ = 0;        // so many of them were known before it
  std::size_t position_ = 0;
  std::uint32_t last_ = 0;
  Patience patience_;
  std::uint32_t held_back_ = 0;  // who has had its turn, and does not count as going on; 0: nobody
  bool left_out_ = false;
  bool is_due_ = false;  // what comes behind the last run was not sought yet
  bool exhausted_ = false;
};

}  // namespace coweave::sim
