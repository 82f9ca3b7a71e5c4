#include <coweave/props/counterexample/neighbour.hpp>

#include <coweave/props/deadline.hpp>
#include <coweave/sim/causality/order.hpp>
#include <coweave/sim/recording/replay.hpp>

#include <algorithm>
#include <cstddef>
#include <string>

namespace coweave {

namespace {

constexpr std::uint64_t runs_max = 2'000;

class Explanation {
 public:
  Explanation(sim::Simulation& simulation, const sim::Scenario& scenario, const sim::Failure& failure,
              std::chrono::nanoseconds time_max)
      : simulation_(simulation),
        scenario_(scenario),
        kind_(failure.kind),
        signature_(failure.signature),
        deadline_(time_max) {}

  Explained run(const sim::Schedule& failing) {
    sim::LooseReplay replay;
    replay.follow(failing);
    sim::TakeDownOrder take_down(replay);
    take_down.begin_run(1);
    simulation_.run(scenario_, take_down);
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
    explained.neighbour = nearest_;
    if (complete) explained.decisions = std::move(decisions);
    return explained;
  }

 private:
  /// Lets each of the others take its next step at `place`. Whether it fails in the same way with all of
  /// them; nothing if there was no time to try that.
  std::optional<bool> try_others(std::size_t place) {
    bool irrelevant = true;
    for (const std::uint32_t other : order_[place].others) {
      if (runs_ == runs_max || deadline_.passed()) return std::nullopt;
      const std::size_t step = next_step_of(other, place);
      if (step == order_.size()) {  // it never ran again
        irrelevant = false;
        continue;
      }
      ++runs_;
      sim::FollowOrder policy(order_, place, step);
      policy.begin_run(1);
      const sim::Failure* failure = simulation_.run(scenario_, policy);
      const bool alike = failure && failure->kind == kind_ && failure->signature == signature_;
      irrelevant = irrelevant && alike;
      if (!failure && policy.moved()) consider({step + 1, place + 1});
    }
    return irrelevant;
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
  std::optional<Neighbour> nearest_;
  std::uint64_t runs_ = 0;
};

}  // namespace

Explained explain_order(sim::Simulation& simulation, const sim::Scenario& scenario,
                        const sim::Schedule& failing, const sim::Failure& failure,
                        std::chrono::nanoseconds time_max) {
  return Explanation(simulation, scenario, failure, time_max).run(failing);
}

}  // namespace coweave
