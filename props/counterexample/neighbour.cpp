#include <coweave/props/counterexample/neighbour.hpp>

#include <coweave/props/deadline.hpp>
#include <coweave/sim/causality/order.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/sim/recording/replay.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace coweave {

namespace {

constexpr std::uint64_t runs_max = 2'000;

/// Follows an order, but at one place lets in a step of an actor that the order does not know.
class LettingIn final : public sim::FollowOrder {
 public:
  LettingIn(const sim::Order& order, std::size_t place, std::uint32_t actor)
      : FollowOrder(order), place_(place), actor_(actor) {}

  /// Whether the step came.
  [[nodiscard]] bool came() const noexcept { return came_; }

  bool begin_run(std::uint64_t run) override {
    taken_ = 0;
    came_ = false;
    return FollowOrder::begin_run(run);
  }
  void stepped(const sim::Step& step) override {
    ++taken_;
    FollowOrder::stepped(step);
  }

 protected:
  std::uint32_t pick_next(const sim::ChoicePoint& point) override {
    for (std::uint32_t option = 0; taken_ == place_ && option < point.options; ++option) {
      if (point.candidates[option].actor != actor_) continue;
      came_ = true;
      return option;
    }
    return FollowOrder::pick_next(point);
  }

 private:
  std::size_t place_;
  std::uint32_t actor_;
  std::size_t taken_ = 0;
  bool came_ = false;
};

class Explanation {
 public:
  Explanation(sim::Simulation& simulation, const sim::Scenario& scenario, const sim::Failure& failure,
              std::chrono::nanoseconds time_max)
      : simulation_(simulation),
        scenario_(scenario),
        kind_(failure.kind),
        signature_(failure.signature),
        deadline_(time_max) {}

  Explained run(const sim::Schedule& failing, bool keeps_order) {
    const detail::EndingAt ending(simulation_, deadline_);
    Explained explained;
    if (!keeps_order) explained = run_orders(failing);
    if (!explained.neighbour) explained.otherwise = find_otherwise(failing);
    if (keeps_order) explained.decisions = other_decisions(failing);
    return explained;
  }

 private:
  Explained run_orders(const sim::Schedule& failing) {
    sim::LooseReplay replay;
    replay.follow(failing);
    sim::TakeDownOrder take_down(replay);
    take_down.begin_run(1);
    simulation_.run(scenario_, take_down);
    if (simulation_.interrupted()) return {};
    order_ = take_down.order();
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
    Explained explained;
    explained.neighbour = nearest_ ? nearest_ : nearest_newcomer_;
    if (complete) explained.decisions = std::move(decisions);
    return explained;
  }

  /// Runs `failing` with its choice `index` taken as `taken`. The failure; null: it passes.
  const sim::Failure* take_otherwise(const sim::Schedule& failing, std::size_t index, std::uint32_t taken) {
    sim::Schedule schedule = failing;
    schedule[index].taken = taken;
    sim::LooseReplay replay;
    replay.follow(schedule);
    replay.begin_run(++runs_);
    return simulation_.run(scenario_, replay);
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
        if (taken != failing[index].taken && passes_otherwise(failing, index, taken))
          return OtherwiseTaken{index, taken};
      }
    }
    return std::nullopt;
  }

  bool passes_otherwise(const sim::Schedule& failing, std::size_t index, std::uint32_t taken) {
    return !take_otherwise(failing, index, taken) && !simulation_.interrupted();
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
        irrelevant = is_alike(take_otherwise(failing, index, taken));
        if (simulation_.interrupted()) return std::nullopt;
      }
      if (irrelevant) decisions.irrelevant.push_back(index);
    }
    return decisions;
  }

  [[nodiscard]] bool is_alike(const sim::Failure* failure) const {
    return failure && failure->kind == kind_ && failure->signature == signature_;
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
      sim::TakeDownOrder look(policy);
      policy.begin_run(1);
      look.begin_run(1);
      const sim::Failure* failure = simulation_.run(scenario_, look);
      if (simulation_.interrupted()) return std::nullopt;
      irrelevant = irrelevant && is_alike(failure);
      if (!failure && policy.moved())
        consider({step + 1, place + 1, decides_more(order_[step]), is_alone(look.order(), place, step), {}});
    }
    return irrelevant;
  }

  /// Lets `actor`, which has no step from `place` on, take one there. Whether it fails in the same way;
  /// nothing if there was no time.
  std::optional<bool> let_in(std::uint32_t actor, std::size_t place) {
    LettingIn policy(order_, place, actor);
    sim::TakeDownOrder look(policy);
    look.begin_run(1);
    const sim::Failure* failure = simulation_.run(scenario_, look);
    if (simulation_.interrupted()) return std::nullopt;
    if (failure) return is_alike(failure);
    if (policy.came() && !nearest_newcomer_) {
      Neighbour newcomer{0, place + 1, false, is_alone(look.order(), place, order_.size()), {}};
      newcomer.newcomer = who_came(policy, newcomer.before);
      if (!newcomer.newcomer.empty()) nearest_newcomer_ = std::move(newcomer);
    }
    return false;
  }

  /// Who takes step `step` under `policy`, as traces name it; empty if there was no time.
  std::string who_came(sim::Policy& policy, std::uint64_t step) {
    sim::Recorder recorder;
    policy.begin_run(++runs_);
    simulation_.run(scenario_, policy, &recorder);
    const std::vector<traces::Event>& events = recorder.trace().events;
    const auto run = std::find_if(events.begin(), events.end(), [step](const traces::Event& event) {
      return event.kind == traces::EventKind::run && event.step == step;
    });
    return run == events.end() ? std::string() : run->actor;
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

  sim::Simulation& simulation_;
  const sim::Scenario& scenario_;
  traces::VerdictKind kind_;
  std::string signature_;
  detail::Deadline deadline_;
  sim::Order order_;
  std::optional<Neighbour> nearest_;           // of those whose step the failing run has
  std::optional<Neighbour> nearest_newcomer_;  // of the others
  std::uint64_t runs_ = 0;
};

}  // namespace

Explained explain_order(sim::Simulation& simulation, const sim::Scenario& scenario,
                        const sim::Schedule& failing, const sim::Failure& failure,
                        std::chrono::nanoseconds time_max, bool keeps_order) {
  return Explanation(simulation, scenario, failure, time_max).run(failing, keeps_order);
}

}  // namespace coweave
