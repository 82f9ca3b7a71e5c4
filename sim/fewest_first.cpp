#include <coweave/sim/fewest_first.hpp>

#include <coweave/sim/entry.hpp>

#include <algorithm>

namespace coweave::sim {

bool FewestFirst::begin_run(std::uint64_t run) {
  if (run == 1) {
    cost_ = 0;
    beginnings_.clear();
    kept_ = 0;
    nodes_.clear();
    fixed_ = 0;
    exhausted_ = false;
  }
  position_ = 0;
  last_ = 0;
  return !exhausted_;
}

FewestFirst::Taken FewestFirst::taken_before(std::size_t node) const {
  Taken taken;
  for (std::size_t before = 0; before < node; ++before) taken.push_back(nodes_[before].taken);
  return taken;
}

void FewestFirst::keep_what_costs(std::size_t node) {
  if (cost_ == cost_max_) return;
  Taken taken = taken_before(node);
  taken.push_back(0);
  for (std::uint32_t option = 0; option < costs_.size(); ++option) {
    if (costs_[option] == 0 || costs_[option] > cost_max_ - cost_) continue;
    taken.back() = option;
    entry(beginnings_, cost_ + costs_[option]).push_back(taken);
    kept_ += taken.size();
  }
}

std::uint32_t FewestFirst::pick(const ChoicePoint& point) {
  const std::size_t position = position_++;
  if (position < nodes_.size()) {
    nodes_[position].options = point.options;
    return nodes_[position].taken = std::min(nodes_[position].taken, point.options - 1);
  }
  costs_.assign(point.options, 0);
  if (point.kind == ChoiceKind::next) find_costs(point, last_, costs_);
  const auto base = std::find(costs_.begin(), costs_.end(), 0U);
  const bool is_free =
      std::all_of(costs_.begin(), costs_.end(), [](std::uint32_t cost) { return cost == 0; });
  nodes_.push_back({static_cast<std::uint32_t>(base - costs_.begin()), point.options, is_free});
  if (!is_free) keep_what_costs(position);
  return nodes_.back().taken;
}

/// Goes on to the next beginning, at a higher cost if there is none of the present one left.
bool FewestFirst::next_beginning() {
  while (cost_ >= beginnings_.size() || beginnings_[cost_].empty()) {
    if (cost_ >= cost_max_ || cost_ >= beginnings_.size()) return false;
    ++cost_;
    if (cost_ < beginnings_.size()) std::reverse(beginnings_[cost_].begin(), beginnings_[cost_].end());
  }
  nodes_.clear();
  for (const std::uint32_t taken : beginnings_[cost_].back()) nodes_.push_back({taken, taken + 1, false});
  kept_ -= beginnings_[cost_].back().size();
  beginnings_[cost_].pop_back();
  fixed_ = nodes_.size();
  return true;
}

void FewestFirst::end_run(std::span<const Choice>) {
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
  exhausted_ = !next_beginning();
}

}  // namespace coweave::sim
