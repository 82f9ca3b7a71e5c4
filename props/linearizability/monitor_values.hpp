#pragma once

/// The calls of a monitored history, sorted by value.

#include <coweave/props/linearizability/monitors.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace coweave::detail {

/// When a call was under way: positions from 1, each of its own, and `size + 1` for what never returned.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// What happened to one value.
struct ValueCalls {
  std::optional<Span> insert;
  std::optional<Span> remove;
  std::vector<Span> sees;
  std::vector<Span> misses;
};

struct MonitoredHistory {
  std::uint32_t size = 0;          ///< positions are 1 to `size`; what is there already came at 0
  std::vector<ValueCalls> values;  ///< in the order of the values
  std::vector<Span> empties;
  bool impossible = false;  ///< a value was taken out twice, or is there though nobody put it in
};

/// Nothing if a value is inserted twice, or the response of a call that matters is not known.
[[nodiscard]] std::optional<MonitoredHistory> sort_by_value(std::vector<MonitoredCall> calls,
                                                            std::optional<std::uint32_t> initial);

[[nodiscard]] bool register_is_right(const MonitoredHistory& history);
[[nodiscard]] bool set_is_right(const MonitoredHistory& history);
[[nodiscard]] bool queue_is_right(const MonitoredHistory& history);
[[nodiscard]] bool priority_queue_is_right(const MonitoredHistory& history);
[[nodiscard]] bool stack_is_right(const MonitoredHistory& history);

/// Of the slots between one position and the next, those that are not taken: the slot `n` lies between the
/// positions n and n + 1.
class FreeSlots {
 public:
  explicit FreeSlots(std::uint32_t size);
  /// Takes the slots between the positions `begin` and `end`; none if `begin` is not before `end`.
  void take(std::uint32_t begin, std::uint32_t end);
  /// Whether there is a free slot between the positions `begin` and `end`.
  [[nodiscard]] bool any(std::uint32_t begin, std::uint32_t end);

 private:
  std::uint32_t next_free(std::uint32_t slot);
  std::vector<std::uint32_t>
      next_;  ///< a forest of slots, whose roots are the free ones (Tarjan's union-find)
};

/// Whether there is a moment in each of `empties` at which no value must be in the object: each must from
/// when its insertion has returned until its removal is called. Such moments are free to be empty all
/// together: a value that is there could have come a little later, or left a little earlier.
[[nodiscard]] bool can_be_empty(const MonitoredHistory& history);

/// The position at which the removal of a value may begin: beyond all others if there is none.
[[nodiscard]] inline std::uint32_t removal_begin(const MonitoredHistory& history, const ValueCalls& value) {
  return value.remove ? value.remove->begin : history.size + 1;
}

}  // namespace coweave::detail
