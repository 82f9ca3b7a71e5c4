#include <coweave/props/counterexample/shrink.hpp>

#include <coweave/props/counterexample/straighten.hpp>
#include <coweave/props/deadline.hpp>
#include <coweave/sim/causality/equivalent.hpp>
#include <coweave/sim/recording/replay.hpp>
#include <coweave/sim/search/bounded_search.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace coweave {

namespace {

/// Runs that are spent on the choice among schedules with the same number of deviations.
constexpr std::uint64_t simplifications_max = 1'000;

/// Longer schedules are not brought into another order: what must come before what is looked up step by step.
constexpr std::size_t reordered_max = 2'000;

class Shrinker {
 public:
  Shrinker(Trial& trial, const sim::Schedule& failing, std::chrono::nanoseconds time_max, Towards towards)
      : trial_(trial), towards_(towards), deadline_(time_max), best_(failing) {}

  Shrunk run() {
    const detail::EndingAt ending(trial_.simulation(), deadline_);
    if (towards_ == Towards::preemptions) {
      if (std::optional<Shrunk> straight = run_straight()) return *straight;
    }
    reorder_independent();
    while (!deadline_.passed() && drop_deviations()) {
    }
    const bool minimal = search_below();
    const bool in_time = !minimal && !deadline_.passed();
    while (simplify()) {
    }
    return {best_, runs_, minimal && !too_long_, runs_to_best_, {}, too_long_, in_time};
  }

 private:
  bool attempt(std::span<const sim::Choice> candidate) {
    replay_.follow(candidate);
    ++runs_;
    return trial_.run(replay_) == Trial::Outcome::alike;
  }

  /// Does without what is no switch, and then to the fewest preemptions.
  std::optional<Shrunk> run_straight() {
    if (std::any_of(best_.begin(), best_.end(), sim::is_no_switch)) {
      while (!deadline_.passed() && drop_deviations()) {
      }
    }
    too_long_ = best_.size() > straightened_choices_max;
    std::optional<Straightened> straight = straighten(trial_, best_, deadline_);
    if (!straight) return std::nullopt;
    return Shrunk{std::move(straight->schedule), runs_ + straight->runs, straight->minimal,
                  runs_ + straight->runs_to_it, straight->preemptions};
  }

  /// Takes the last run as the new best.
  void accept() {
    best_ = trial_.schedule();
    runs_to_best_ = runs_;
  }

  /// Does so if it has fewer deviations.
  bool accept_if_smaller() {
    if (sim::deviations(trial_.schedule()) >= sim::deviations(best_)) return false;
    accept();
    return true;
  }

  /// Brings steps that are independent of each other into asyncio's order.
  void reorder_independent() {
    if (best_.size() > reordered_max) return;
    replay_.follow(best_);
    ++runs_;
    if (trial_.look(replay_) != Trial::Outcome::alike || trial_.order().empty()) return;
    const sim::Order found = trial_.order();
    sim::Equivalent equivalent(found, sim::Equivalent::Prefers::arrival);
    ++runs_;
    if (trial_.run(equivalent) == Trial::Outcome::alike) accept_if_smaller();
  }

  /// Tries to do without some deviations: ever smaller blocks of them (delta debugging; Zeller and
  /// Hildebrandt, 2002), each both set to 0 and taken out.
  bool drop_deviations() {
    bool progress = false;
    for (std::size_t block = std::max<std::size_t>(1, sim::deviations(best_) / 2);; block /= 2) {
      for (std::size_t first = 0; first < sim::deviations(best_) && !deadline_.passed();) {
        if (attempt(without(first, block, false)) && accept_if_smaller()) {
          progress = true;
        } else if (attempt(without(first, block, true)) && accept_if_smaller()) {
          progress = true;
        } else {
          first += block;
        }
      }
      if (block == 1) return progress;
    }
  }

  /// `best_` without its deviations number `first` to `first + count - 1`.
  [[nodiscard]] sim::Schedule without(std::size_t first, std::size_t count, bool take_out) const {
    sim::Schedule candidate;
    std::size_t seen = 0;
    for (const sim::Choice& choice : best_) {
      const bool dropped = choice.taken != 0 && seen >= first && seen < first + count;
      if (choice.taken != 0) ++seen;
      if (dropped && take_out) continue;
      candidate.push_back(choice);
      if (dropped) candidate.back().taken = 0;
    }
    return candidate;
  }

