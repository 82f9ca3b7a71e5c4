#pragma once

/// Every order that matters, once: source-DPOR with sleep sets (Abdulla, Aronis, Jonsson and Sagonas, POPL
/// 2014).
///
/// Runs that differ only in the order of independent steps end alike, so one of them is enough. Depth first:
/// after each run every pair of conflicting steps whose order nothing else settled is a race, and a beginning
/// that reverses it is noted at the step where it would have to part from the run. A step that was tried
/// there sleeps in the branches behind it until something conflicts with it. A run that could only go on with
/// what sleeps is given up: it would be one that has been. No two complete runs are the same but for the
/// order of independent steps.
///
/// Exhausted, it has proved that no schedule fails, as far as steps touch nothing but what the layer reports:
/// primitives, futures, `Shared` variables. What tasks do to plain memory between their awaits it does not
/// see; `dfs` does not depend on that. The order of steps that monitors judge matters, and while a condition
/// on the state is looked at, that of all.
///
/// Of a task that polls it tries a bounded number of polls, see Fairness. And where somebody can still run
/// when the root task ends, it tries every order of what follows; but how many steps of the loop's iteration
/// were left then may depend on the order of steps that share nothing, and it says that it left those orders
/// out.
///
/// A piece is what lies behind one step at one choice of the next handle. See DporPlan for what becomes of
/// races with the steps that lead there.

#include <coweave/sim/search/dpor_messages.hpp>
#include <coweave/sim/search/dpor_run.hpp>
#include <coweave/sim/search/fairness.hpp>
#include <coweave/sim/search/search.hpp>
#include <coweave/sim/search/stack.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace coweave::sim {

class Dpor final : public Search {
 public:
  [[nodiscard]] std::string_view name() const override { return "dpor"; }
  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  std::uint32_t pick(const ChoicePoint& point) override;
  void stepped(const Step& step) override;
  /// What follows from the run is found when the next one begins: behind one that failed there may be none.
  void end_run(std::span<const Choice>) override { is_due_ = true; }
  [[nodiscard]] bool gave_up() const noexcept override { return gave_up_; }
  [[nodiscard]] bool left_out() const noexcept override { return left_out_; }
  [[nodiscard]] std::string left_out_in_words() const override;
  [[nodiscard]] bool covers_all() const noexcept override { return true; }
  [[nodiscard]] std::optional<double> runs_in_all() const override;
  [[nodiscard]] std::string_view whole() const override {
    return "every order of steps that share an object";
  }
  [[nodiscard]] std::string caveat() const override {
    return "schedules that differ only in the order of steps that share no object of the layer count as one; "
           "plain memory that tasks share is not seen: if they share any, dfs is the search that proves "
           "something";
  }
  void take_up(std::string_view task) override;
  [[nodiscard]] std::string leave() override;
  [[nodiscard]] std::unique_ptr<Plan> plan() const override;

 private:
  /// A step that was tried, and what it did.
  struct Tried {
    std::uint64_t actor;
    Effects effects;
  };
  /// A choice of a run, or a step that had none. Actors are known by their keys.
  struct Node {
    bool is_step;           ///< not another choice than that of the next handle
    std::uint64_t taken;    ///< the actor; of another choice the option
    Effects effects;        ///< of the step that was taken
    std::size_t steps;      ///< so many steps had ended before
    std::uint32_t kept;     ///< so many effects, of this node and those before it, outlast what it takes
    std::uint32_t options;  ///< of another choice
    std::vector<std::uint64_t> candidates;  ///< actors
    std::vector<std::uint64_t> to_try;      ///< actors, those that were tried and the present one among them
    std::vector<Tried> tried;
    std::vector<Tried> asleep;
    std::uint64_t runs_before;  ///< behind what was tried
    std::uint64_t runs_behind;  ///< behind what is taken, so far
  };

  void start_at(std::size_t root);
  Node& add_node();
  Node& pass_node();
  void learn();
  std::uint32_t pick_other(const ChoicePoint& point);
  void find_asleep(Node& node) const;
  void fall_asleep(Node& node, const Node& last, const std::vector<Tried>& list) const;
  void take_first(Node& node);
  void note_races();
  void note_upward(const Race& race);
  [[nodiscard]] bool go_on(Node& node) const;
  [[nodiscard]] std::vector<DporTried> keyed(const std::vector<Tried>& list) const;

  Stack<Node> nodes_;
  std::size_t position_ = 0;  // of the next node in this run
  std::size_t root_ = 0;      // so many nodes lead to the piece, and are not its own
  std::size_t fixed_ = 0;  // so many nodes are those of an earlier run, but for what the last of them takes
  DporRun run_;            // the steps of this run
  std::size_t steps_ = 0;  // that have ended in this run
  std::size_t kept_ = 0;   // so many of them are those of the last run
  std::size_t step_node_ = 0;  // of the step that is taken
  bool chosen_ = false;        // there was a choice of that step
  bool drew_ = false;          // the step asked for a number, or was followed by a cancellation
  bool gave_up_ = false;
  bool exhausted_ = false;
  bool is_due_ = false;  // the last run was not learnt from
  bool left_out_ = false;
  Fairness fairness_;
  std::vector<Race> upward_;  // that concern nodes which are not those of the piece
  std::set<std::pair<std::size_t, std::vector<std::uint64_t>>> upward_noted_;
};

}  // namespace coweave::sim
