#include <coweave/props/linearizability/minimise.hpp>

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

namespace coweave::detail {

namespace {

/// Searches through some calls of a space.
class Part final : public StateSpace {
 public:
  Part(StateSpace& whole, std::span<const Interval> all, const std::vector<std::uint32_t>& calls)
      : whole_(whole), calls_(calls) {
    for (const std::uint32_t call : calls) intervals_.push_back(all[call]);
  }

  SearchResult search(const SearchOptions& options) {
    SearchResult result = find_linearisation(intervals_, *this, options);
    for (std::uint32_t& call : result.order) call = calls_[call];
    if (result.misfit != unset) result.misfit = calls_[result.misfit];
    return result;
  }

  std::uint32_t next(std::uint32_t state, std::uint32_t call, bool observed) override {
    return whole_.next(state, calls_[call], observed);
  }
  std::string expectation(std::uint32_t state, std::uint32_t call) override {
    return whole_.expectation(state, calls_[call]);
  }

 private:
  StateSpace& whole_;
  const std::vector<std::uint32_t>& calls_;
  std::vector<Interval> intervals_;
};

class Minimiser {
 public:
  Minimiser(std::span<const Interval> calls, std::vector<std::uint32_t> present, StateSpace& space,
            CallOrder order)
      : space_(space), order_(order), present_(std::move(present)) {
    minimal_.intervals.assign(calls.begin(), calls.end());
  }

  Minimal run() {
    cut();
    before_ = minimal_.intervals;
    const std::vector<std::uint32_t> candidates = present_;
    forget(candidates);
    remember_reasons();
    minimal_.calls = shown();
    steps_left_ = std::max(steps_left_, attempt_steps_max);
    minimal_.result = search(minimal_.intervals, minimal_.calls);
    return std::move(minimal_);
  }

 private:
  SearchResult search(const std::vector<Interval>& intervals, const std::vector<std::uint32_t>& calls) {
    const SearchOptions once{.order = order_, .steps_max = std::min(attempt_steps_max, steps_left_)};
    SearchResult result = Part(space_, intervals, calls).search(once);
    steps_left_ -= std::min(steps_left_, result.steps + calls.size());  // to put them in order takes time too
    if (result.end == SearchResult::End::gave_up) minimal_.gave_up = true;
    return result;
  }

  /// Whether the present calls are known to have no linearisation.
  bool wrong(const std::vector<Interval>& intervals, const std::vector<std::uint32_t>& calls) {
    return search(intervals, calls).end == SearchResult::End::impossible;
  }

  /// Keeps the shortest beginning of the history that is wrong. A beginning of one that is right is right.
  void cut() {
    std::vector<std::uint32_t> ends;
    for (const std::uint32_t call : present_) {
      if (minimal_.intervals[call].returned != unset) ends.push_back(minimal_.intervals[call].returned);
    }
    if (order_ == CallOrder::program || ends.empty()) return;
    std::sort(ends.begin(), ends.end());
    const auto end = std::partition_point(ends.begin(), ends.end(), [this](std::uint32_t position) {
      const auto [intervals, calls] = until(position);
      return !wrong(intervals, calls);
    });
    if (end == ends.end()) return;
    std::tie(minimal_.intervals, present_) = until(*end);
  }

  [[nodiscard]] std::pair<std::vector<Interval>, std::vector<std::uint32_t>> until(
      std::uint32_t position) const {
    std::vector<Interval> intervals = minimal_.intervals;
    std::vector<std::uint32_t> calls;
    for (const std::uint32_t call : present_) {
      if (intervals[call].invoked > position) continue;
      calls.push_back(call);
      if (intervals[call].returned > position) lose_sight_of(intervals[call]);
    }
    return {std::move(intervals), std::move(calls)};
  }

  static void lose_sight_of(Interval& call) {
    call.returned = unset;
    call.optional = true;
    call.observed = false;
  }

  /// Forgets as many of `calls` as can be: all at once, or else each half by itself. The more is forgotten,
  /// the easier it is to find a linearisation, so what could not be forgotten need not be tried again.
  void forget(std::span<const std::uint32_t> calls) {
    if (forgotten_.empty()) forgotten_.resize(minimal_.intervals.size());
    if (calls.empty() || steps_left_ == 0) return;
    std::vector<Interval> without = minimal_.intervals;
    for (const std::uint32_t call : calls) lose_sight_of(without[call]);
    if (wrong(without, present_)) {
      minimal_.intervals = std::move(without);
      for (const std::uint32_t call : calls) forgotten_[call] = true;
      return;
    }
    if (calls.size() == 1) return;
    forget(calls.subspan(calls.size() / 2));
    forget(calls.first(calls.size() / 2));
  }

  /// Brings back what a call that is left needs to be possible at all: the put of the value that a get gave.
  void remember_reasons() {
    for (const std::uint32_t call : shown()) {
      if (steps_left_ == 0) {
        minimal_.gave_up = true;
        return;
      }
      std::vector<std::uint32_t> helpers;
      if (possible(call, shown(), helpers) || !possible(call, present_, helpers)) continue;
      for (std::size_t tried = helpers.size(); tried-- > 0;) {
        std::vector<std::uint32_t> without = helpers;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(tried));
        std::vector<std::uint32_t> ignored;
        if (possible(call, without, ignored)) helpers = std::move(without);
      }
      for (const std::uint32_t helper : helpers) {
        if (forgotten_[helper]) minimal_.intervals[helper] = before_[helper];
        forgotten_[helper] = false;
      }
    }
  }

  [[nodiscard]] std::vector<std::uint32_t> shown() const {
    std::vector<std::uint32_t> calls;
    for (const std::uint32_t call : present_) {
      if (!forgotten_[call]) calls.push_back(call);
    }
    return calls;
  }

  /// Whether `call` can take effect as it did if nothing is known of `others`; `order` is then how, in the
  /// order in which the calls began.
  bool possible(std::uint32_t call, std::vector<std::uint32_t> others, std::vector<std::uint32_t>& order) {
    std::vector<Interval> intervals = before_;
    for (const std::uint32_t other : others) lose_sight_of(intervals[other]);
    intervals[call] = before_[call];
    if (intervals[call].optional) return true;
    if (std::find(others.begin(), others.end(), call) == others.end()) others.push_back(call);
    std::sort(others.begin(), others.end());
    SearchResult result = search(intervals, others);
    if (result.end != SearchResult::End::found) return false;
    order = std::move(result.order);
    std::sort(order.begin(), order.end());
    return true;
  }

  Minimal minimal_;
  std::vector<Interval> before_;  ///< of the calls, when nothing was forgotten yet
  StateSpace& space_;
  CallOrder order_;
  std::uint64_t steps_left_ = minimising_steps_max;
  std::vector<std::uint32_t> present_;
  std::vector<bool> forgotten_;
};

}  // namespace

Minimal minimise(std::span<const Interval> calls, std::vector<std::uint32_t> wrong, StateSpace& space,
                 CallOrder order) {
  return Minimiser(calls, std::move(wrong), space, order).run();
}

}  // namespace coweave::detail
