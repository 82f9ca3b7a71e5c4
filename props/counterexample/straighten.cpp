#include <coweave/props/counterexample/straighten.hpp>

#include <coweave/sim/causality/equivalent.hpp>
#include <coweave/sim/causality/order.hpp>
#include <coweave/sim/passing_policy.hpp>
#include <coweave/sim/policies/unhurried.hpp>
#include <coweave/sim/recording/replay.hpp>
#include <coweave/sim/search/preemptions.hpp>

#include <algorithm>
#include <cstdint>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace coweave {

namespace {

constexpr std::uint64_t orders_max = 2'000;
/// Of a search with fewest preemptions first: so many schedules at most.
constexpr std::uint64_t searched_max = 100'000;
constexpr std::size_t spinning_max = 1'000;

/// Follows an order, but for one actor, which goes on whenever it has only given way, also beyond what the
/// order knows of it: the run may have ended before.
class LettingGoOn final : public sim::FollowOrder {
 public:
  LettingGoOn(const sim::Order& order, std::uint32_t actor) : FollowOrder(order), actor_(actor) {}

 protected:
  std::uint32_t pick_next(const sim::ChoicePoint& point) override {
    const std::uint32_t stays = sim::option_to_go_on(point, actor_);
    return stays == point.options ? FollowOrder::pick_next(point) : stays;
  }

 private:
  std::uint32_t actor_;
};

/// How many choices of `schedule` injected something, drew a number, or let time pass.
std::size_t no_switches(const sim::Schedule& schedule) {
  return static_cast<std::size_t>(std::count_if(schedule.begin(), schedule.end(), sim::is_no_switch));
}

/// All that such choices took, together.
std::uint64_t numbers(const sim::Schedule& schedule) {
  std::uint64_t sum = 0;
  for (const sim::Choice& choice : schedule) sum += sim::is_no_switch(choice) ? choice.taken : 0;
  return sum;
}

/// Asks another policy who runs next, and whether something is injected, until that is as much as in a
/// schedule. Numbers and lateness are those of the schedule, in its order, and 0 behind them. Runs with more
/// choices of who runs next than `choices_max` end there.
class NoMoreInjected final : public sim::PassingPolicy {
 public:
  NoMoreInjected(sim::Policy& policy, const sim::Schedule& schedule, std::size_t choices_max)
      : PassingPolicy(policy), choices_max_(choices_max) {
    for (const sim::Choice& choice : schedule) {
      if (choice.kind() == sim::ChoiceKind::next) continue;
      if (sim::injects(choice.kind()))
        injected_max_ += choice.taken != 0 ? 1 : 0;
      else
        (choice.kind() == sim::ChoiceKind::late ? late_ : numbers_).known.push_back(choice.taken);
    }
  }

  /// Whether the other policy was asked everything in every run, but for what more could be injected, no run
  /// was ended, and it has left out nothing.
  [[nodiscard]] bool tried_all() const noexcept { return tried_all_ && !policy_.left_out(); }

  bool begin_run(std::uint64_t run) override {
    tried_all_ = tried_all();
    choices_ = injected_ = 0;
    numbers_.drawn = late_.drawn = 0;
    return policy_.begin_run(run);
  }
  std::uint32_t pick(const sim::ChoicePoint& point) override {
    if (sim::injects(point.kind)) {
      if (injected_ == injected_max_) return 0;
      const std::uint32_t taken = policy_.pick(point);
      injected_ += taken != 0 ? 1 : 0;
      return taken;
    }
    if (point.kind != sim::ChoiceKind::next) {
      tried_all_ = false;
      return (point.kind == sim::ChoiceKind::late ? late_ : numbers_).next(point.options);
    }
    if (++choices_ > choices_max_) {
      tried_all_ = false;
      throw sim::StopRun{};
    }
    return policy_.pick(point);
  }

 private:
  struct Draws {
    std::vector<std::uint32_t> known = {};
    std::size_t drawn = 0;

    std::uint32_t next(std::uint32_t options) {
      const std::uint32_t number = drawn < known.size() ? known[drawn++] : 0;
      return number < options ? number : 0;
    }
  };

  std::size_t choices_max_;
  std::size_t injected_max_ = 0;
  std::size_t choices_ = 0;
  std::size_t injected_ = 0;
  Draws numbers_;
  Draws late_;
  bool tried_all_ = true;
};

class Straightener {
 public:
  Straightener(Trial& trial, const sim::Schedule& failing, const detail::Deadline& deadline)
      : trial_(trial), deadline_(deadline) {
    best_.schedule = failing;
  }

