#include <coweave/sim/preemptions.hpp>

#include <coweave/sim/unhurried.hpp>

#include <algorithm>
#include <utility>

namespace coweave::sim {

Preemptions::Preemptions(std::uint32_t preemptions_max)
    : preemptions_max_(preemptions_max), name_("preempt:" + std::to_string(preemptions_max)) {}

bool Preemptions::begin_run(std::uint64_t run) {
  if (run == 1) {
    preemptions_ = 0;
    now_.clear();
    next_.clear();
    nodes_.clear();
    fixed_ = 0;
    exhausted_ = false;
  }
  position_ = 0;
  last_ = 0;
  return !exhausted_;
}

Preemptions::Taken Preemptions::taken_before(std::size_t node) const {
  Taken taken;
  for (std::size_t before = 0; before < node; ++before) taken.push_back(nodes_[before].taken);
  return taken;
}

void Preemptions::keep_preemptions(std::size_t node, std::uint32_t stays) {
  if (preemptions_ == preemptions_max_) return;
  Taken taken = taken_before(node);
  taken.push_back(0);
  for (std::uint32_t option = 0; option < nodes_[node].options; ++option) {
    taken.back() = option;
    if (option != stays) next_.push_back(taken);
  }
}

std::uint32_t Preemptions::pick(const ChoicePoint& point) {
  const std::size_t position = position_++;
  if (position < nodes_.size()) {
    nodes_[position].options = point.options;
    return nodes_[position].taken = std::min(nodes_[position].taken, point.options - 1);
  }
  const std::uint32_t stays = point.kind == ChoiceKind::next ? option_to_go_on(point, last_) : point.options;
  const bool is_free = stays == point.options;
  nodes_.push_back({is_free ? 0 : stays, point.options, is_free});
  if (!is_free) keep_preemptions(position, stays);
  return nodes_.back().taken;
}

void Preemptions::end_run(std::span<const Choice>) {
  // The deepest free choice behind the beginning that may still be raised is raised.
  nodes_.resize(position_);
  while (nodes_.size() > fixed_) {
    Node& deepest = nodes_.back();
    if (deepest.is_free && deepest.taken + 1 < deepest.options) {
      ++deepest.taken;
      return;
    }
    nodes_.pop_back();
  }
  if (now_.empty()) {
    now_ = std::exchange(next_, {});
    std::reverse(now_.begin(), now_.end());
    ++preemptions_;
  }
  exhausted_ = now_.empty();
  if (exhausted_) return;
  nodes_.clear();
  for (const std::uint32_t taken : now_.back()) nodes_.push_back({taken, taken + 1, false});
  now_.pop_back();
  fixed_ = nodes_.size();
}

}  // namespace coweave::sim
