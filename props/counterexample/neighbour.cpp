#include <coweave/props/counterexample/neighbour.hpp>

#include <coweave/props/deadline.hpp>
#include <coweave/sim/causality/order.hpp>
#include <coweave/sim/recording/replay.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace coweave {

namespace {

constexpr std::uint64_t runs_max = 2'000;
/// Of the runs, those in which somebody waits for longer than for one step.
constexpr std::uint64_t waits_max = 300;

/// Follows an order, but at one place lets in a step of an actor that the order does not know.
class LettingIn final : public sim::FollowOrder {
 public:
  LettingIn(const sim::Order& order, std::size_t place, std::uint32_t actor)
      : FollowOrder(order), place_(place), actor_(actor) {}

  bool begin_run(std::uint64_t run) override {
    taken_ = 0;
    return FollowOrder::begin_run(run);
  }
  void stepped(const sim::Step& step) override {
    ++taken_;
    FollowOrder::stepped(step);
  }

 protected:
  std::uint32_t pick_next(const sim::ChoicePoint& point) override {
    for (std::uint32_t option = 0; taken_ == place_ && option < point.options; ++option) {
      if (point.candidates[option].actor == actor_) return option;
    }
    return FollowOrder::pick_next(point);
  }

 private:
  std::size_t place_;
  std::uint32_t actor_;
  std::size_t taken_ = 0;
};

class Explanation {
 public:
  Explanation(Trial& trial, std::chrono::nanoseconds time_max) : trial_(trial), deadline_(time_max) {}

  Explained run(const sim::Schedule& failing, bool keeps_order) {
    const detail::EndingAt ending(trial_.simulation(), deadline_);
    Explained explained;
    if (!keeps_order) explained = run_orders(failing);
    if (!explained.neighbour) explained.otherwise = find_otherwise(failing);
    if (keeps_order) explained.decisions = other_decisions(failing);
    return explained;
  }

 private:
  using Outcome = Trial::Outcome;

  Explained run_orders(const sim::Schedule& failing) {
    sim::LooseReplay replay;
    replay.follow(failing);
    if (trial_.look(replay) != Outcome::alike || trial_.order().empty()) return {};
    order_ = trial_.order();
    Decisions decisions;
    bool complete = true;
    for (std::size_t place = order_.size(); place-- > 0;) {
      if (order_[place].others.empty()) continue;
      ++decisions.all;
      const std::optional<bool> irrelevant = try_others(place);
      if (!irrelevant) {
        complete = false;
        break;
      }
      if (*irrelevant) decisions.irrelevant.push_back(place + 1);
    }
    std::reverse(decisions.irrelevant.begin(), decisions.irrelevant.end());
    if (complete && !nearest_ && !nearest_newcomer_) try_waiting();
    Explained explained;
    explained.neighbour = nearest_ ? nearest_ : nearest_newcomer_;
    if (complete) explained.decisions = std::move(decisions);
    return explained;
  }

  /// Runs `failing` with its choice `index` taken as `taken`.
  Outcome take_otherwise(const sim::Schedule& failing, std::size_t index, std::uint32_t taken) {
    sim::Schedule schedule = failing;
    schedule[index].taken = taken;
    sim::LooseReplay replay;
    replay.follow(schedule);
    ++runs_;
    return trial_.run(replay);
  }
  [[nodiscard]] bool over() const { return runs_ >= runs_max || deadline_.passed(); }

  std::optional<OtherwiseTaken> find_otherwise(const sim::Schedule& failing) {
    const std::optional<OtherwiseTaken> as_0 = find_otherwise(failing, 0, 1);
    return as_0 ? as_0 : find_otherwise(failing, 1, sim::options_max);
  }