  std::optional<Straightened> run() {
    sim::LooseReplay replay;
    replay.follow(best_.schedule);
    best_.preemptions = UINT64_MAX;
    if (best_.schedule.size() > straightened_choices_max || !attempt(replay) || order_.empty())
      return std::nullopt;
    const sim::Order found = order_;
    sim::Equivalent equivalent(found, sim::Equivalent::Prefers::staying);
    attempt(equivalent);
    for (bool progress = true; progress;) {
      progress = gather_actors();
      progress = merge_blocks() || progress;
    }
    tidy();
    if (search_below()) tidy();
    if (best_.preemptions == 0) best_.minimal = true;
    best_.runs = runs_ + searched_;
    return best_;
  }

 private:
  [[nodiscard]] bool over() const { return runs_ >= orders_max || deadline_.passed(); }

  /// One run; it is the new best if it fails with fewer preemptions, else in fewer steps, else with lower
  /// numbers, else with fewer steps out of order, and has no more injected.
  bool attempt(sim::Policy& policy) {
    if (!fails_alike(policy)) return false;
    const sim::Schedule& schedule = trial_.schedule();
    const sim::Order& order = trial_.order();
    if (no_switches(schedule) > no_switches(best_.schedule)) return false;
    if (std::tuple(preemptions(order), order.size(), numbers(schedule), out_of_order(order)) >=
        std::tuple(best_.preemptions, order_.size(), numbers(best_.schedule), out_of_order(order_)))
      return false;
    best_.runs_to_it = runs_ + searched_;
    accept();
    return true;
  }

  /// Whether the run under `policy` does, and its order is known.
  bool fails_alike(sim::Policy& policy) {
    ++runs_;
    return trial_.look(policy) == Trial::Outcome::alike && !trial_.order().empty();
  }

  /// Takes the last run as the best.
  void accept() {
    best_.schedule = trial_.schedule();
    order_ = trial_.order();
    best_.preemptions = preemptions(order_);
  }

  bool attempt(const sim::Order& order) {
    sim::FollowOrder follow(order);
    return attempt(follow);
  }

  /// Does without what does not matter, at the same number of preemptions.
  void tidy() {
    while (lower_a_number()) {
    }
    while (let_first_come()) {
    }
  }

  /// All steps of one actor together, where its step number `at` is; behind the last: at the end.
  [[nodiscard]] sim::Order gathered(std::uint32_t actor, std::size_t place) const {
    sim::Order order;
    const auto put = [&](bool own) {
      for (const sim::OrderedStep& step : order_) {
        if (own && step.actor == actor) order.push_back(step);
      }
    };
    for (std::size_t index = 0; index < order_.size(); ++index) {
      if (index == place) put(true);
      if (order_[index].actor != actor) order.push_back(order_[index]);
    }
    if (place == order_.size()) put(true);
    return order;
  }

  bool gather_actors() {
    bool progress = false;
    std::set<std::uint32_t> actors;
    for (const sim::OrderedStep& step : order_) actors.insert(step.actor);
    for (const std::uint32_t actor : actors) {
      for (int where = 0; where < 4; ++where) {
        if (over()) return false;
        const auto is_own = [actor](const sim::OrderedStep& step) { return step.actor == actor; };
        const auto first = std::find_if(order_.begin(), order_.end(), is_own) - order_.begin();
        if (first == order_.end() - order_.begin()) break;  // it does not matter, and is gone
        const auto last = order_.rend() - std::find_if(order_.rbegin(), order_.rend(), is_own) - 1;
        const std::ptrdiff_t places[] = {0, first, last, static_cast<std::ptrdiff_t>(order_.size())};
        progress = attempt(gathered(actor, static_cast<std::size_t>(places[where]))) || progress;
      }
    }
    return progress;
  }

  /// Undoes one preemption: what the preempted does next comes before what preempted it, or what it did last
  /// comes with what it does next.
  bool merge_blocks() {
    bool progress = false;
    for (std::size_t place = 1; place < order_.size(); ++place) {
      if (!order_[place].preempts) continue;
      for (const bool early : {true, false}) {
        if (over()) return false;
        const bool fewer = early ? go_on_before(place) : attempt(merged(place, false));
        if (!fewer) continue;
        progress = true;
        place = 0;
        break;
      }
    }
    return progress;
  }

  bool go_on_before(std::size_t place) {
    const std::uint32_t preempted = order_[place - 1].actor;
    if (attempt(merged(place, true))) return true;
    const sim::Order known = order_;
    LettingGoOn policy(known, preempted);
    return attempt(policy);
  }

