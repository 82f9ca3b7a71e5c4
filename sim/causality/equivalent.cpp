#include <coweave/sim/causality/equivalent.hpp>

#include <coweave/sim/entry.hpp>
#include <coweave/sim/policies/unhurried.hpp>

#include <algorithm>
#include <optional>

namespace coweave::sim {

namespace {

/// Draws the arrows of a run, step by step. Those that follow from others are left out where that is easy.
class Arrows {
 public:
  std::vector<std::size_t> add(const OrderedStep& step, std::size_t place) {
    std::vector<std::size_t> before;
    put(before, entry(last_of_actor_, step.actor));
    std::optional<std::size_t>& waker = entry(woken_by_, step.actor);
    put(before, waker);
    waker.reset();
    put(before, barrier_);
    if (is_barrier(step)) {
      for (std::size_t since = barrier_ ? *barrier_ + 1 : 0; since < place; ++since) before.push_back(since);
      barrier_ = place;
    }
    for (const Operation& operation : step.operations) {
      if (operation.object == 0) continue;
      Uses& uses = entry(uses_, operation.object);
      put(before, uses.written);
      if (operation.access == Access::read) {
        uses.read.push_back(place);
      } else {
        before.insert(before.end(), uses.read.begin(), uses.read.end());
        uses.read.clear();
        uses.written = place;
      }
    }
    std::erase(before, place);  // it used the object more than once
    last_of_actor_[step.actor] = place;
    for (const std::uint32_t woken : step.woken) {
      if (woken != step.actor) entry(woken_by_, woken) = place;
    }
    return before;
  }

 private:
  struct Uses {
    std::optional<std::size_t> written;
    std::vector<std::size_t> read;  // since
  };

  static void put(std::vector<std::size_t>& before, const std::optional<std::size_t>& place) {
    if (place) before.push_back(*place);
  }

  /// Whether any other step may depend on it.
  static bool is_barrier(const OrderedStep& step) {
    const auto unknown = [](const Operation& operation) {
      return operation.object == 0 && operation.access != Access::none;
    };
    return step.cancelled != 0 || !step.late.empty() || !step.numbers.empty() ||
           std::any_of(step.operations.begin(), step.operations.end(), unknown);
  }

  std::vector<std::optional<std::size_t>> last_of_actor_;
  std::vector<std::optional<std::size_t>> woken_by_;  // by actor: since its last step
  std::vector<Uses> uses_;                            // by object
  std::optional<std::size_t> barrier_;
};

}  // namespace

Equivalent::Equivalent(const Order& order, Prefers prefers) : FollowOrder(order), prefers_(prefers) {
  Arrows arrows;
  for (std::size_t place = 0; place < order.size(); ++place)
    before_.push_back(arrows.add(order[place], place));
}

bool Equivalent::begin_run(std::uint64_t run) {
  last_ = 0;
  return FollowOrder::begin_run(run);
}

void Equivalent::stepped(const Step& step) {
  last_ = step.taken.actor;
  FollowOrder::stepped(step);
}

bool Equivalent::may_come(std::uint32_t actor) const noexcept {
  const std::size_t place = next_of(actor);
  if (place == steps()) return false;
  return std::all_of(before_[place].begin(), before_[place].end(),
                     [&](std::size_t earlier) { return done(earlier); });
}

std::uint32_t Equivalent::pick_next(const ChoicePoint& point) {
  if (prefers_ == Prefers::staying) {
    const std::uint32_t stays = option_to_go_on(point, last_);
    if (stays != point.options && may_come(point.candidates[stays].actor)) return stays;
  }
  for (std::uint32_t option = 0; option < point.options; ++option) {
    if (may_come(point.candidates[option].actor)) return option;
  }
  return FollowOrder::pick_next(point);
}

}  // namespace coweave::sim
