#pragma once

/// A trace told in scenes: the events of each step in words, with the reason why it runs and why it stops.
///
/// This is what the table and other pictures of an interleaving are drawn from; it knows nothing of layout.

#include <coweave/traces/cast.hpp>
#include <coweave/traces/trace.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace coweave::traces {

/// What kind of thing a line tells.
enum class Mark : std::uint8_t {
  begin,    ///< a step begins, and why
  act,      ///< something it does
  stop,     ///< it suspends
  end,      ///< the task is over
  alert,    ///< the simulation interferes, or a task ends badly
  failure,  ///< the failure of the run
};

struct Line {
  std::string owner;  ///< the task that it concerns, or "~"
  Mark mark = Mark::act;
  std::string text;  ///< printable, with some hard spaces
  Site at;

  friend bool operator==(const Line&, const Line&) = default;
};

/// One step, or what the loop does between two.
struct Scene {
  std::uint64_t step = 0;
  std::int64_t time_ns = 0;
  std::string actor;
  bool is_step = false;      ///< a step began, rather than the loop doing something in between
  bool deviates = false;     ///< the schedule went its own way: see Deviation
  bool tells_place = false;  ///< a line tells a place in the line of those that were ready
  std::vector<Line> lines;
};

/// The scenes of `trace` in order; none if it has no events.
[[nodiscard]] std::vector<Scene> tell(const Trace& trace, const Cast& cast);

}  // namespace coweave::traces