  [[nodiscard]] sim::Order merged(std::size_t place, bool early) const {
    const std::uint32_t actor = order_[place - 1].actor;
    std::size_t begin = place - 1;  // of its block before
    while (begin > 0 && order_[begin - 1].actor == actor) --begin;
    std::size_t next = place;  // where it goes on
    while (next < order_.size() && order_[next].actor != actor) ++next;
    std::size_t end = next;
    while (end < order_.size() && order_[end].actor == actor) ++end;
    return early ? rotated(place, next, end) : rotated(begin, place, next);
  }

  /// Where one comes out of order that preempts nobody: who had arrived first goes on before it, as far as it
  /// went on later without a break; or the two change roles from there on.
  bool let_first_come() {
    for (std::size_t place = 0; place < order_.size(); ++place) {
      if (!order_[place].is_out_of_order) continue;
      const std::uint32_t first = order_[place].others.front();
      std::size_t next = place;
      while (next < order_.size() && order_[next].actor != first) ++next;
      std::size_t end = next;
      while (end < order_.size() && order_[end].actor == first) ++end;
      if (next == order_.size()) continue;  // it never runs again
      if (over()) return false;
      if (attempt(rotated(place, next, end)) || attempt(exchanged(place, first))) return true;
    }
    return false;
  }

  /// The order with its steps `next` to `end` before its step `place`.
  [[nodiscard]] sim::Order rotated(std::size_t place, std::size_t next, std::size_t end) const {
    sim::Order order = order_;
    const auto at = [&](std::size_t index) { return order.begin() + static_cast<std::ptrdiff_t>(index); };
    std::rotate(at(place), at(next), at(end));
    return order;
  }

  /// The order in which, from step `place` on, its actor does what `other` did, and the other way round.
  [[nodiscard]] sim::Order exchanged(std::size_t place, std::uint32_t other) const {
    const std::uint32_t actor = order_[place].actor;
    sim::Order order = order_;
    for (std::size_t index = place; index < order.size(); ++index) {
      std::uint32_t& own = order[index].actor;
      own = own == actor ? other : own == other ? actor : own;
    }
    return order;
  }

  /// Of what is no switch, the last that can be: to 0, else by half of it, else by a quarter, …
  bool lower_a_number() {
    sim::LooseReplay replay;
    for (std::size_t index = best_.schedule.size(); index-- > 0;) {
      if (!sim::is_no_switch(best_.schedule[index])) continue;
      sim::Schedule candidate = best_.schedule;
      const std::uint32_t taken = candidate[index].taken;
      for (std::uint32_t less = taken; less > 0; less /= 2) {
        if (over()) return false;
        candidate[index].taken = taken - less;
        replay.follow(candidate);
        if (attempt(replay)) return true;
      }
    }
    return false;
  }

  /// Runs every schedule with fewer preemptions than the best and no more injected, from 0 up. Whether one of
  /// them is the new best.
  bool search_below() {
    if (best_.preemptions == 0 || best_.preemptions > UINT32_MAX) return false;
    sim::Preemptions search(static_cast<std::uint32_t>(best_.preemptions - 1));
    // A task that spins makes runs of any length.
    NoMoreInjected policy(search, best_.schedule, 2 * order_.size() + spinning_max);
    const auto over = [&](std::uint64_t run) {
      return run > searched_max || search.kept_bytes() > sim::KeptRuns::bytes_max_aside || deadline_.passed();
    };
    const Searched searched = trial_.search({policy, over, [&] { return policy.tried_all(); }});
    searched_ += searched.runs;
    const std::uint64_t runs_to_it = runs_ + searched_;
    if (searched.found) {
      sim::LooseReplay replay;
      replay.follow(trial_.schedule());
      if (!fails_alike(replay)) return false;  // it depends on more than the schedule
      // A switch that patience forces is none to the search.
      if (preemptions(trial_.order()) >= best_.preemptions) return false;
      best_.runs_to_it = runs_to_it;
      accept();
    }
    best_.minimal = searched.complete;
    return searched.found;
  }

  Trial& trial_;
  const detail::Deadline& deadline_;
  Straightened best_;
  sim::Order order_;            // of the best
  std::uint64_t runs_ = 0;      // of orders
  std::uint64_t searched_ = 0;  // of the search below the best
};

}  // namespace

std::optional<Straightened> straighten(Trial& trial, const sim::Schedule& failing,
                                       const detail::Deadline& deadline) {
  return Straightener(trial, failing, deadline).run();
}

}  // namespace coweave
