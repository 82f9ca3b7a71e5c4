#pragma once

/// Reads-from constraints (after RFF: Wolff, Shi, Duck, Mathur and Roychoudhury, ASPLOS 2024; without its
/// fuzzer, which its own ablation shows to add little).
///
/// For each run a few constraints are drawn: "this use of the object follows directly upon that one's writing
/// it", or "it does not". The uses are sites, see sites.hpp, that were seen in the learning runs. What a
/// constraint asks for is preferred and what would break it is put off; among equals, and for everything
/// else, POS decides. Constraints are hints: they never keep the program from going on, and one that the
/// program cannot fulfil is given up after a while.
///
/// A bug that one unlikely flow of data provokes is so found in a number of runs that depends on how many
/// flows there are, and not on how many tasks or steps.
///
/// Uses are those that were announced, of objects that several actors use and not always under one lock. A
/// program that announces none (scheduling points `suspensions`) is run by POS alone.

#include <coweave/sim/policies/profile.hpp>
#include <coweave/sim/policies/run_random.hpp>
#include <coweave/sim/policy.hpp>
#include <coweave/sim/sites.hpp>

#include <vector>

namespace coweave::sim {

class ReadsFrom final : public Policy {
 public:
  explicit ReadsFrom(std::uint64_t seed) noexcept : random_(seed) {}

  [[nodiscard]] std::string_view name() const override { return "rf"; }
  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool sampled() const noexcept override { return true; }
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  std::uint32_t pick(const ChoicePoint& point) override;
  void stepped(const Step& step) override;

 private:
  /// Lowest first.
  enum class Band : std::uint8_t { avoid, neutral, take };

  struct Constraint {
    std::uint32_t object;
    Sites::Number writer;  ///< none: nobody, the object is as it was made
    Sites::Number reader;
    bool wanted;
    Sites::Number last = Sites::none;  ///< who has written last in this run
    bool reader_waits = false;         ///< at the present choice

    /// What it asks for of a candidate at `site` that is about to use the object.
    [[nodiscard]] Band band_of(Sites::Number site, bool writes) const noexcept;
  };

  /// What an actor does next.
  struct Pending {
    std::uint64_t priority = 0;  ///< 0: to be drawn
    Sites::Number site = Sites::none;
    bool fresh = true;  ///< the site is to be found
  };

  void draw_constraints();
  void find_site(const Candidate& candidate, Pending& own);
  void prepare(const ChoicePoint& point);
  void draw_priorities_anew();
  [[nodiscard]] Band band_of(const Candidate& candidate) const noexcept;
  [[nodiscard]] bool constrained(std::uint32_t object) const noexcept;

  RunRandom random_;
  Profile profile_;
  Sites sites_;
  bool learning_ = true;                // in this run
  bool settled_ = false;                // nothing more is learnt
  std::vector<std::uint32_t> objects_;  // that constraints are drawn for
  std::vector<Constraint> constraints_;
  std::uint32_t enforced_ = 0;    // choices in a row that constraints had a say in
  std::uint32_t choices_ = 0;     // since all have drawn their priorities
  std::vector<Pending> pending_;  // by actor
  std::vector<Operation> done_;   // by the steps since the last choice
};

}  // namespace coweave::sim
