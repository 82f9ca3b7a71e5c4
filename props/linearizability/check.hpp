#pragma once

/// Whether a history is consistent with a sequential model.
///
/// Calls that the model's `key` keeps apart are checked apart (P-compositionality; Horn and Kroening, 2015).
/// Where a model has a monitor and the values of the history are distinct, it decides in n log n steps (see
/// monitors.hpp); else the search does (see search.hpp), within a budget of steps, so that the decision is
/// the same on every machine.

#include <coweave/props/linearizability/call.hpp>
#include <coweave/props/linearizability/history_picture.hpp>
#include <coweave/props/linearizability/minimise.hpp>
#include <coweave/props/linearizability/monitors.hpp>
#include <coweave/props/linearizability/search.hpp>
#include <coweave/props/linearizability/state_space.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace coweave {

/// What an order of the calls must keep to, besides the model.
enum class Consistency : std::uint8_t {
  linearizable,  ///< a call that returned before another was made comes before it (Herlihy and Wing, 1990)
  sequential,    ///< the calls of each task come in its order (Lamport, 1979)
  quiescent      ///< calls with a moment between them at which no call was under way come in order
};

/// What is known of a call that was cancelled or whose time was up.
enum class CutShort : std::uint8_t {
  may_take_effect_later,  ///< also after its end, or never
  may_have_taken_effect,  ///< before its end, or never
  has_no_effect           ///< as asyncio promises for its primitives
};

struct CheckOptions {
  Consistency consistency = Consistency::linearizable;
  CutShort cut_short = CutShort::may_take_effect_later;
  /// So long the search may take, before it is left undecided: a call that is tried in a place is a step, and
  /// more if the model has to be asked about it, or gets into a state that is new. 10,000,000 take a second
  /// or two.
  std::uint64_t steps_max = 10'000'000;
  bool monitors = true;     ///< false: the search decides alone
  bool memoisation = true;  ///< false: the plain search, to compare with; it may take for ever
  bool explain = true;      ///< false: a violation is told without its smallest history
};

enum class Decision : std::uint8_t { holds, violated, undecided };

struct HistoryCheck {
  Decision decision = Decision::holds;
  std::uint64_t steps = 0;                  ///< that the search took; may be a little more than it may take
  std::optional<HistoryPicture> violation;  ///< the smallest history that is wrong, if it is explained
};

/// "linearizable", "sequentially consistent", "quiescently consistent".
[[nodiscard]] const char* property_of(Consistency consistency) noexcept;

namespace detail {

/// The calls of a history as the search sees them. Those that the options say had no effect are optional and
/// `absent`.
struct PlannedCalls {
  std::vector<Interval> intervals;
  std::vector<bool> absent;
};
[[nodiscard]] PlannedCalls plan(const std::vector<const CallRecord*>& calls, const CheckOptions& options);

/// Some of the calls of a history.
template <SequentialModel M>
class Group {
 public:
  void add(const Call<M>& call, const Interval& interval) {
    calls_.push_back(&call);
    intervals_.push_back(interval);
  }
  [[nodiscard]] const typename M::Operation& operation(std::uint32_t call) const {
    return calls_[call]->operation;
  }
  [[nodiscard]] const typename M::Response* response(std::uint32_t call) const {
    return calls_[call]->response ? &*calls_[call]->response : nullptr;
  }
  [[nodiscard]] std::span<const Interval> intervals() const noexcept { return intervals_; }

  [[nodiscard]] HistoryPicture picture(const Minimal& minimal, StateSpace& space) const {
    HistoryPicture picture;
    for (const std::uint32_t call : minimal.calls) {
      const Call<M>& shown = *calls_[call];
      CallBar bar;
      bar.process = shown.process;
      bar.process_number = shown.process_number;
      bar.operation = show_call_part(shown.operation);
      const bool known = intervals_[call].observed && shown.response && minimal.intervals[call].observed;
      bar.answered = known;
      bar.response = known                             ? show_call_part(*shown.response)
                     : shown.end == CallEnd::cut_short ? "cut short"
                                                       : "has not returned";
      bar.invoked = shown.invoked;
      if (known || shown.end == CallEnd::cut_short) bar.returned = shown.returned;
      bar.step_invoked = shown.step_invoked;
      bar.step_returned = shown.step_returned;
      const auto place = std::find(minimal.result.order.begin(), minimal.result.order.end(), call);
      if (place != minimal.result.order.end())
        bar.number = static_cast<std::uint32_t>(place - minimal.result.order.begin()) + 1;
      bar.misfit = call == minimal.result.misfit;
      picture.bars.push_back(std::move(bar));
    }
    picture.smallest = !minimal.gave_up;
    if (minimal.result.misfit != unset)
      picture.expectation = space.expectation(minimal.result.state, minimal.result.misfit);
    return picture;
  }

