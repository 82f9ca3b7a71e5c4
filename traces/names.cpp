#include <coweave/traces/names.hpp>

#include <algorithm>
#include <array>

namespace coweave::traces {

namespace {

constexpr std::array<std::string_view, 14> verdicts = {
    "passed",           "assertion",     "exception",       "deadlock",       "livelock",
    "leaked_task",      "never_awaited", "never_retrieved", "nondeterminism", "task_bound",
    "non_linearizable", "invariant",     "crash",           "still_held",
};
static_assert(verdicts.size() == static_cast<std::size_t>(VerdictKind::still_held) + 1);

constexpr std::array<std::string_view, 11> events = {
    "run", "operation", "await", "wake", "spawn", "cancel", "inject", "note", "finish", "clock", "fail",
};
static_assert(events.size() == static_cast<std::size_t>(EventKind::fail) + 1);

constexpr std::array<std::string_view, 3> points = {"suspensions", "awaits", "accesses"};
static_assert(points.size() == static_cast<std::size_t>(SchedulingPoints::accesses) + 1);

constexpr std::array<std::string_view, 5> sweeps = {"none", "cancellation", "timeouts", "exceptions",
                                                    "allocations"};
static_assert(sweeps.size() == static_cast<std::size_t>(SweepKind::allocations) + 1);

constexpr std::array<std::string_view, 3> shapes = {"cycle", "lost_wakeup", "nobody_can_wake"};

template <class Enum, std::size_t count>
std::optional<Enum> find(const std::array<std::string_view, count>& names, std::string_view name) noexcept {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace

std::span<const std::string_view> verdict_kind_names() noexcept { return verdicts; }
std::span<const std::string_view> event_kind_names() noexcept { return events; }
std::span<const std::string_view> scheduling_points_names() noexcept { return points; }
std::span<const std::string_view> sweep_kind_names() noexcept { return sweeps; }
std::span<const std::string_view> deadlock_shape_names() noexcept { return shapes; }

std::string_view to_string(VerdictKind kind) noexcept { return verdicts[static_cast<std::size_t>(kind)]; }
std::string_view to_string(EventKind kind) noexcept { return events[static_cast<std::size_t>(kind)]; }
std::string_view to_string(SchedulingPoints kind) noexcept { return points[static_cast<std::size_t>(kind)]; }
std::string_view to_string(SweepKind kind) noexcept { return sweeps[static_cast<std::size_t>(kind)]; }

std::optional<VerdictKind> verdict_kind(std::string_view name) noexcept {
  return find<VerdictKind>(verdicts, name);
}
std::optional<EventKind> event_kind(std::string_view name) noexcept { return find<EventKind>(events, name); }
std::optional<SchedulingPoints> scheduling_points(std::string_view name) noexcept {
  return find<SchedulingPoints>(points, name);
}
std::optional<SweepKind> sweep_kind(std::string_view name) noexcept { return find<SweepKind>(sweeps, name); }

}  // namespace coweave::traces
