#pragma once

/// The runs of an exploration in pieces that can be done in any order, each by another process.
///
/// Of a policy that draws its runs independently a piece is a range of them; the first are those that it
/// learns from, which everybody does. Of exhaustive search a piece is a part of the tree of schedules. Of any
/// other policy, each of whose runs may depend on all before, there is but one piece. Which run is in which
/// piece does not depend on who does it, nor on how many there are.

#include <coweave/props/one_run.hpp>
#include <coweave/props/workers/black_box.hpp>
#include <coweave/props/workers/choice_keeper.hpp>
#include <coweave/sim/policy.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace coweave::detail {

/// What one run of a part has seen of one mark or fault point.
struct MarksOfRun {
  std::uint64_t run;   ///< of the part, from 0; the run that came then is behind the others
  std::uint64_t mark;  ///< of the marks of the part, from 0
  std::uint64_t seen;
  std::uint64_t held;
  std::uint64_t armed;
};

/// Some runs of a piece that passed, in their order, and what came then.
struct Part {
  enum class Then : std::uint8_t {
    more,     ///< another part of the piece
    end,      ///< the end of the piece
    failed,   ///< a run that failed
    another,  ///< a run that was another the second time
    blocked,  ///< a step that took too much real time
    crashed,  ///< the end of the process
  };
  std::uint64_t piece = 0;
  std::vector<RunRecord> runs;
  Then then = Then::more;
  bool exhausted = false;                   ///< it has come to its end because there is no further run
  sim::Schedule schedule = {};              ///< of the run that came then, if one did
  std::uint64_t steps = 0;                  ///< its steps
  bool kept = false;                        ///< of one that ended the process: its choices are known
  std::vector<Counted> marks = {};          ///< that are spoken of; their own counts say nothing
  std::vector<MarksOfRun> marks_seen = {};  ///< by the runs, in their order
};

class Division {
 public:
  static constexpr std::uint64_t runs_a_piece = 256;

  /// `policy` as it is before its first run. At most `runs_max` runs.
  Division(OneRun& one_run, std::unique_ptr<sim::Policy> policy, std::uint64_t runs_max);

  [[nodiscard]] const sim::Policy& policy() const noexcept { return *policy_; }
  /// Whether there is more than one piece.
  [[nodiscard]] bool possible() const noexcept { return policy_->sampled() || policy_->enumerates(); }

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
  /// Does piece `piece`, from 0, once it is prepared, and gives its parts to `sink`. False: there is no such
  /// piece.
  bool piece(std::uint64_t piece, const Sink& sink);

 private:
  void learn();
  void divide_tree();
  bool range(std::uint64_t piece, const Sink& sink);
  bool subtree(std::uint64_t piece, const Sink& sink);
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