  /// Runs every schedule with fewer deviations than the best, from 0 up. True if it came to the end.
  bool search_below() {
    for (std::size_t bound = 0; bound < sim::deviations(best_); ++bound) {
      sim::BoundedSearch search(bound);
      if (towards_ == Towards::in_order) search.keep_order();
      const Searched searched =
          trial_.search({search, [this](std::uint64_t) { return deadline_.passed(); }, [] { return true; }});
      runs_ += searched.runs;
      if (searched.found) accept();  // nothing below `bound` fails, and this has at most `bound`
      if (searched.found || !searched.complete) return searched.complete;
    }
    return true;
  }

  /// Replaces one deviation by one that is easier to follow: a switch instead of an injection, a later
  /// place, a smaller number. The last deviation and the latest place are tried first.
  bool simplify() {
    for (std::size_t index = best_.size(); index-- > 0;) {
      const sim::Choice deviation = best_[index];
      if (deviation.taken == 0) continue;
      for (std::size_t place = best_.size(); place-- > 0;) {
        const bool stays = place == index;
        const bool later = place > index && best_[place].kind() == deviation.kind();
        const bool no_longer_injects = towards_ != Towards::in_order && sim::injects(deviation.kind()) &&
                                       best_[place].kind() == sim::ChoiceKind::next;
        if (!stays && (best_[place].taken != 0 || (!later && !no_longer_injects))) continue;
        const std::uint32_t end = stays ? deviation.taken : best_[place].options();
        for (std::uint32_t taken = 1; taken < end; ++taken) {
          if (simplifications_ == simplifications_max || deadline_.passed()) return false;
          ++simplifications_;
          sim::Schedule candidate = best_;
          candidate[index].taken = 0;
          candidate[place].taken = taken;
          if (attempt(candidate) && simpler(trial_.schedule(), best_)) {
            accept();
            return true;
          }
        }
      }
    }
    return false;
  }

  /// Whether `one` has fewer deviations than `other`, else fewer injections, else later deviations, else
  /// lower numbers.
  [[nodiscard]] static bool simpler(const sim::Schedule& one, const sim::Schedule& other) {
    return rank(one) < rank(other);
  }
  [[nodiscard]] static std::vector<std::size_t> rank(const sim::Schedule& schedule) {
    std::size_t injections = 0;
    std::vector<std::size_t> places;
    std::vector<std::size_t> numbers;
    for (std::size_t index = 0; index < schedule.size(); ++index) {
      if (schedule[index].taken == 0) continue;
      if (sim::injects(schedule[index].kind())) ++injections;
      places.push_back(~index);
      numbers.push_back(schedule[index].taken);
    }
    std::vector<std::size_t> result{places.size(), injections};
    result.insert(result.end(), places.begin(), places.end());
    result.insert(result.end(), numbers.begin(), numbers.end());
    return result;
  }

  Trial& trial_;
  Towards towards_;
  detail::Deadline deadline_;
  sim::Schedule best_;
  sim::LooseReplay replay_;
  std::uint64_t runs_ = 0;
  std::uint64_t runs_to_best_ = 0;
  std::uint64_t simplifications_ = 0;
  bool too_long_ = false;
};

}  // namespace

Towards aim(const traces::Settings& settings, bool keeps_order) noexcept {
  if (keeps_order) return Towards::in_order;
  return settings.scheduling_points != traces::SchedulingPoints::suspensions ? Towards::preemptions
                                                                             : Towards::deviations;
}

Shrunk shrink(Trial& trial, const sim::Schedule& failing, std::chrono::nanoseconds time_max,
              Towards towards) {
  return Shrinker(trial, failing, time_max, towards).run();
}

Shrunk shrink(sim::Simulation& simulation, const sim::Scenario& scenario, const sim::Schedule& failing,
              const sim::Failure& failure, std::chrono::nanoseconds time_max, bool keeps_order) {
  TrialHere trial(simulation, scenario, failure);
  return shrink(trial, failing, time_max, aim(simulation.settings(), keeps_order));
}

}  // namespace coweave
