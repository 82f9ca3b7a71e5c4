#pragma once

/// An access to a `Shared` variable, as it is remembered for later ones.

#include <coweave/props/monitors/run_view.hpp>
#include <coweave/props/races/held_locks.hpp>
#include <coweave/sim/causality/causality.hpp>

#include <cstdint>
#include <source_location>

namespace coweave::detail {

struct SharedAccess {
  enum class Kind : std::uint8_t {
    read,
    write,
    update,  ///< reads and writes in one
  };

  std::uint32_t place = 0;  ///< among all accesses of the run, from 1; 0: there is none
  sim::Moment moment = {};
  std::source_location at = {};  ///< known only if races are noted
  std::uint32_t callers = 0;     ///< see NotedRaces::callers_of; known only if races are noted
  Memo memo = 0;
  HeldLocks::Set locks = 0;
  Kind kind = Kind::read;
  bool compares = false;  ///< it is a compare_exchange
  /// It may rest on what the variable was before: a plain write, or an update of a task that has read it.
  bool decides = false;
  /// What it found had been written in a moment that it is ordered after.
  bool after_base = false;

  /// Serial number of the task; 0: no task, but a callback.
  [[nodiscard]] std::uint32_t task() const noexcept { return moment.actor; }
  [[nodiscard]] explicit operator bool() const noexcept { return place != 0; }
  [[nodiscard]] bool writes() const noexcept { return kind != Kind::read; }
};

/// What whoever makes an access knows of.
class Knowledge {
 public:
  /// `clock` may be null, and must stay as it is.
  explicit Knowledge(const sim::Clock* clock) noexcept : clock_(clock) {}
  /// Whether `earlier` is ordered before the present access.
  [[nodiscard]] bool of(const SharedAccess& earlier) const noexcept { return of(earlier.moment); }
  [[nodiscard]] bool of(sim::Moment moment) const noexcept {
    return moment.number <= (clock_ && moment.actor < clock_->size() ? (*clock_)[moment.actor] : 0);
  }

 private:
  const sim::Clock* clock_;
};

}  // namespace coweave::detail