 private:
  std::vector<const Call<M>*> calls_;
  std::vector<Interval> intervals_;
};

/// The calls of `group` as a monitor sees them; nothing if it is not for them, or if the order of their
/// values does not tell apart those that differ.
template <MonitoredModel M>
std::optional<MonitoredCalls> monitored_calls(const M& model, const Group<M>& group) {
  using Value = typename M::Monitored::Value;
  std::vector<typename M::Monitored> seen;
  std::vector<Value> values;
  for (std::uint32_t call = 0; call < group.intervals().size(); ++call) {
    const bool observed = group.intervals()[call].observed;
    auto monitored = model.monitored(group.operation(call), observed ? group.response(call) : nullptr);
    if (!monitored || !(monitored->value == monitored->value)) return std::nullopt;
    values.push_back(monitored->value);
    seen.push_back(std::move(*monitored));
  }
  const std::optional<Value> initial = model.monitored_initially();
  if (initial) values.push_back(*initial);
  std::sort(values.begin(), values.end());
  for (std::size_t index = 1; index < values.size(); ++index) {
    if ((values[index - 1] < values[index]) == (values[index - 1] == values[index])) return std::nullopt;
  }
  values.erase(std::unique(values.begin(), values.end()), values.end());
  const auto rank = [&](const Value& value) {
    return static_cast<std::uint32_t>(std::lower_bound(values.begin(), values.end(), value) - values.begin());
  };
  MonitoredCalls history;
  if (initial) history.initial = rank(*initial);
  for (std::uint32_t call = 0; call < seen.size(); ++call) {
    const Interval& interval = group.intervals()[call];
    history.calls.push_back(
        {seen[call].role, rank(seen[call].value), interval.invoked, interval.returned, interval.optional});
  }
  return history;
}

}  // namespace detail

/// See History::check.
template <SequentialModel M>
HistoryCheck check_calls(const M& model, const std::vector<Call<M>>& calls, const CheckOptions& options) {
  std::vector<const CallRecord*> records;
  for (const Call<M>& call : calls) records.push_back(&call);
  const detail::PlannedCalls planned = detail::plan(records, options);

  std::vector<detail::Group<M>> groups;
  const auto collect = [&](auto key_of) {
    std::map<decltype(key_of(calls[0])), std::size_t> group_of;
    for (std::size_t index = 0; index < calls.size(); ++index) {
      if (planned.absent[index]) continue;
      const auto [group, is_new] = group_of.try_emplace(key_of(calls[index]), groups.size());
      if (is_new) groups.emplace_back();
      groups[group->second].add(calls[index], planned.intervals[index]);
    }
  };
  const auto together = [](const Call<M>&) { return 0; };
  if constexpr (detail::PartitionedModel<M>) {
    // Objects that are sequentially consistent one by one need not be so together.
    if (options.consistency == Consistency::sequential) {
      collect(together);
    } else {
      collect([&](const Call<M>& call) { return model.key(call.operation); });
    }
  } else {
    collect(together);
  }

  HistoryCheck checked;
  detail::SearchOptions search;
  search.order = options.consistency == Consistency::sequential ? detail::CallOrder::program
                                                                : detail::CallOrder::real_time;
  search.memoisation = options.memoisation;
  for (const detail::Group<M>& group : groups) {
    std::optional<std::vector<std::uint32_t>> wrong;  // calls to explain, if a monitor decided
    if constexpr (detail::MonitoredModel<M>) {
      if (options.monitors && options.consistency == Consistency::linearizable) {
        if (const auto monitored = detail::monitored_calls(model, group)) {
          const std::optional<bool> right = detail::monitor(M::monitor_kind, *monitored);
          if (right == std::optional(true)) continue;
          if (right) wrong.emplace();
          if (right && options.explain) wrong = detail::without_values(M::monitor_kind, *monitored);
        }
      }
    }
    detail::ModelSpace<M, detail::Group<M>> space(model, group);
    if (!wrong) {
      search.steps_max = options.steps_max - std::min(options.steps_max, checked.steps);
      const detail::SearchResult result = detail::find_linearisation(group.intervals(), space, search);
      checked.steps += result.steps;
      if (result.end == detail::SearchResult::End::found) continue;
      if (result.end == detail::SearchResult::End::gave_up) {
        checked.decision = Decision::undecided;
        break;
      }
      wrong.emplace(group.intervals().size());
      std::iota(wrong->begin(), wrong->end(), 0U);
    }
    checked.decision = Decision::violated;
    if (options.explain)
      checked.violation =
          group.picture(detail::minimise(group.intervals(), std::move(*wrong), space, search.order), space);
    break;
  }
  return checked;
}

}  // namespace coweave
