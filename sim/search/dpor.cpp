#include <coweave/sim/search/dpor.hpp>

#include <coweave/sim/search/dpor_plan.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace coweave::sim {

namespace {

template <class Tried>
bool has(const std::vector<Tried>& list, std::uint64_t actor) {
  return std::any_of(list.begin(), list.end(), [&](const Tried& tried) { return tried.actor == actor; });
}

}  // namespace

void Dpor::start_at(std::size_t root) {
  root_ = fixed_ = root;
  kept_ = 0;
  exhausted_ = is_due_ = false;
  upward_.clear();
  upward_noted_.clear();
}

bool Dpor::begin_run(std::uint64_t run) {
  if (run == 1) {
    nodes_.shrink(0);
    start_at(0);
  }
  learn();
  position_ = steps_ = 0;
  run_.keep(kept_, nodes_.empty() ? 0 : nodes_.back().kept);
  chosen_ = drew_ = gave_up_ = left_out_ = false;
  fairness_.begin_run();
  return !exhausted_;
}

Dpor::Node& Dpor::add_node() {
  Node& node = nodes_.push();
  node.effects = {};
  node.kept = run_.effects();
  node.candidates.clear();
  node.to_try.clear();
  node.tried.clear();
  node.asleep.clear();
  node.runs_before = node.runs_behind = 0;
  return node;
}

/// Goes past the next node.
Dpor::Node& Dpor::pass_node() {
  Node& node = nodes_[position_++];
  node.steps = steps_;
  return node;
}

/// Adds those of `list`, of node `last`, that do not depend on what it took.
void Dpor::fall_asleep(Node& node, const Node& last, const std::vector<Tried>& list) const {
  for (const Tried& tried : list) {
    if (tried.actor != last.taken && !order_matters(run_[tried.effects], run_[last.effects]))
      node.asleep.push_back(tried);
  }
}

/// Who sleeps in the last node: who slept or was tried in the one before and does not depend on what that
/// took. Behind a number or a cancellation everybody is awake.
void Dpor::find_asleep(Node& node) const {
  if (nodes_.size() == 1) return;
  const Node& last = nodes_[nodes_.size() - 2];
  if (!last.is_step) return;
  fall_asleep(node, last, last.asleep);
  fall_asleep(node, last, last.tried);
}

/// Of the last node, whose candidates are known. If all of them sleep there is no such node, and the run is
/// given up.
void Dpor::take_first(Node& node) {
  node.is_step = true;
  find_asleep(node);
  const auto awake = std::find_if(node.candidates.begin(), node.candidates.end(),
                                  [&](std::uint64_t actor) { return !has(node.asleep, actor); });
  if (awake == node.candidates.end()) {
    nodes_.shrink(nodes_.size() - 1);
    gave_up_ = true;
    throw StopRun{};
  }
  node.taken = *awake;
  node.to_try.push_back(*awake);
}

std::uint32_t Dpor::pick_other(const ChoicePoint& point) {
  drew_ = true;
  if (position_ == nodes_.size()) {
    Node& node = add_node();
    node.is_step = false;
    node.taken = 0;
    node.options = point.options;
  }
  return std::min(static_cast<std::uint32_t>(pass_node().taken), point.options - 1);
}

std::uint32_t Dpor::pick(const ChoicePoint& point) {
  if (point.kind != ChoiceKind::next) return pick_other(point);
  fairness_.look(point);
  if (position_ == nodes_.size()) {
    Node& node = add_node();
    for (std::uint32_t option = 0; option < point.options; ++option) {
      if (fairness_.must_wait(point, option)) {
        left_out_ = true;
      } else {
        node.candidates.push_back(point.keys[point.candidates[option].actor]);
      }
    }
    take_first(node);
  }
  chosen_ = true;
  step_node_ = position_;
  const std::uint64_t actor = pass_node().taken;
  std::uint32_t option = 0;
  while (option + 1 < point.options && point.keys[point.candidates[option].actor] != actor) ++option;
  fairness_.picked(point, option);
  return option;
}

void Dpor::stepped(const Step& step) {
  if (!std::exchange(chosen_, false)) {
    if (position_ == nodes_.size()) {
      Node& node = add_node();
      node.candidates.push_back(step.keys[step.taken.actor]);
      take_first(node);
    }
    step_node_ = position_;
    pass_node();
  }
  const bool drew = std::exchange(drew_, false);
  fairness_.stepped(step);
  if (step.end != End::none && !step.left.empty()) left_out_ = true;
  if (steps_++ >= kept_) nodes_[step_node_].effects = run_.add(step, step_node_, drew);
}

/// The same words whoever did the runs, so they do not say which of the two it was.
std::string Dpor::left_out_in_words() const {
  return Fairness::in_words() +
         "; or somebody could still run when main ended, and how many steps the loop had left for them was "
         "not varied";
}

