#pragma once

/// The runs of an exploration in pieces that can be done in any order, each by another process.
///
/// Of a policy that draws its runs independently a piece is a range of them; the first are those that it
/// learns from, which everybody does. Of exhaustive search a piece is a part of the tree of schedules. The
/// pieces of another systematic search come out of each other, see Search. Of any other policy, each of whose
/// runs may depend on all before, there is but one piece. Which run is in which piece does not depend on who
/// does it, nor on how many there are.

#include <coweave/props/one_run.hpp>
#include <coweave/props/workers/black_box.hpp>
#include <coweave/props/workers/choice_keeper.hpp>
#include <coweave/props/workers/part.hpp>
#include <coweave/sim/policy.hpp>
#include <coweave/sim/search/search.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace coweave::detail {

class Division {
 public:
  static constexpr std::uint64_t runs_a_piece = 256;

  /// `policy` as it is before its first run. At most `runs_max` runs.
  Division(OneRun& one_run, std::unique_ptr<sim::Policy> policy, std::uint64_t runs_max);

  [[nodiscard]] const sim::Policy& policy() const noexcept { return *policy_; }
  /// Whether there is more than one piece.
  [[nodiscard]] bool possible() const noexcept {
    return policy_->sampled() || policy_->enumerates() || policy_->search();
  }
  /// Of pieces that come out of each other. Null: they have numbers from 0, and everybody knows which there
  /// are.
  [[nodiscard]] std::unique_ptr<sim::Plan> plan() const {
    const sim::Search* search = policy_->search();
    return search ? search->plan() : nullptr;
  }

  /// From now on `box` is told which run comes next.
  void tell(BlackBox& box) noexcept { box_ = &box; }
  /// From now on each choice is put into `box` when it is made. `simulation` is the one that runs.
  void keep_choices(const sim::Simulation& simulation, BlackBox& box) noexcept {
    kept_box_ = &box;
    kept_simulation_ = &simulation;
  }
  /// From now on pieces come to their end before run `run`, as the box was told it.
  void end_before(std::uint64_t run) noexcept { runs_max_ = run - 1; }

  /// What has to be known before any piece can be done; in every process.
  void prepare();

  using Sink = std::function<void(Part)>;
  /// Does a piece, once it is prepared, and gives its parts to `sink`. False: there is no such piece.
  bool piece(const sim::Piece& piece, const Sink& sink);

 private:
  void learn();
  void divide_tree();
  bool range(std::uint64_t piece, const Sink& sink);
  bool subtree(std::uint64_t piece, const Sink& sink);
  void search(sim::Search& policy, const sim::Piece& piece, const Sink& sink);
  void all(sim::Policy& policy, std::uint64_t piece, const Sink& sink);
  void take_marks(Part& part);
  /// `policy`, or one that keeps what it decides.
  sim::Policy& seen(sim::Policy& policy);
  /// Takes the run into `part`. False: the piece has come to its end with it.
  bool take(Part& part, sim::Measure& policy, std::uint64_t run);

  OneRun& one_run_;
  std::unique_ptr<sim::Policy> policy_;
  std::uint64_t runs_max_;
  BlackBox* box_ = nullptr;
  BlackBox* kept_box_ = nullptr;
  const sim::Simulation* kept_simulation_ = nullptr;
  std::optional<ChoiceKeeper> keeper_;
  Part learnt_;                            // of the runs that are learnt from
  std::vector<sim::Schedule> beginnings_;  // of the parts of the tree, in order
};

}  // namespace coweave::detail
