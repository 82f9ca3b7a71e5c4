#include <coweave/sim/dpor.hpp>

#include <algorithm>
#include <utility>

namespace coweave::sim {

namespace {

bool contains(const std::vector<std::uint32_t>& actors, std::uint32_t actor) {
  return std::find(actors.begin(), actors.end(), actor) != actors.end();
}

template <class Tried>
bool has(const std::vector<Tried>& list, std::uint32_t actor) {
  return std::any_of(list.begin(), list.end(), [&](const Tried& tried) { return tried.actor == actor; });
}

}  // namespace

bool Dpor::begin_run(std::uint64_t run) {
  if (run == 1) {
    nodes_.clear();
    fixed_ = 0;
    exhausted_ = false;
  }
  position_ = 0;
  run_.keep_before(fixed_ == 0 ? 0 : fixed_ - 1);
  chosen_ = drew_ = gave_up_ = false;
  return !exhausted_;
}

/// Who sleeps behind the last node: who slept or was tried there and does not depend on what it took.
std::vector<Dpor::Tried> Dpor::asleep_next() const {
  if (nodes_.empty()) return {};
  const Node& last = nodes_.back();
  if (last.candidates.empty()) return {};  // behind a number or a cancellation everybody is awake
  std::vector<Tried> asleep;
  for (const std::vector<Tried>* list : {&last.asleep, &last.tried}) {
    for (const Tried& tried : *list) {
      if (tried.actor != last.taken && !order_matters(tried.operations, last.operations))
        asleep.push_back(tried);
    }
  }
  return asleep;
}

void Dpor::add_node(std::vector<std::uint32_t> candidates) {
  Node node;
  node.asleep = asleep_next();
  node.candidates = std::move(candidates);
  const auto awake = std::find_if(node.candidates.begin(), node.candidates.end(),
                                  [&](std::uint32_t actor) { return !has(node.asleep, actor); });
  if (awake == node.candidates.end()) {
    gave_up_ = true;
    throw StopRun{};
  }
  node.taken = *awake;
  node.to_try.push_back(*awake);
  nodes_.push_back(std::move(node));
}

std::uint32_t Dpor::pick_other(const ChoicePoint& point) {
  drew_ = true;
  if (position_ == nodes_.size()) {
    nodes_.emplace_back();
    nodes_.back().options = point.options;
  }
  return std::min(nodes_[position_++].taken, point.options - 1);
}

std::uint32_t Dpor::pick(const ChoicePoint& point) {
  if (point.kind != ChoiceKind::next) return pick_other(point);
  if (position_ == nodes_.size()) {
    std::vector<std::uint32_t> candidates;
    for (const Candidate& candidate : point.candidates) candidates.push_back(candidate.actor);
    add_node(std::move(candidates));
  }
  chosen_ = true;
  step_node_ = position_++;
  const std::uint32_t actor = nodes_[step_node_].taken;
  std::uint32_t option = 0;
  while (option + 1 < point.options && point.candidates[option].actor != actor) ++option;
  return option;
}

void Dpor::stepped(const Step& step) {
  if (!std::exchange(chosen_, false)) {
    if (position_ == nodes_.size()) add_node({step.taken.actor});
    step_node_ = position_++;
  }
  if (step_node_ + 1 < fixed_) {  // as in the last run
    drew_ = false;
    return;
  }
  std::vector<Operation> operations = effects(step);
  if (std::exchange(drew_, false)) operations.push_back({});  // what it did may depend on anything
  if (step.judged == Judged::by_order) operations.push_back({Access::write, judged_order});
  if (step.judged == Judged::by_state) operations.push_back({Access::write, judged_state});
  nodes_[step_node_].operations = operations;
  run_.add(step, std::move(operations), step_node_);
}

void Dpor::note_race(const Race& race) {
  Node& node = nodes_[race.node];
  const auto is_there = [&](std::uint32_t actor) {
    return contains(node.to_try, actor) || has(node.tried, actor);
  };
  if (std::any_of(race.initials.begin(), race.initials.end(), is_there)) return;
  const auto can_run = [&](std::uint32_t actor) {
    return contains(node.candidates, actor) && contains(race.initials, actor);
  };
  if (can_run(race.second)) {
    node.to_try.push_back(race.second);
    return;
  }
  for (const std::uint32_t actor : race.initials) {
    if (!can_run(actor)) continue;
    node.to_try.push_back(actor);
    return;
  }
  for (const std::uint32_t actor : node.candidates) {
    if (!is_there(actor)) node.to_try.push_back(actor);
  }
}

void Dpor::note_races() {
  for (const Race& race : run_.races(fixed_ == 0 ? 0 : fixed_ - 1)) note_race(race);
}

/// Goes back to the deepest node where something is left to try.
void Dpor::advance() {
  while (!nodes_.empty()) {
    Node& deepest = nodes_.back();
    if (deepest.candidates.empty()) {
      if (deepest.taken + 1 < deepest.options) {
        ++deepest.taken;
        break;
      }
    } else {
      deepest.tried.push_back({deepest.taken, std::move(deepest.operations)});
      const auto next = std::find_if(deepest.to_try.begin(), deepest.to_try.end(), [&](std::uint32_t actor) {
        return !has(deepest.tried, actor) && !has(deepest.asleep, actor);
      });
      if (next != deepest.to_try.end()) {
        deepest.taken = *next;
        break;
      }
    }
    nodes_.pop_back();
  }
  fixed_ = nodes_.size();
  exhausted_ = nodes_.empty();
}

void Dpor::end_run(std::span<const Choice>) {
  note_races();
  nodes_.resize(std::min(nodes_.size(), position_));
  advance();
}

}  // namespace coweave::sim
