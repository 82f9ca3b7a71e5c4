#include <coweave/sim/search/fewest_first.hpp>

#include <coweave/sim/entry.hpp>
#include <coweave/sim/search/message.hpp>
#include <coweave/sim/search/ordered_plan.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace coweave::sim {

using detail::get;
using detail::get_all;
using detail::get_list;
using detail::put;
using detail::put_all;
using detail::put_list;

namespace {

void put_lists(std::string& message, const std::vector<std::vector<std::uint32_t>>& lists) {
  put_list(message, lists, [&](const std::vector<std::uint32_t>& list) { put_all(message, list); });
}

std::vector<std::vector<std::uint32_t>> get_lists(const char*& from) {
  std::vector<std::vector<std::uint32_t>> lists;
  get_list(from, lists, [&](std::vector<std::uint32_t>& list) { get_all(from, list); });
  return lists;
}

}  // namespace

bool FewestFirst::begin_run(std::uint64_t run) {
  if (run == 1) {
    cost_ = 0;
    cost_last_ = cost_max_;
    beginnings_.clear();
    kept_ = 0;
    nodes_.clear();
    fixed_ = 0;
    exhausted_ = false;
  }
  position_ = 0;
  last_ = 0;
  patience_.begin_run();
  impatient_ = false;
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
  const std::uint32_t taken = decide(point);
  impatient_ = point.kind == ChoiceKind::next && patience_.exhausted_by(point.candidates[taken].actor);
  return taken;
}

/// Whoever arrived first comes next, but for who ran last.
void FewestFirst::pass_over_last(const ChoicePoint& point) {
  std::fill(costs_.begin(), costs_.end(), 1);
  costs_[point.candidates[0].actor == last_ ? 1 : 0] = 0;
}

std::uint32_t FewestFirst::decide(const ChoicePoint& point) {
  const std::size_t position = position_++;
  if (position < nodes_.size()) {
    nodes_[position].options = point.options;
    return nodes_[position].taken = std::min(nodes_[position].taken, point.options - 1);
  }
  costs_.assign(point.options, 0);
  if (point.kind == ChoiceKind::next) {
    if (impatient_) {
      pass_over_last(point);
    } else {
      find_costs(point, last_, costs_);
    }
  }
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
    if (cost_ >= cost_last_ || cost_ >= beginnings_.size()) return false;
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

/// The beginnings that are left of the present cost, in order: of the parts of the tree that the last run has
/// not gone through, the deepest first, and then the others.
std::vector<FewestFirst::Taken> FewestFirst::unfinished() const {
  std::vector<Taken> left;
  if (exhausted_) return left;
  left.push_back(taken_before(nodes_.size()));
  for (std::size_t node = nodes_.size(); node-- > fixed_;) {
    if (!nodes_[node].is_free) continue;
    Taken taken = taken_before(node + 1);
    while (++taken.back() < nodes_[node].options) left.push_back(taken);
  }
  if (cost_ < beginnings_.size())
    left.insert(left.end(), beginnings_[cost_].rbegin(), beginnings_[cost_].rend());
  return left;
}

/// The pieces in order: some of the beginnings of the present cost each.
class FewestFirst::Pieces final : public OrderedPlan<FewestFirst::Task, FewestFirst::Kept> {
 public:
  Pieces() { add({}); }

 private:
  std::optional<std::string> message(Task& task) override {
    std::string told;
    if (task.beginnings.empty()) return told;  // the first
    put(told, task.cost);
    put_lists(told, task.beginnings);
    return told;
  }

  Kept unfold(Task& task, std::string_view left) override {
    const char* from = left.data();
    const auto cost = get<std::uint32_t>(from);
    task = {};
    add_parts(cost, get_lists(from));
    Kept kept{cost, std::vector<std::vector<Taken>>(get<std::size_t>(from))};
    for (std::vector<Taken>& of_cost : kept.dearer) of_cost = get_lists(from);
    return kept;
  }

  void follow(const Kept& kept) override {
    cost_ = std::max(cost_, kept.cost);
    for (std::size_t more = 0; more < kept.dearer.size(); ++more) {
      std::vector<Taken>& of_cost = entry(beginnings_, kept.cost + 1 + more);
      of_cost.insert(of_cost.end(), kept.dearer[more].begin(), kept.dearer[more].end());
    }
    while (empty() && ++cost_ < beginnings_.size()) add_parts(cost_, std::move(beginnings_[cost_]));
  }

  /// In so many parts at most.
  static constexpr std::size_t parts_max = 8;
  void add_parts(std::uint32_t cost, std::vector<Taken> beginnings) {
    const std::size_t parts = std::min(parts_max, beginnings.size());
    auto next = std::make_move_iterator(beginnings.begin());
    for (std::size_t part = 0; part < parts; ++part) {
      const auto end = std::make_move_iterator(
          beginnings.begin() + static_cast<std::ptrdiff_t>(beginnings.size() * (part + 1) / parts));
      add({cost, std::vector<Taken>(next, end)});
      next = end;
    }
  }

  std::uint32_t cost_ = 0;
  std::vector<std::vector<Taken>> beginnings_;  // by cost, of those that cost more than the present ones
};

void FewestFirst::take_up(std::string_view task) {
  const char* from = task.data();
  cost_ = cost_last_ = get<std::uint32_t>(from);
  beginnings_.assign(cost_ + 1, {});
  beginnings_[cost_] = get_lists(from);
  std::reverse(beginnings_[cost_].begin(), beginnings_[cost_].end());
  kept_ = 0;
  for (const Taken& taken : beginnings_[cost_]) kept_ += taken.size();
  exhausted_ = !next_beginning();
}

std::string FewestFirst::leave() {
  std::string left;
  put(left, cost_);
  put_lists(left, unfinished());
  put(left, beginnings_.size() - std::min<std::size_t>(beginnings_.size(), cost_ + 1));
  for (std::size_t cost = cost_ + 1; cost < beginnings_.size(); ++cost) put_lists(left, beginnings_[cost]);
  return left;
}

std::unique_ptr<Plan> FewestFirst::plan() const { return std::make_unique<Pieces>(); }

}  // namespace coweave::sim
