#pragma once

/// Monitors: for some objects, and histories in which no value is inserted twice, whether a history is
/// linearizable can be told in n log n steps, without a search.
///
/// Registers: by the zones of their values (Gibbons and Korach, 1997). Sets: value by value. Queues: by the
/// four ways in which a history of a queue can be wrong (Henzinger, Sezgin and Vafeiadis, 2013). Priority
/// queues and stacks: by taking values away one by one, the one that waits longest first, as in "Efficient
/// Decrease-and-Conquer Linearizability Monitoring" (Lee and Mathur, 2025); how is said at each.

#include <concepts>
#include <cstdint>
#include <optional>
#include <vector>

namespace coweave {

enum class MonitorKind : std::uint8_t { none, register_, set, queue, stack, priority_queue };

/// What a call comes to for a monitor.
enum class Role : std::uint8_t {
  insert,      ///< puts the value in: a write of a register, an `add` that returned true, a put
  remove,      ///< takes the value out
  see,         ///< finds the value: a read of a register, a `contains` that returned true
  miss,        ///< finds that the value is not there
  find_empty,  ///< finds that nothing is there; the value does not count
  nothing,     ///< has no effect, and says nothing: a read that never returned
};

/// A call as a model tells it to its monitor.
template <class T>
struct Monitored {
  using Value = T;
  Role role;
  T value;
};

/// The same with a number for the value, in the order of the values.
struct MonitoredCall {
  Role role;
  std::uint32_t value;
  std::uint32_t invoked;
  std::uint32_t returned;
  bool optional;  ///< may have had no effect
};

namespace detail {

/// A model that has a monitor: `monitored(operation, response)` gives nothing for a call that the monitor
/// cannot judge; a null response is not known. `monitored_initially()` gives the value that a register holds
/// when the history begins, or nothing if something else than an empty object is there: see MonitorKind.
template <class M>
concept MonitoredModel =
    requires(const M& model, const typename M::Operation& operation, const typename M::Response* response) {
      { model.monitored(operation, response) } -> std::same_as<std::optional<typename M::Monitored>>;
      { model.monitored_initially() } -> std::same_as<std::optional<typename M::Monitored::Value>>;
      { M::monitor_kind } -> std::convertible_to<MonitorKind>;
    };

/// The calls of a history as a monitor sees them. `initial`: what the register holds at the beginning.
struct MonitoredCalls {
  std::vector<MonitoredCall> calls;
  std::optional<std::uint32_t> initial;
};

/// Whether the history is linearizable; nothing if this monitor cannot say, because a value is inserted twice
/// or the response of a call that matters is not known.
[[nodiscard]] std::optional<bool> monitor(MonitorKind kind, MonitoredCalls history);

/// Which calls of `history`, of which the monitor says that it is not linearizable, are left when values are
/// taken out of it, each with all its calls, as long as the monitor says so of the rest. A history stays
/// linearizable if a value was never there, so what is left is wrong by itself. Values that came to their end
/// late go first.
[[nodiscard]] std::vector<std::uint32_t> without_values(MonitorKind kind, const MonitoredCalls& history);

}  // namespace detail
}  // namespace coweave
