#pragma once

/// PCT: probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi and Nagarakatte, ASPLOS 2010).
///
/// Actors have random priorities, and the highest that can run does. At d - 1 random choices of a run the one
/// that would run falls below all others, for good. A bug of depth d (one that d ordering constraints
/// provoke) is found in a run with a probability of at least 1 / (n k^(d-1)), where n actors make k choices.
///
/// k is learnt: it is the largest number of choices that one of the learning runs has had so far. (Coyote and
/// Shuttle; they count as we do only those with more than one candidate.) In the first run nothing is known,
/// so no priority falls.

#include <coweave/sim/policies/patience.hpp>
#include <coweave/sim/policies/run_random.hpp>
#include <coweave/sim/policy.hpp>

#include <string>
#include <vector>

namespace coweave::sim {

class Pct final : public Policy {
 public:
  /// `depth`: of the bugs to find, from 1.
  Pct(std::uint64_t seed, std::uint32_t depth);

  [[nodiscard]] std::string_view name() const override { return name_; }
  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool sampled() const noexcept override { return true; }
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  std::uint32_t pick(const ChoicePoint& point) override;
  [[nodiscard]] std::string assurance(std::uint64_t runs, std::uint64_t actors,
                                      std::uint64_t choices) const override;
  void end_run(std::span<const Choice> schedule) override;

  /// The largest number of choices of the next handle in a learning run so far.
  [[nodiscard]] std::uint32_t choices_max() const noexcept { return choices_max_; }

 private:
  std::uint64_t& priority(std::uint32_t actor);
  [[nodiscard]] std::uint32_t highest(const ChoicePoint& point);

  std::uint32_t depth_;
  std::string name_;
  RunRandom random_;
  Patience patience_;
  std::vector<std::uint64_t> priorities_;     // by actor; 0: none yet
  std::vector<std::uint32_t> change_points_;  // at which choices, from 1; the i-th gives priority i + 1
  std::uint64_t lowest_ = 0;                  // what the patience of this run gives next
  bool learning_ = false;
  std::uint32_t choices_ = 0;
  std::uint32_t choices_max_ = 0;
};

}  // namespace coweave::sim
