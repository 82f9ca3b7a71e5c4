#include <coweave/props/linearizability/monitors.hpp>

#include <coweave/props/linearizability/moments.hpp>
#include <coweave/props/linearizability/monitor_values.hpp>

#include <algorithm>
#include <map>
#include <numeric>
#include <span>
#include <utility>

namespace coweave::detail {

namespace {

/// Numbers the moments of `calls` from 1.
std::uint32_t number_moments(std::vector<MonitoredCall>& calls) {
  const std::vector<Moment> moments = moments_of(calls);
  const auto size = static_cast<std::uint32_t>(moments.size());
  for (MonitoredCall& call : calls) call.returned = size + 1;
  for (std::uint32_t index = 0; index < size; ++index) {
    MonitoredCall& call = calls[moments[index].call];
    (moments[index].is_end ? call.returned : call.invoked) = index + 1;
  }
  return size;
}

std::uint32_t count_values(const std::vector<MonitoredCall>& calls, std::optional<std::uint32_t> initial) {
  std::uint32_t count = initial ? *initial + 1 : 0;
  for (const MonitoredCall& call : calls) count = std::max(count, call.value + 1);
  return count;
}

}  // namespace

std::optional<MonitoredHistory> sort_by_value(std::vector<MonitoredCall> calls,
                                              std::optional<std::uint32_t> initial) {
  MonitoredHistory history;
  history.values.resize(count_values(calls, initial));
  if (initial) history.values[*initial].insert = Span{0, 0};
  std::vector<bool> observed(history.values.size(), false);
  for (const MonitoredCall& call : calls) {
    if (!call.optional)
      observed[call.value] = observed[call.value] || call.role == Role::remove || call.role == Role::see;
  }
  // An insertion that may have had no effect had one if somebody saw it; if nobody did, it may be left out.
  std::erase_if(calls, [&](const MonitoredCall& call) {
    return call.role == Role::nothing ||
           (call.optional && call.role == Role::insert && !observed[call.value]);
  });
  history.size = number_moments(calls);
  for (const MonitoredCall& call : calls) {
    if (call.optional && call.role != Role::insert) return std::nullopt;
    const Span span{call.invoked, call.returned};
    if (call.role == Role::find_empty) {
      history.empties.push_back(span);
      continue;
    }
    ValueCalls& value = history.values[call.value];
    switch (call.role) {
      case Role::insert:
        if (value.insert) return std::nullopt;
        value.insert = span;
        break;
      case Role::remove:
        history.impossible = history.impossible || value.remove.has_value();
        value.remove = span;
        break;
      case Role::see:
        value.sees.push_back(span);
        break;
      default:
        value.misses.push_back(span);
        break;
    }
  }
  for (const ValueCalls& value : history.values) {
    if (!value.insert) {
      history.impossible = history.impossible || value.remove || !value.sees.empty();
    } else if (value.remove && value.remove->end < value.insert->begin) {
      history.impossible = true;
    }
  }
  return history;
}

std::optional<bool> monitor(MonitorKind kind, MonitoredCalls calls) {
  if (kind == MonitorKind::none) return std::nullopt;
  const std::optional<MonitoredHistory> history = sort_by_value(std::move(calls.calls), calls.initial);
  if (!history) return std::nullopt;
  if (history->impossible) return false;
  switch (kind) {
    case MonitorKind::register_:
      return register_is_right(*history);
    case MonitorKind::set:
      return set_is_right(*history);
    case MonitorKind::queue:
      return queue_is_right(*history);
    case MonitorKind::priority_queue:
      return priority_queue_is_right(*history);
    case MonitorKind::stack:
      return stack_is_right(*history);
    case MonitorKind::none:
      break;
  }
  return std::nullopt;
}

namespace {

/// Takes values out of a history that is wrong, and leaves it wrong.
class ValueRemover {
 public:
  ValueRemover(MonitorKind kind, const MonitoredCalls& history)
      : kind_(kind), history_(history), present_(history.calls.size(), true) {
    std::map<std::uint32_t, std::vector<std::uint32_t>> by_value;
    for (std::uint32_t call = 0; call < history.calls.size(); ++call) {
      if (history.calls[call].role == Role::find_empty) {
        parts_.push_back({call});
      } else {
        by_value[history.calls[call].value].push_back(call);
      }
    }
    for (auto& [value, calls] : by_value) parts_.push_back(std::move(calls));
    const auto end = [&](const std::vector<std::uint32_t>& part) {
      std::uint32_t last = 0;
      for (const std::uint32_t call : part) last = std::max(last, history.calls[call].returned);
      return std::pair(last, part.front());
    };
    std::sort(parts_.begin(), parts_.end(),
              [&](const auto& one, const auto& other) { return end(one) < end(other); });
  }