  /// The same with an option from `first` on and before `end`.
  std::optional<OtherwiseTaken> find_otherwise(const sim::Schedule& failing, std::uint32_t first,
                                               std::uint32_t end) {
    for (std::size_t index = failing.size(); index-- > 0;) {
      if (failing[index].kind() == sim::ChoiceKind::next) continue;
      const std::uint32_t options_end = std::min(end, failing[index].options());
      for (std::uint32_t taken = first; taken < options_end && !over(); ++taken) {
        if (taken != failing[index].taken && take_otherwise(failing, index, taken) == Outcome::passed)
          return OtherwiseTaken{index, taken};
      }
    }
    return std::nullopt;
  }

  /// Of all choices but those of who goes on; nothing if there was no time to try each of them.
  std::optional<Decisions> other_decisions(const sim::Schedule& failing) {
    Decisions decisions;
    decisions.of_order = false;
    for (std::size_t index = 0; index < failing.size(); ++index) {
      const sim::Choice& choice = failing[index];
      if (choice.kind() == sim::ChoiceKind::next) continue;
      ++decisions.all;
      bool irrelevant = true;
      for (std::uint32_t taken = 0; irrelevant && taken < choice.options(); ++taken) {
        if (taken == choice.taken) continue;
        if (over()) return std::nullopt;
        const Outcome outcome = take_otherwise(failing, index, taken);
        if (outcome == Outcome::cut_short) return std::nullopt;
        irrelevant = outcome == Outcome::alike;
      }
      if (irrelevant) decisions.irrelevant.push_back(index);
    }
    return decisions;
  }

  /// Lets each of the others take its next step at `place`. Whether it fails in the same way with all of
  /// them; nothing if there was no time to try that.
  std::optional<bool> try_others(std::size_t place) {
    bool irrelevant = true;
    for (const std::uint32_t other : order_[place].others) {
      if (over()) return std::nullopt;
      const std::size_t step = next_step_of(other, place);
      ++runs_;
      if (step == order_.size()) {  // the run ended before
        const std::optional<bool> alike = let_in(other, place);
        if (!alike) return std::nullopt;
        irrelevant = irrelevant && *alike;
        continue;
      }
      sim::FollowOrder policy(order_, place, step);
      const Outcome outcome = trial_.look(policy);
      if (outcome == Outcome::cut_short) return std::nullopt;
      irrelevant = irrelevant && outcome == Outcome::alike;
      if (outcome == Outcome::passed && has_moved(place, step))
        consider(
            {step + 1, place + 1, decides_more(order_[step]), is_alone(trial_.order(), place, step), {}});
    }
    return irrelevant;
  }

  /// Where no single step makes the difference: lets whoever took a step wait with it, and with all that it
  /// did after it, until somebody else has taken a later one.
  void try_waiting() {
    const std::uint64_t end = runs_ + waits_max;
    for (std::size_t distance = 1; distance < order_.size(); ++distance) {
      for (std::size_t place = order_.size() - distance; place-- > 0;) {
        const std::size_t step = place + distance;
        if (order_[place].others.empty() || order_[place].actor == order_[step].actor) continue;
        if (over() || runs_ == end) return;
        if (passes_if_it_waits(place, step)) {
          nearest_ = Neighbour{step + 1, place + 1, decides_more(order_[step]), false, {}};
          return;
        }
      }
    }
  }

  bool passes_if_it_waits(std::size_t place, std::size_t step) {
    sim::Order order(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(place));
    for (const bool own : {false, true}) {
      for (std::size_t index = place; index <= step; ++index) {
        if ((order_[index].actor == order_[place].actor) == own) order.push_back(order_[index]);
      }
    }
    order.insert(order.end(), order_.begin() + static_cast<std::ptrdiff_t>(step + 1), order_.end());
    sim::FollowOrder policy(order);
    ++runs_;
    return trial_.look(policy) == Outcome::passed && has_moved(place, step);
  }

