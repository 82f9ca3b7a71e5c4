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

#include <coweave/sim/dpor_run.hpp>
#include <coweave/sim/policy.hpp>

#include <cstdint>
#include <vector>

namespace coweave::sim {

class Dpor final : public Policy {
 public:
  [[nodiscard]] std::string_view name() const override { return "dpor"; }
  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  std::uint32_t pick(const ChoicePoint& point) override;
  void stepped(const Step& step) override;
  void end_run(std::span<const Choice> schedule) override;
  [[nodiscard]] bool gave_up() const noexcept override { return gave_up_; }
  [[nodiscard]] bool covers_all() const noexcept override { return true; }
  [[nodiscard]] std::string caveat() const override {
    return "of schedules that differ only in the order of steps that share no object of the layer, one was "
           "tried; plain memory that tasks share is not seen, nor what they ask by is_set, locked, empty or "
           "done";
  }

 private:
  /// A step that was tried, and what it did.
  struct Tried {
    std::uint32_t actor;
    std::vector<Operation> operations;
  };
  /// A choice of a run, or a step that had none.
  struct Node {
    std::vector<std::uint32_t> candidates;  ///< actors; empty: another choice than that of the next handle
    std::vector<std::uint32_t> to_try;      ///< actors, the present one among them
    std::vector<Tried> tried;
    std::vector<Tried> asleep;
    std::uint32_t taken = 0;    ///< the actor; of another choice the option
    std::uint32_t options = 0;  ///< of another choice
    std::vector<Operation> operations;
  };

  std::uint32_t pick_other(const ChoicePoint& point);
  [[nodiscard]] std::vector<Tried> asleep_next() const;
  void add_node(std::vector<std::uint32_t> candidates);
  void note_races();
  void note_race(const Race& race);
  void advance();

  std::vector<Node> nodes_;
  std::size_t position_ = 0;  // of the next node in this run
  std::size_t fixed_ = 0;  // so many nodes are those of an earlier run, but for what the last of them takes
  DporRun run_;            // the steps of this run
  std::size_t step_node_ = 0;  // of the step that is taken
  bool chosen_ = false;        // there was a choice of that step
  bool drew_ = false;          // the step asked for a number, or was followed by a cancellation
  bool gave_up_ = false;
  bool exhausted_ = false;
};

}  // namespace coweave::sim