  std::vector<std::uint32_t> run() {
    remove(parts_);
    return present();
  }

 private:
  using Parts = std::span<const std::vector<std::uint32_t>>;

  /// As many of `parts` as can be: all at once, or else each half by itself.
  void remove(Parts parts) {
    if (parts.empty()) return;
    set_present(parts, false);
    if (is_wrong()) return;
    set_present(parts, true);
    if (parts.size() == 1) return;
    remove(parts.subspan(parts.size() / 2));
    remove(parts.first(parts.size() / 2));
  }

  void set_present(Parts parts, bool present) {
    for (const auto& part : parts) {
      for (const std::uint32_t call : part) present_[call] = present;
    }
  }

  [[nodiscard]] bool is_wrong() const {
    MonitoredCalls rest{{}, history_.initial};
    for (const std::uint32_t call : present()) rest.calls.push_back(history_.calls[call]);
    return monitor(kind_, std::move(rest)) == std::optional(false);
  }

  [[nodiscard]] std::vector<std::uint32_t> present() const {
    std::vector<std::uint32_t> calls;
    for (std::uint32_t call = 0; call < present_.size(); ++call) {
      if (present_[call]) calls.push_back(call);
    }
    return calls;
  }

  MonitorKind kind_;
  const MonitoredCalls& history_;
  std::vector<bool> present_;                      ///< by call
  std::vector<std::vector<std::uint32_t>> parts_;  ///< the calls of a value, or one that found nothing
};

}  // namespace

std::vector<std::uint32_t> without_values(MonitorKind kind, const MonitoredCalls& history) {
  return ValueRemover(kind, history).run();
}

FreeSlots::FreeSlots(std::uint32_t size) : next_(size + 3) { std::iota(next_.begin(), next_.end(), 0U); }

std::uint32_t FreeSlots::next_free(std::uint32_t slot) {
  while (next_[slot] != slot) slot = next_[slot] = next_[next_[slot]];
  return slot;
}

void FreeSlots::take(std::uint32_t begin, std::uint32_t end) {
  for (std::uint32_t slot = next_free(begin); slot < end; slot = next_free(slot)) next_[slot] = slot + 1;
}

bool FreeSlots::any(std::uint32_t begin, std::uint32_t end) { return begin < end && next_free(begin) < end; }

bool can_be_empty(const MonitoredHistory& history) {
  FreeSlots slots(history.size);
  for (const ValueCalls& value : history.values) {
    if (value.insert) slots.take(value.insert->end, removal_begin(history, value));
  }
  return std::all_of(history.empties.begin(), history.empties.end(),
                     [&](const Span& empty) { return slots.any(empty.begin, empty.end); });
}

/// A zone of a value lies between the first end and the last beginning of its calls. If the end comes first
/// the value must be there all the time in between, else it can be there at any one moment in between. Zones
/// of the first kind may not overlap, and none of the second kind may lie within one of the first.
bool register_is_right(const MonitoredHistory& history) {
  struct Zone {
    std::uint32_t from, to;
  };
  std::vector<Zone> forward;
  std::vector<Zone> backward;
  for (const ValueCalls& value : history.values) {
    if (!value.insert) continue;
    std::uint32_t first_end = value.insert->end;
    std::uint32_t last_begin = value.insert->begin;
    for (const Span& read : value.sees) {
      if (read.end < value.insert->begin) return false;
      first_end = std::min(first_end, read.end);
      last_begin = std::max(last_begin, read.begin);
    }
    if (first_end < last_begin) {
      forward.push_back({first_end, last_begin});
    } else {
      backward.push_back({last_begin, first_end});
    }
  }
  std::sort(forward.begin(), forward.end(),
            [](const Zone& one, const Zone& other) { return one.from < other.from; });
  for (std::size_t index = 1; index < forward.size(); ++index) {
    if (forward[index].from < forward[index - 1].to) return false;
  }
  return std::none_of(backward.begin(), backward.end(), [&](const Zone& zone) {
    const auto after = std::partition_point(forward.begin(), forward.end(),
                                            [&](const Zone& other) { return other.from < zone.from; });
    return after != forward.begin() && zone.to < std::prev(after)->to;
  });
}

/// Each value is a story of its own. It comes as late and leaves as early as those who see it allow; who
/// misses it needs a moment outside.
bool set_is_right(const MonitoredHistory& history) {
  return std::all_of(history.values.begin(), history.values.end(), [&](const ValueCalls& value) {
    if (!value.insert) return true;
    std::uint32_t comes_before = value.insert->end;
    std::uint32_t leaves_after = value.remove ? value.remove->begin : history.size + 1;
    for (const Span& see : value.sees) {
      comes_before = std::min(comes_before, see.end);
      leaves_after = std::max(leaves_after, see.begin);
    }
    if (comes_before < value.insert->begin || (value.remove && leaves_after > value.remove->end))
      return false;
    return std::none_of(value.misses.begin(), value.misses.end(), [&](const Span& miss) {
      return miss.begin > comes_before && miss.end < leaves_after;
    });
  });
}

/// Besides what is impossible for any container: of two values whose insertions had an order, the second may
/// not be out before the removal of the first is called; and who finds the queue empty needs a moment for it.
bool queue_is_right(const MonitoredHistory& history) {
  struct Item {
    Span insert;
    std::uint32_t removal_begin, removal_end;
  };
  std::vector<Item> items;
  for (const ValueCalls& value : history.values) {
    if (value.insert)
      items.push_back({*value.insert, removal_begin(history, value),
                       value.remove ? value.remove->end : history.size + 2});
  }
  std::vector<Item> by_end = items;
  std::sort(items.begin(), items.end(),
            [](const Item& one, const Item& other) { return one.insert.begin < other.insert.begin; });
  std::sort(by_end.begin(), by_end.end(),
            [](const Item& one, const Item& other) { return one.insert.end < other.insert.end; });
  std::uint32_t latest_removal = 0;  // of those whose insertion ended before the present one began
  std::size_t next = 0;
  for (const Item& item : items) {
    for (; next < by_end.size() && by_end[next].insert.end < item.insert.begin; ++next)
      latest_removal = std::max(latest_removal, by_end[next].removal_begin);
    if (item.removal_end < latest_removal) return false;
  }
  return can_be_empty(history);
}

/// From the most urgent value on: each needs a moment of its removal, after it was inserted, at which no more
/// urgent one must be there. Such a moment is free to be without any of them, as in `can_be_empty`.
bool priority_queue_is_right(const MonitoredHistory& history) {
  FreeSlots slots(history.size);
  for (const ValueCalls& value : history.values) {
    if (!value.insert) continue;
    if (value.remove && !slots.any(std::max(value.insert->begin, value.remove->begin), value.remove->end))
      return false;
    slots.take(value.insert->end, removal_begin(history, value));
  }
  return can_be_empty(history);
}

}  // namespace coweave::detail
