#pragma once

/// SURW: the selectively uniform random walk (Zhao, Wolff, Mathur and Roychoudhury, ASPLOS 2025).
///
/// For each run one object is drawn, and only the order of the uses of that object is sampled uniformly;
/// everything else runs in random order. The picture: who is to use the object next is settled beforehand
/// (weighted by the uses that each has before it), and whoever else comes to it is held there until that has
/// happened. A bug that a few operations on one object provoke is so found in a number of runs that hardly
/// depends on what the rest of the program does.
///
/// Drawn are objects that several actors use, evenly, and not those that are only used under one lock: their
/// order follows from the lock's. (The paper draws accesses to memory alone, in proportion to their number.)
///
/// Uses are those that were announced. A program that announces none (scheduling points `suspensions`) has
/// all its steps sampled uniformly, as URW does. Counts are those of the first runs, of which the very first
/// is a plain random walk.

#include <coweave/sim/policies/patience.hpp>
#include <coweave/sim/policies/profile.hpp>
#include <coweave/sim/policies/run_random.hpp>
#include <coweave/sim/policy.hpp>

#include <vector>

namespace coweave::sim {

class Surw final : public Policy {
 public:
  explicit Surw(std::uint64_t seed) noexcept : random_(seed) {}

  [[nodiscard]] std::string_view name() const override { return "surw"; }
  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool sampled() const noexcept override { return true; }
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  std::uint32_t pick(const ChoicePoint& point) override;
  void stepped(const Step& step) override;

 private:
  static constexpr std::uint32_t nobody = 0xffff'ffffU;

  void draw_object();
  [[nodiscard]] bool selected(const Candidate& candidate) const noexcept {
    return everything_ || candidate.next.object == object_;
  }
  std::uint64_t& weight(std::uint32_t actor);
  [[nodiscard]] bool held(std::uint32_t actor) const noexcept {
    return held_count_ != 0 && actor < held_.size() && held_[actor] != 0;
  }
  void settle_anew();
  [[nodiscard]] std::uint32_t count_free(const ChoicePoint& point) const noexcept;
  std::uint32_t draw_free(const ChoicePoint& point, std::uint32_t free);
  void intend(const ChoicePoint& point);
  void hold_others(const ChoicePoint& point);

  RunRandom random_;
  Profile profile_;
  std::vector<std::uint32_t> objects_;  // of the profile: one of them is drawn for a run
  bool profiling_ = false;
  bool settled_ = false;               // the profile changes no more
  bool everything_ = false;            // of this run: all steps are selected
  std::uint32_t object_ = 0;           // of this run: whose uses are selected
  std::vector<std::uint64_t> before_;  // selected steps that are still to come, by actor
  std::uint32_t intended_ = nobody;    // who takes the next selected step
  std::vector<std::uint8_t> held_;     // whether at a selected step, by actor
  std::uint32_t held_count_ = 0;       // so many
  std::uint32_t waited_ = 0;           // steps since the last selected one
};

}  // namespace coweave::sim
