#pragma once

/// Every schedule with at most so many preemptions, each exactly once: all with none, then all with one, …
///
/// A preemption is a switch away from a task that could have gone on, and gave way only because of the
/// scheduling points. Switches where a task suspended cost nothing, and all of them are tried. Exhausted, it
/// has proved that no such schedule fails; most bugs need one or two. (Iterative context bounding: Musuvathi
/// and Qadeer, PLDI 2007.) With suspensions as scheduling points there are no preemptions, and it tries every
/// schedule.
///
/// Depth first among the schedules with equally many. Those with one more are kept, as the choices that lead
/// to the preemption, until their turn comes: memory grows with the number of schedules.

#include <coweave/sim/policy.hpp>
#include <coweave/sim/step.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace coweave::sim {

class Preemptions final : public Policy {
 public:
  explicit Preemptions(std::uint32_t preemptions_max);

  [[nodiscard]] std::string_view name() const override { return name_; }
  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  std::uint32_t pick(const ChoicePoint& point) override;
  void stepped(const Step& step) override { last_ = step.taken.actor; }
  void end_run(std::span<const Choice> schedule) override;

  [[nodiscard]] std::string caveat() const override {
    return "schedules with more than " + std::to_string(preemptions_max_) + " preemptions were not tried";
  }

  /// How many preemptions the schedules have that are tried now.
  [[nodiscard]] std::uint32_t preemptions() const noexcept { return preemptions_; }

 private:
  using Taken = std::vector<std::uint32_t>;

  [[nodiscard]] Taken taken_before(std::size_t node) const;
  void keep_preemptions(std::size_t node, std::uint32_t stays);

  struct Node {
    std::uint32_t taken;
    std::uint32_t options;
    bool is_free;  ///< whether other options cost no preemption
  };

  std::uint32_t preemptions_max_;
  std::string name_;
  std::uint32_t preemptions_ = 0;
  std::vector<Taken> now_;   // beginnings whose schedules are still to be tried, the last one first
  std::vector<Taken> next_;  // the same with one preemption more
  std::vector<Node> nodes_;  // the choices of the last run
  std::size_t fixed_ = 0;    // so many of them belong to the beginning
  std::size_t position_ = 0;
  std::uint32_t last_ = 0;
  bool exhausted_ = false;
};

}  // namespace coweave::sim
