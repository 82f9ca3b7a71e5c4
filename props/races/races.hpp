#pragma once

/// What explorations say of the accesses to `Shared` variables: docs/races.md.
///
///     explore(scenario, {.races = {.atomicity = Severity::failure, .silent = {"hits"}}});
///
/// Two things can be wrong with them. *Atomicity*: between two accesses of a task there is one of another
/// task, and no point at which the task could have made both at once with the same effect (Lu et al., AVIO,
/// ASPLOS 2006). *Order*: two accesses of different tasks, of which one writes, come in this order by luck
/// and not because the synchronisation says so; in code that runs on one thread this may be meant, on several
/// it is a data race. Neither is said of accesses that the synchronisation of the layer orders, and both are
/// found in runs whose result happened to be right.

#include <coweave/traces/trace.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace coweave {

/// What becomes of something that is found.
enum class Severity : std::uint8_t {
  ignored,  ///< nobody looks
  noted,    ///< the run goes on, and the exploration tells of it
  failure,  ///< the run fails
};

struct Races {
  Severity atomicity = Severity::ignored;
  Severity order = Severity::ignored;
  std::vector<std::string> silent = {};  ///< names of variables of which nothing is said

  /// Whether anybody looks.
  [[nodiscard]] bool any() const noexcept {
    return atomicity != Severity::ignored || order != Severity::ignored;
  }
};

/// One that was noted. The same at other places is another.
struct NotedRace {
  std::string what;         ///< with the places of the accesses, in their order
  traces::Site at;          ///< of the last of the accesses
  std::uint64_t times = 0;  ///< in all runs together

  friend bool operator==(const NotedRace&, const NotedRace&) = default;
};

}  // namespace coweave
