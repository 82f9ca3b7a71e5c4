#pragma once

/// Every schedule that costs at most so much, each exactly once: all that cost nothing, then all that cost
/// one, … What costs is for the search that derives from it to say.
///
/// Depth first among the schedules of one cost. Those that cost more are kept, as the choices that lead to
/// the one that costs, until their turn comes: memory grows with the number of schedules.
///
/// A piece is some beginnings of schedules that cost the same.

#include <coweave/sim/policies/patience.hpp>
#include <coweave/sim/search/search.hpp>
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
  [[nodiscard]] std::string caveat() const final {
    return "schedules with more than " + std::to_string(cost_max_) + " " + unit_ +
           (cost_max_ == 1 ? "" : "s") + " were not tried";
  }

  /// What the schedules cost that are tried now.
  [[nodiscard]] std::uint32_t cost() const noexcept { return cost_; }
  /// Choices that are kept for later, of all schedules together: four bytes each.
  [[nodiscard]] std::size_t kept() const noexcept { return kept_; }

 protected:
  /// `word`: of the name, before the bound. `unit`: what costs one.
  FewestFirst(const char* word, const char* unit, std::uint32_t cost_max)
      : cost_max_(cost_max),
        cost_last_(cost_max),
        name_(std::string(word) + ":" + std::to_string(cost_max)),
        unit_(unit) {}

  /// What each option of a choice of the next handle costs, into `costs`: one of them nothing and all others
  /// something, or all of them nothing. `last` ran last.
  virtual void find_costs(const ChoicePoint& point, std::uint32_t last,
                          std::vector<std::uint32_t>& costs) = 0;

 private:
  using Taken = std::vector<std::uint32_t>;
  /// What is to be done in a piece: the schedules with these beginnings, whose cost is the same.
  struct Task {
    std::uint32_t cost = 0;
    std::vector<Taken> beginnings;
  };
  /// What a piece has found for later: beginnings that cost one more, two more, …
  struct Kept {
    std::uint32_t cost = 0;
    std::vector<std::vector<Taken>> dearer;
  };
  class Pieces;

  struct Node {
    std::uint32_t taken;
    std::uint32_t options;
    bool is_free;  ///< whether other options cost nothing
  };

  void pass_over_last(const ChoicePoint& point);
  std::uint32_t decide(const ChoicePoint& point);
  [[nodiscard]] Taken taken_before(std::size_t node) const;
  void keep_what_costs(std::size_t node);
  [[nodiscard]] bool next_beginning();
  [[nodiscard]] std::vector<Taken> unfinished() const;

  std::uint32_t cost_max_;
  std::uint32_t cost_last_;  // that is tried here: in a piece there is but one
  std::string name_;
  const char* unit_;
  std::size_t kept_ = 0;
  std::uint32_t cost_ = 0;
  /// Beginnings whose schedules are still to be tried, by what they cost; the present ones from the last, the
  /// others as they were found.
  std::vector<std::vector<Taken>> beginnings_;
  std::vector<Node> nodes_;  // the choices of the last run
  std::size_t fixed_ = 0;    // so many of them belong to the beginning
  std::size_t position_ = 0;
  std::uint32_t last_ = 0;
  Patience patience_;
  bool impatient_ = false;  // whoever ran last has had its turn, and does not count as going on
  std::vector<std::uint32_t> costs_;
  bool exhausted_ = false;
};

}  // namespace coweave::sim
