#pragma once

/// Identities: the names by which a trace knows who acts, the same in every run and on every machine.
///
/// A task is the path of spawn indices from the root: "0", "0.2", "0.2.0". What runs on behalf of a task is
/// its identity, "!", a kind, and "#" with a number if there are several: "0.1!timer", "0.1!done#2". The loop
/// itself is "~", and what belongs to no task runs on its behalf: "~!call#1". Numbers have no leading zeros,
/// so that one thing has one spelling.

#include <string_view>

namespace coweave::traces {

/// Whether `text` is the identity of a task.
[[nodiscard]] bool is_task_identity(std::string_view text) noexcept;

/// Whether `text` is the identity of a task, of the loop, or of what runs on behalf of either.
[[nodiscard]] bool is_identity(std::string_view text) noexcept;

/// The task, or "~", on whose behalf `identity` acts: "0.1" of "0.1!timer" and of "0.1".
[[nodiscard]] std::string_view owner_of(std::string_view identity) noexcept;

/// What follows the "!": "timer" of "0.1!timer", "done#2" of "0.1!done#2", empty of "0.1".
[[nodiscard]] std::string_view role_of(std::string_view identity) noexcept;

/// The task that spawned `task`: "0.2" of "0.2.0", empty of the root "0".
[[nodiscard]] std::string_view parent_of(std::string_view task) noexcept;

}  // namespace coweave::traces
