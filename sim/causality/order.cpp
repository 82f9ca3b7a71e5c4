#include <coweave/sim/causality/order.hpp>

#include <coweave/sim/entry.hpp>
#include <coweave/sim/policies/unhurried.hpp>
#include <coweave/sim/search/dpor_run.hpp>

#include <algorithm>
#include <utility>

namespace coweave::sim {

std::uint64_t preemptions(const Order& order) noexcept {
  return static_cast<std::uint64_t>(
      std::count_if(order.begin(), order.end(), [](const OrderedStep& step) { return step.preempts; }));
}

std::uint64_t out_of_order(const Order& order) noexcept {
  return static_cast<std::uint64_t>(std::count_if(
      order.begin(), order.end(), [](const OrderedStep& step) { return step.is_out_of_order; }));
}

bool TakeDownOrder::begin_run(std::uint64_t run) {
  order_.clear();
  next_ = {};
  return policy_.begin_run(run);
}

std::uint32_t TakeDownOrder::pick(const ChoicePoint& point) {
  const std::uint32_t taken = policy_.pick(point);
  switch (point.kind) {
    case ChoiceKind::next:
      look(point, taken);
      for (std::uint32_t option = 0; option < point.options; ++option) {
        if (option != taken) next_.others.push_back(point.candidates[option].actor);
      }
      break;
    case ChoiceKind::cancel:
    case ChoiceKind::expire:  // no run offers both
      if (!order_.empty()) order_.back().cancelled = taken;
      break;
    case ChoiceKind::random:
    case ChoiceKind::fault:
      next_.numbers.push_back(taken);
      break;
    case ChoiceKind::late:
      if (!order_.empty()) order_.back().late.push_back(taken);
      break;
  }
  return taken;
}

/// What picking that option does to the others.
void TakeDownOrder::look(const ChoicePoint& point, std::uint32_t taken) {
  next_.is_out_of_order = taken != 0;
  if (!order_.empty()) {
    const std::uint32_t last = order_.back().actor;
    const std::uint32_t stays = option_to_go_on(point, last);
    next_.preempts = stays != point.options && stays != taken;
    next_.is_out_of_order = taken != 0 && !next_.preempts && point.candidates[taken].actor != last;
  }
}

void TakeDownOrder::stepped(const Step& step) {
  PassingPolicy::stepped(step);
  next_.actor = step.taken.actor;
  add_effects(step, next_.operations);
  next_.woken.assign(step.woken.begin(), step.woken.end());
  order_.push_back(std::exchange(next_, {}));
}

FollowOrder::FollowOrder(const Order& order) {
  for (const OrderedStep& step : order) order_.push_back(&step);
}

FollowOrder::FollowOrder(const Order& order, std::size_t before, std::size_t step) {
  for (std::size_t place = 0; place < order.size(); ++place) {
    if (place == before) order_.push_back(&order[step]);
    if (place != step) order_.push_back(&order[place]);
  }
}

bool FollowOrder::begin_run(std::uint64_t) {
  done_.assign(order_.size(), false);
  turns_.clear();
  for (std::size_t place = 0; place < order_.size(); ++place)
    entry(turns_, order_[place]->actor).places.push_back(place);
  first_ = 0;
  running_ = nullptr;
  ended_ = nullptr;
  numbers_drawn_ = 0;
  late_drawn_ = 0;
  return true;
}

std::size_t FollowOrder::next_of(std::uint32_t actor) const noexcept {
  if (actor >= turns_.size()) return order_.size();
  const Turns& turns = turns_[actor];
  return turns.taken < turns.places.size() ? turns.places[turns.taken] : order_.size();
}

/// Whoever comes first in what is left of the order.
std::uint32_t FollowOrder::pick_next(const ChoicePoint& point) {
  std::uint32_t best = 0;
  std::size_t best_place = order_.size() + 1;
  for (std::uint32_t option = 0; option < point.options; ++option) {
    const std::size_t place = next_of(point.candidates[option].actor);
    if (place < best_place) {
      best = option;
      best_place = place;
    }
  }
  return best;
}

std::uint32_t FollowOrder::pick(const ChoicePoint& point) {
  switch (point.kind) {
    case ChoiceKind::next: {
      const std::uint32_t option = pick_next(point);
      const std::size_t place = next_of(point.candidates[option].actor);
      running_ = place < order_.size() ? order_[place] : nullptr;
      is_stranger_ = !running_;
      return option;
    }
    case ChoiceKind::cancel:
    case ChoiceKind::expire:
      return ended_ && ended_->cancelled < point.options ? ended_->cancelled : 0;
    case ChoiceKind::random:
    case ChoiceKind::fault: {
      if (is_stranger_) return 0;
      // Of a step without a choice it is not known yet which it is: then the next in line.
      const OrderedStep* step = running_ ? running_ : first_ < order_.size() ? order_[first_] : nullptr;
      if (!step || numbers_drawn_ >= step->numbers.size()) return 0;
      const std::uint32_t number = step->numbers[numbers_drawn_++];
      return number < point.options ? number : 0;
    }
    case ChoiceKind::late:
      return ended_ && late_drawn_ < ended_->late.size() ? ended_->late[late_drawn_++] : 0;
  }
  return 0;
}

void FollowOrder::stepped(const Step& step) {
  const std::size_t place = next_of(step.taken.actor);
  running_ = nullptr;
  is_stranger_ = false;
  numbers_drawn_ = 0;
  late_drawn_ = 0;
  ended_ = place < order_.size() ? order_[place] : nullptr;
  if (!ended_) return;
  done_[place] = true;
  ++turns_[step.taken.actor].taken;
  while (first_ < order_.size() && done_[first_]) ++first_;
}

}  // namespace coweave::sim
