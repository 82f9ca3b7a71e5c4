#pragma once

/// The names that enumerators have in the document: "lost_wakeup" and the like, spelled as in the source.

#include <coweave/traces/trace.hpp>

#include <optional>
#include <span>
#include <string_view>

namespace coweave::traces {

/// All names, in the order of the enumerators.
[[nodiscard]] std::span<const std::string_view> verdict_kind_names() noexcept;
[[nodiscard]] std::span<const std::string_view> event_kind_names() noexcept;
[[nodiscard]] std::span<const std::string_view> scheduling_points_names() noexcept;
[[nodiscard]] std::span<const std::string_view> sweep_kind_names() noexcept;

/// The shapes that a deadlock can have.
[[nodiscard]] std::span<const std::string_view> deadlock_shape_names() noexcept;

[[nodiscard]] std::string_view to_string(VerdictKind kind) noexcept;
[[nodiscard]] std::string_view to_string(EventKind kind) noexcept;
[[nodiscard]] std::string_view to_string(SchedulingPoints kind) noexcept;
[[nodiscard]] std::string_view to_string(SweepKind kind) noexcept;

/// Nothing if no enumerator has that name.
[[nodiscard]] std::optional<VerdictKind> verdict_kind(std::string_view name) noexcept;
[[nodiscard]] std::optional<EventKind> event_kind(std::string_view name) noexcept;
[[nodiscard]] std::optional<SchedulingPoints> scheduling_points(std::string_view name) noexcept;
[[nodiscard]] std::optional<SweepKind> sweep_kind(std::string_view name) noexcept;

}  // namespace coweave::traces
