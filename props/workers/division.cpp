#include <coweave/props/workers/division.hpp>

#include <coweave/sim/recording/replay.hpp>
#include <coweave/sim/search/bounded_search.hpp>
#include <coweave/sim/search/fairness.hpp>

#include <algorithm>
#include <utility>

namespace coweave::detail {

namespace {

/// So many parts of the tree at least, if it has them: enough for any number of processes.
constexpr std::size_t subtrees_min = 64;

/// So many choices of a part are given at most: before that no option is left out as unfair.
constexpr std::size_t beginning_max = sim::Fairness::steps_max;

/// So many runs at most are told of at once.
constexpr std::size_t runs_a_part = 256;

}  // namespace

Division::Division(OneRun& one_run, std::unique_ptr<sim::Policy> policy, std::uint64_t runs_max)
    : one_run_(one_run), policy_(std::move(policy)), runs_max_(runs_max) {}

void Division::prepare() {
  if (policy_->sampled()) return learn();
  if (policy_->enumerates()) divide_tree();
}

bool Division::piece(const sim::Piece& piece, const Sink& sink) {
  if (policy_->sampled()) return range(piece.number, sink);
  if (policy_->enumerates()) return subtree(piece.number, sink);
  if (sim::Search* searches = policy_->search()) {
    search(*searches, piece, sink);
    return true;
  }
  if (piece.number > 0) return false;
  all(*policy_, piece.number, sink);
  return true;
}

bool Division::take(Part& part, sim::Measure& policy, std::uint64_t run) {
  if (box_) box_->run_begins(run);
  one_run_.marks().start_anew();
  const RunEnd end = one_run_.run(policy, run);
  take_marks(part);
  switch (end.kind) {
    case RunEnd::Kind::passed:
      part.runs.push_back(end.record);
      return true;
    case RunEnd::Kind::failed:
      part.then = Part::Then::failed;
      break;
    case RunEnd::Kind::another:
      part.then = Part::Then::another;
      break;
    case RunEnd::Kind::blocked:
    case RunEnd::Kind::interrupted:  // nobody asks for it here: the parent ends its workers
      part.then = Part::Then::blocked;
      break;
  }
  part.schedule = end.schedule;
  part.steps = end.record.steps;
  return false;
}

/// What the last run has seen of marks.
void Division::take_marks(Part& part) {
  const std::vector<Counted>& marks = one_run_.marks().marks();
  if (part.marks.size() < marks.size()) part.marks = marks;
  for (std::size_t mark = 0; mark < marks.size(); ++mark) {
    if (marks[mark].seen > 0)
      part.marks_seen.push_back(
          {part.runs.size(), mark, marks[mark].seen, marks[mark].held, marks[mark].armed});
  }
}

sim::Policy& Division::seen(sim::Policy& policy) {
  if (!kept_box_) return policy;
  return keeper_.emplace(policy, *kept_simulation_, *kept_box_);
}

void Division::learn() {
  sim::Measure policy(seen(*policy_));
  learnt_.then = Part::Then::end;
  const std::uint64_t last = std::min(sim::Policy::learning_runs, runs_max_);
  for (std::uint64_t run = 1; run <= last; ++run) {
    policy.begin_run(run);
    if (!take(learnt_, policy, run)) return;
  }
}

bool Division::range(std::uint64_t piece, const Sink& sink) {
  if (piece == 0) {
    sink(learnt_);
    return true;
  }
  const std::uint64_t first = sim::Policy::learning_runs + (piece - 1) * runs_a_piece + 1;
  if (learnt_.then != Part::Then::end || first > runs_max_) return false;
  Part part{piece, {}, Part::Then::end};
  sim::Measure policy(seen(*policy_));
  for (std::uint64_t run = first; run <= std::min(runs_max_, first + runs_a_piece - 1); ++run) {
    policy.begin_run(run);
    if (!take(part, policy, run)) break;
  }
  sink(std::move(part));
  return true;
}

/// Parts the tree at its first choices, level by level: depth first is the order of the parts too.
void Division::divide_tree() {
  beginnings_.assign(1, {});
  for (bool grows = true; grows && beginnings_.size() < subtrees_min;) {
    grows = false;
    std::vector<sim::Schedule> longer;
    for (sim::Schedule& beginning : beginnings_) {
      const std::size_t length = beginning.size();
      sim::ContinuedReplay policy(beginning, std::make_unique<sim::Fifo>());
      sim::Policy& decides = seen(policy);
      decides.begin_run(1);
      const sim::Schedule& schedule = one_run_.look(decides);
      if (schedule.size() <= length || length == beginning_max) {
        longer.push_back(std::move(beginning));
        continue;
      }
      grows = true;
      const sim::Choice next = schedule[length];
      for (std::uint32_t taken = 0; taken < next.options(); ++taken) {
        longer.push_back(beginning);
        longer.back().emplace_back(next.kind(), next.options(), taken);
      }
    }
    beginnings_ = std::move(longer);
  }
}

bool Division::subtree(std::uint64_t piece, const Sink& sink) {
  if (piece >= beginnings_.size()) return false;
  std::vector<std::uint32_t> root;
  for (const sim::Choice& choice : beginnings_[piece]) root.push_back(choice.taken);
  sim::BoundedSearch search(std::move(root));
  all(search, piece, sink);
  return true;
}

/// The first runs of a piece; the others are left.
void Division::search(sim::Search& policy, const sim::Piece& piece, const Sink& sink) {
  if (!piece.task.empty()) policy.take_up(piece.task);
  sim::Measure measured(seen(policy));
  Part part{piece.number, {}, Part::Then::end};
  const std::uint64_t last = std::min(runs_max_, piece.first_run + runs_a_piece - 1);
  for (std::uint64_t run = piece.first_run; run <= last && measured.begin_run(run); ++run) {
    if (!take(part, measured, run)) return sink(std::move(part));
  }
  part.exhausted = policy.covers_all();
  part.left = policy.leave();
  sink(std::move(part));
}

/// All runs of `policy`.
void Division::all(sim::Policy& policy, std::uint64_t piece, const Sink& sink) {
  sim::Measure measured(seen(policy));
  Part part{piece, {}, Part::Then::more};
  for (std::uint64_t run = 1; run <= runs_max_; ++run) {
    if (!measured.begin_run(run)) {
      part.exhausted = policy.covers_all();
      break;
    }
    if (!take(part, measured, run)) return sink(std::move(part));
    if (part.runs.size() == runs_a_part) sink(std::exchange(part, {piece, {}, Part::Then::more}));
  }
  part.then = Part::Then::end;
  sink(std::move(part));
}

}  // namespace coweave::detail
