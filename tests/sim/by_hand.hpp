#pragma once

/// Schedules with the fewest preemptions or delays first, found by hand: every beginning is kept in full, and
/// what an option costs is found from the candidates alone.

#include <coweave/coweave.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace coweave::tests {

/// What was taken at each choice of a run.
using Taken = std::vector<std::uint32_t>;

/// Takes a beginning, and behind it what costs nothing; and says what each option of each choice costs, found
/// by hand.
class ByHand final : public sim::Policy {
 public:
  explicit ByHand(bool counts_delays) : counts_delays_(counts_delays) {}

  Taken beginning;
  Taken taken;
  std::vector<std::vector<std::uint32_t>> costs;

  [[nodiscard]] std::string_view name() const override { return "by hand"; }
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  bool begin_run(std::uint64_t) override {
    taken.clear();
    costs.clear();
    last_ = in_a_row_ = last_picked_ = held_back_ = 0;
    return true;
  }
  std::uint32_t pick(const sim::ChoicePoint& point) override {
    costs.emplace_back(point.options, 0);
    if (point.kind == sim::ChoiceKind::next) find_costs(point, costs.back());
    const std::size_t place = taken.size();
    const auto free = std::find(costs.back().begin(), costs.back().end(), 0U) - costs.back().begin();
    taken.push_back(place < beginning.size() ? beginning[place] : static_cast<std::uint32_t>(free));
    if (point.kind != sim::ChoiceKind::next) return taken.back();
    const std::uint32_t picked = point.candidates[taken.back()].actor;
    in_a_row_ = picked == last_picked_ ? in_a_row_ + 1 : 1;
    last_picked_ = picked;
    held_back_ = in_a_row_ % 1'000 == 0 ? picked : 0;
    return taken.back();
  }
  void stepped(const sim::Step& step) override { last_ = step.taken.actor; }

 private:
  void find_costs(const sim::ChoicePoint& point, std::vector<std::uint32_t>& of) const {
    std::vector<std::uint32_t> order(point.options);
    for (std::uint32_t option = 0; option < point.options; ++option) order[option] = option;
    const auto goes_on = [&](std::uint32_t option) {
      return point.candidates[option].actor == last_ && point.candidates[option].gave_way;
    };
    const auto stays = std::find_if(order.begin(), order.end(), goes_on);
    const bool is_free = stays == order.end() && !counts_delays_;
    const auto has_had_its_turn = [&](std::uint32_t option) {
      return held_back_ != 0 && point.candidates[option].actor == held_back_;
    };
    if (std::any_of(order.begin(), order.end(), has_had_its_turn)) {
      of.assign(point.options, 1);
      of[static_cast<std::size_t>(std::find_if_not(order.begin(), order.end(), has_had_its_turn) -
                                  order.begin())] = 0;
    } else if (!is_free) {
      if (stays != order.end()) std::rotate(order.begin(), stays, stays + 1);
      for (std::uint32_t place = 0; place < point.options; ++place)
        of[order[place]] = counts_delays_ ? place : std::min(place, 1U);
    }
  }

  bool counts_delays_;
  std::uint32_t last_ = 0;
  std::uint32_t last_picked_ = 0;
  std::uint32_t in_a_row_ = 0;
  std::uint32_t held_back_ = 0;  // was picked so often in a row that others come first now; 0: nobody
};

/// Every schedule by its cost, found by keeping each beginning in full.
class Enumeration {
 public:
  Enumeration(const sim::Scenario& scenario, sim::Simulation& simulation, bool counts_delays,
              std::uint32_t cost_max, std::size_t runs_max)
      : scenario_(scenario), simulation_(simulation), policy_(counts_delays), runs_max_(runs_max) {
    add_all({}, 0);
    for (std::uint32_t cost = 1; cost <= cost_max; ++cost) {
      const std::size_t cheaper = runs_.size();
      for (std::size_t run = 0; run < cheaper; ++run) add_dearer(run, cost);
    }
  }

  [[nodiscard]] std::vector<Taken> runs() const {
    std::vector<Taken> all;
    for (const Run& run : runs_) all.push_back(run.taken);
    return all;
  }
  [[nodiscard]] std::vector<std::uint32_t> costs() const {
    std::vector<std::uint32_t> all;
    for (const Run& run : runs_) all.push_back(run.cost);
    return all;
  }

 private:
  struct Run {
    std::uint32_t cost;
    std::size_t own;  // behind so many choices
    Taken taken;
    std::vector<std::vector<std::uint32_t>> costs;
  };

  static Taken beginning(const Run& run, std::size_t place, std::uint32_t option) {
    Taken taken(run.taken.begin(), run.taken.begin() + static_cast<std::ptrdiff_t>(place));
    taken.push_back(option);
    return taken;
  }
  static bool is_free(const std::vector<std::uint32_t>& costs) {
    return std::count(costs.begin(), costs.end(), 0U) == static_cast<std::ptrdiff_t>(costs.size());
  }

  /// All that begin so and cost nothing more.
  void add_all(const Taken& begins, std::uint32_t cost) {
    if (runs_.size() >= runs_max_) return;
    policy_.beginning = begins;
    policy_.begin_run(1);
    simulation_.run(scenario_, policy_);
    runs_.push_back({cost, begins.size(), policy_.taken, policy_.costs});
    const Run run = runs_.back();
    for (std::size_t place = run.taken.size(); place-- > run.own;) {
      if (!is_free(run.costs[place])) continue;
      for (std::uint32_t option = run.taken[place] + 1; option < run.costs[place].size(); ++option)
        add_all(beginning(run, place, option), cost);
    }
  }
  /// All that part from that run and cost so much.
  void add_dearer(std::size_t number, std::uint32_t cost) {
    const Run run = runs_[number];
    for (std::size_t place = run.own; place < run.taken.size(); ++place) {
      for (std::uint32_t option = 0; option < run.costs[place].size(); ++option) {
        if (run.costs[place][option] > 0 && run.cost + run.costs[place][option] == cost)
          add_all(beginning(run, place, option), cost);
      }
    }
  }

  const sim::Scenario& scenario_;
  sim::Simulation& simulation_;
  ByHand policy_;
  std::size_t runs_max_;
  std::vector<Run> runs_;
};

}  // namespace coweave::tests
