#include <coweave/sim/search/fewest_first.hpp>

#include <coweave/sim/search/fewest_first_plan.hpp>
#include <coweave/traces/words.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace coweave::sim {

FewestFirst::FewestFirst(const char* word, const char* unit, std::uint32_t cost_max, RankCost rank_cost,
                         std::size_t room)
    : cost_max_(cost_max),
      rank_cost_(rank_cost),
      cost_last_(cost_max),
      name_(std::string(word) + ":" + std::to_string(cost_max)),
      unit_(unit),
      whole_("every schedule with" +
             (cost_max == 0 ? "out " + unit_ + "s" : " at most " + traces::counted(cost_max, unit_))),
      kept_(room) {}

bool FewestFirst::begin_run(std::uint64_t run) {
  if (run == 1) {
    cost_ = 0;
    cost_last_ = cost_max_;
    kept_.clear();
    walk_ = {};
    nodes_.clear();
    exhausted_ = is_due_ = false;
  }
  if (std::exchange(is_due_, false)) exhausted_ = !go_on();
  known_ = nodes_.size();
  position_ = 0;
  last_ = held_back_ = 0;
  patience_.begin_run();
  left_out_ = false;
  return !exhausted_;
}

std::uint32_t FewestFirst::pick(const ChoicePoint& point) {
  const std::uint32_t taken = decide(point);
  if (point.kind == ChoiceKind::next) {
    const std::uint32_t actor = point.candidates[taken].actor;
    held_back_ = patience_.exhausted_by(actor) ? actor : 0;
  }
  return taken;
}

std::uint32_t FewestFirst::decide(const ChoicePoint& point) {
  const std::size_t position = position_++;
  if (position < nodes_.size())
    return nodes_[position].taken = std::min(nodes_[position].taken, point.options - 1);
  return nodes_.emplace_back(first_decision(point)).taken;
}

Decision FewestFirst::first_decision(const ChoicePoint& point) {
  if (point.kind != ChoiceKind::next) return {0, point.options, Others::free};
  if (is_held_back(point)) {  // whoever of the others arrived first comes next
    left_out_ = true;
    return {point.candidates[0].actor == held_back_ ? 1U : 0U, point.options, Others::one};
  }
  const std::uint32_t base = find_base(point, last_);
  if (base == point.options) return {0, point.options, Others::free};
  return {base, point.options, Others::ranked};
}

/// Who has had its turn could be picked again.
bool FewestFirst::is_held_back(const ChoicePoint& point) const {
  return held_back_ != 0 &&
         std::any_of(point.candidates.begin(), point.candidates.end(),
                     [this](const Candidate& candidate) { return candidate.actor == held_back_; });
}

void FewestFirst::end_run(std::span<const Choice>) {
  nodes_.resize(std::min(nodes_.size(), position_));
  if (cost_ < cost_max_) {
    Stem stem = stem_of_dearer(nodes_, std::min(known_, nodes_.size()), cost_, rank_cost_);
    if (!stem.empty()) kept_.keep(std::make_shared<const Stem>(std::move(stem)));
  }
  is_due_ = true;
}

/// Goes on to the next schedule: the deepest choice that may still be raised is raised; else the next
/// beginning is taken up, at a higher cost if there is none of the present one left.
bool FewestFirst::go_on() {
  for (; !nodes_.empty(); nodes_.pop_back()) {
    Decision& deepest = nodes_.back();
    if (deepest.others != Others::free || deepest.taken + 1 >= deepest.options) continue;
    ++deepest.taken;
    return true;
  }
  while (!walk_.next()) {
    if (cost_ >= std::min(cost_last_, kept_.cost_max())) return false;
    ++cost_;
    walk_ = Walk(std::vector<Range>(kept_.stems().begin(), kept_.stems().end()), cost_, rank_cost_);
  }
  walk_.copy_to(nodes_);
  return true;
}

void FewestFirst::take_up(std::string_view message) {
  FewestFirstTask task = fewest_first_task(message);
  cost_ = cost_last_ = task.cost;
  kept_.clear();
  nodes_.clear();
  walk_ = Walk(std::move(task.ranges), cost_, rank_cost_);
  exhausted_ = false;
  is_due_ = true;
}

std::string FewestFirst::leave() {
  return to_message(FewestFirstLeft{.cost = cost_,
                                    .last_run = std::make_shared<const Stem>(stem_of_free(nodes_, 0, cost_)),
                                    .range = walk_.range(),
                                    .number = walk_.number(),
                                    .kept = kept_.stems(),
                                    .full_at = kept_.full_at()});
}

std::unique_ptr<Plan> FewestFirst::plan() const {
  return std::make_unique<FewestFirstPlan>(cost_max_, rank_cost_, kept_.room(), unit_);
}

std::string FewestFirst::dropped() const { return dropped_in_words(kept_.full_at(), unit_); }

std::string FewestFirst::caveat() const {
  return "schedules with more than " + traces::counted(cost_max_, unit_) + " were not tried";
}

std::string FewestFirst::left_out_in_words() const {
  return "a task that was picked " + traces::counted(Patience::steps_max, "time") +
         " in a row did not count as going on after that: it was made to wait for the others, and that it "
         "goes on for longer counted as a " +
         unit_;
}

}  // namespace coweave::sim
