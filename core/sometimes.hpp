#pragma once

/// Marks: what tests should reach in some runs, though not in each.
///
///     if (const auto found = cache.find(key)) …
///     sometimes(found.has_value(), "cache hit");
///
/// An assertion says what holds always; a mark says what holds sometimes. It catches the tests that pass
/// because they never come where it matters: an exploration tells of each mark that never held.

#include <source_location>

namespace coweave {

namespace detail {

/// Hears of marks, and of fault points.
class MarkListener {
 public:
  virtual void marked(bool holds, const char* label, const std::source_location& at) = 0;
  /// A run came by a fault point: whether a fault could have been injected there, and whether it was.
  virtual void came_by_fault(bool armed, bool injected, const char* label,
                             const std::source_location& at) = 0;

 protected:
  ~MarkListener() = default;
};

/// Of the exploration whose run is going on on this thread; null: nobody counts.
inline constinit thread_local MarkListener* mark_listener = nullptr;

}  // namespace detail

/// Whether `condition` holds here is counted by the exploration whose run this is; a mark is its `label`
/// together with its place. Runs that are repeated, replayed or tried to make a failure small do not count.
/// It decides nothing, and stands in no trace. In production, and elsewhere outside an exploration, it does
/// nothing. `label` is copied when it is new; null is taken as "".
inline void sometimes(bool condition, const char* label,
                      std::source_location at = std::source_location::current()) {
  if (detail::mark_listener) [[unlikely]]
    detail::mark_listener->marked(condition, label, at);
}

}  // namespace coweave