  /// Lets `actor`, which has no step from `place` on, take one there. Whether it fails in the same way;
  /// nothing if there was no time.
  std::optional<bool> let_in(std::uint32_t actor, std::size_t place) {
    LettingIn policy(order_, place, actor);
    const Outcome outcome = trial_.look(policy);
    if (outcome == Outcome::cut_short) return std::nullopt;
    if (outcome != Outcome::passed) return outcome == Outcome::alike;
    const sim::Order& order = trial_.order();
    const bool came = place < order.size() && order[place].actor == actor;
    if (came && !nearest_newcomer_) {
      Neighbour newcomer{0, place + 1, false, is_alone(order, place, order_.size()), {}};
      ++runs_;
      newcomer.newcomer = trial_.who_takes(policy, newcomer.before);
      if (!newcomer.newcomer.empty()) nearest_newcomer_ = std::move(newcomer);
    }
    return false;
  }

  /// Whether, in the last run, the step of the failing run that is its step `step` came before its step
  /// `before`.
  [[nodiscard]] bool has_moved(std::size_t before, std::size_t step) const {
    const sim::Order& order = trial_.order();
    const std::size_t place = place_of(step, order);
    return place < order.size() && place < place_of(before, order);
  }

  /// Where in `other` the step is that is number `step` of the failing run: as many steps of its actor come
  /// before it. The size of `other` if it has none.
  [[nodiscard]] std::size_t place_of(std::size_t step, const sim::Order& other) const {
    const std::uint32_t actor = order_[step].actor;
    const auto is_own = [actor](const sim::OrderedStep& taken) { return taken.actor == actor; };
    auto earlier = std::count_if(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(step), is_own);
    const auto at = std::find_if(other.begin(), other.end(), [&](const sim::OrderedStep& taken) {
      return is_own(taken) && earlier-- == 0;
    });
    return static_cast<std::size_t>(at - other.begin());
  }

  /// Whether something but who goes on was decided in the step, or right behind it.
  [[nodiscard]] static bool decides_more(const sim::OrderedStep& step) noexcept {
    const auto is_not_0 = [](std::uint32_t taken) { return taken != 0; };
    return step.cancelled != 0 || std::any_of(step.numbers.begin(), step.numbers.end(), is_not_0) ||
           std::any_of(step.late.begin(), step.late.end(), is_not_0);
  }

  /// Whether `other` is the order of the failing run, as far as both go, but for its step `step`, which comes
  /// before its step `before`; one that it does not have if that is behind its last.
  [[nodiscard]] bool is_alone(const sim::Order& other, std::size_t before, std::size_t step) const {
    for (std::size_t place = 0; place < std::min(order_.size(), other.size()); ++place) {
      if (place == before && step == order_.size()) continue;
      const std::size_t was = place < before || place > step ? place : place == before ? step : place - 1;
      const sim::OrderedStep& one = order_[was];
      if (one.actor != other[place].actor || one.numbers != other[place].numbers ||
          one.cancelled != other[place].cancelled || one.late != other[place].late)
        return false;
    }
    return true;
  }

  [[nodiscard]] std::size_t next_step_of(std::uint32_t actor, std::size_t place) const noexcept {
    while (place < order_.size() && order_[place].actor != actor) ++place;
    return place;
  }

  /// Steps that change places are nearer than those that pass others by; of equals the later is.
  void consider(const Neighbour& neighbour) {
    if (!nearest_ || neighbour.step - neighbour.before < nearest_->step - nearest_->before)
      nearest_ = neighbour;
  }

  Trial& trial_;
  detail::Deadline deadline_;
  sim::Order order_;
  std::optional<Neighbour> nearest_;           // of those whose step the failing run has
  std::optional<Neighbour> nearest_newcomer_;  // of the others
  std::uint64_t runs_ = 0;
};

}  // namespace

Explained explain_order(Trial& trial, const sim::Schedule& failing, std::chrono::nanoseconds time_max,
                        bool keeps_order) {
  return Explanation(trial, time_max).run(failing, keeps_order);
}

}  // namespace coweave