void Dpor::note_races() {
  // Where everybody is to be tried there is nothing to note.
  const auto wanted = [&](std::size_t node) {
    return node < root_ || nodes_[node].to_try.size() < nodes_[node].candidates.size();
  };
  run_.races(fixed_ == 0 ? 0 : nodes_[fixed_ - 1].steps, wanted, [&](const Race& race) {
    if (race.node < root_) return note_upward(race);
    Node& node = nodes_[race.node];
    note(race, node.candidates, node.to_try);
  });
}

void Dpor::note_upward(const Race& race) {
  if (upward_noted_.emplace(race.node, race.initials).second) upward_.push_back(race);
}

/// Goes on to what is to be tried next there, if anything is.
bool Dpor::go_on(Node& node) const {
  if (!node.is_step) return ++node.taken < node.options;
  node.tried.push_back({node.taken, node.effects});
  node.kept = std::max(node.kept, node.effects.end);
  node.effects = {};
  const auto next = std::find_if(node.to_try.begin(), node.to_try.end(), [&](std::uint64_t actor) {
    return !has(node.tried, actor) && !has(node.asleep, actor);
  });
  if (next == node.to_try.end()) return false;
  node.taken = *next;
  return true;
}

/// Finds what the last run asks for, and goes on to what is to be tried next.
void Dpor::learn() {
  if (!std::exchange(is_due_, false)) return;
  note_races();
  nodes_.shrink(std::min(nodes_.size(), position_));
  if (nodes_.size() > root_) ++nodes_.back().runs_behind;
  while (nodes_.size() > root_ && !go_on(nodes_.back())) {
    const std::uint64_t runs = nodes_.back().runs_before + nodes_.back().runs_behind;
    nodes_.shrink(nodes_.size() - 1);
    if (nodes_.size() > root_) nodes_.back().runs_behind += runs;
  }
  if (nodes_.size() > root_) nodes_.back().runs_before += std::exchange(nodes_.back().runs_behind, 0);
  fixed_ = nodes_.size();
  exhausted_ = fixed_ <= root_;
  kept_ = fixed_ == 0 ? 0 : nodes_.back().steps;
}

/// At each choice what is left counts as what was done there, from the deepest to the first (as Knuth, 1975,
/// for trees whose branches are found on the way).
std::optional<double> Dpor::runs_in_all() const {
  if (exhausted_ || root_ > 0 || fixed_ == 0) return std::nullopt;
  double behind = 0;  // the estimate; to the base 2
  for (std::size_t place = fixed_; place-- > 0;) {
    const Node& node = nodes_[place];
    const bool is_deepest = place + 1 == fixed_;  // of what is taken there nothing was done
    std::size_t all = node.options;
    std::size_t done = node.taken;
    if (node.is_step) {
      all = static_cast<std::size_t>(
          std::count_if(node.to_try.begin(), node.to_try.end(),
                        [&](std::uint64_t actor) { return !has(node.asleep, actor); }));
      done = node.tried.size();
    }
    if (!is_deepest) ++done;
    const double before = std::log2(static_cast<double>(node.runs_before));
    const double sum = is_deepest ? before
                       : node.runs_before == 0
                           ? behind
                           : std::max(before, behind) + std::log2(1 + std::exp2(-std::abs(before - behind)));
    behind = sum + std::log2(static_cast<double>(all) / static_cast<double>(done));
  }
  return behind;
}

void Dpor::take_up(std::string_view message) {
  const DporTask task = dpor_task(message);
  nodes_.shrink(0);
  run_.keep(0, 0);
  for (const DporTask::Taken& taken : task.path) {
    Node& node = add_node();
    node.is_step = taken.is_step;
    node.taken = taken.taken;
    node.options = taken.options;
  }
  Node& last = nodes_.back();
  for (const DporTried& tried : task.asleep) last.asleep.push_back({tried.actor, run_.add(tried.effects)});
  last.kept = run_.effects();
  start_at(nodes_.size());
}

std::vector<DporTried> Dpor::keyed(const std::vector<Tried>& list) const {
  std::vector<DporTried> copies;
  for (const Tried& tried : list) copies.push_back({tried.actor, run_.keyed(tried.effects)});
  return copies;
}

std::string Dpor::leave() {
  learn();
  DporLeft left;
  if (root_ > 0 && nodes_.size() >= root_) left.effects = run_.keyed(nodes_[root_ - 1].effects);
  for (std::size_t place = root_; place < nodes_.size(); ++place) {
    const Node& node = nodes_[place];
    left.nodes.push_back({node.is_step, node.taken, node.options, run_.keyed(node.effects), node.candidates,
                          node.to_try, keyed(node.tried), keyed(node.asleep)});
  }
  left.races = upward_;
  return to_message(left);
}

std::unique_ptr<Plan> Dpor::plan() const { return std::make_unique<DporPlan>(); }

}  // namespace coweave::sim
