#pragma once

/// What the comparison leaves out: the documented deviations of coweave from CPython, each where it arises.
///
/// Where an interpreter meets one while it runs a program, it does not perform the operation (or does not
/// write the number concerned), and says so in the log: "left out: …". Both interpreters do, by the same
/// rule, and the rest of the program is compared as ever. docs/conformance.md has the reasons at length.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coweave::conformance {

enum class Deviation : std::uint8_t {
  await_cycle,
  pending_at_entry,
  barrier_index,
  several_done,
  awaited_itself,
  eager_gather,
};

struct DeviationInfo {
  std::string_view name;
  std::string_view reason;
};

inline constexpr std::array<DeviationInfo, 6> deviations{{
    {"await cycle", "a task would await itself through others: to cancel it recurses without end in CPython"},
    {"pending at entry",
     "a timeout is entered with a cancellation pending: CPython may swallow it (gh-134471, rule K5)"},
    {"index",
     "a task was cancelled while it waited at a barrier: CPython may give an index twice (gh-155233, rule "
     "K4)"},
    {"several done",
     "as_completed of several that are done: CPython gives them in the order of a set of addresses"},
    {"awaited itself",
     "a task is awaited that has awaited itself: CPython leaves a mark on it and tells the wrong error"},
    {"eager gather",
     "a gather of several makes an eager task: CPython listens to each child before it makes the next, "
     "coweave "
     "makes all first"},
}};

[[nodiscard]] inline const DeviationInfo& info(Deviation deviation) noexcept {
  return deviations[static_cast<std::size_t>(deviation)];
}

}  // namespace coweave::conformance
