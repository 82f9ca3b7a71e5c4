#pragma once

/// A witness looks at runs while they go on, and may fail them. It hears what is observed, and makes no
/// choice and no event: with and without it a run that passes is the same.

#include <coweave/core/handle.hpp>
#include <coweave/sim/passing_observer.hpp>

namespace coweave::sim {

class Simulation;

class Witness : public PassingObserver {
 public:
  /// Whether it wants to hear of the steps of its runs, which costs; it may hear of them anyway.
  [[nodiscard]] virtual bool hears_steps() const noexcept = 0;
  /// A run of `simulation` begins. What is observed is to be passed on to `next`, before anything else is
  /// done with it, if that is not null.
  virtual void run_begins(Simulation& simulation, Observer* next) = 0;
  virtual void step_begins(const detail::Handle& handle) = 0;
  /// Not called for a step that failed.
  virtual void step_ended() = 0;
  /// The run came to its end and has not failed: `Simulation::fail` can still be called.
  virtual void run_ended() = 0;
};

/// A condition on the state of the program that is looked at after every step, from the moment when it is
/// given to `Simulation::keep_checking` until it is destroyed, or the run ends.
class StateCheck : private detail::Link {
 public:
  StateCheck(const StateCheck&) = delete;
  StateCheck& operator=(const StateCheck&) = delete;

  /// Fails the run unless the condition holds. `task` is the serial number of the task whose step it was.
  virtual void check(std::uint32_t task) = 0;

 protected:
  StateCheck() = default;
  ~StateCheck() { unlink(); }
  [[nodiscard]] bool looked_at() const noexcept { return !alone(); }

 private:
  friend class Simulation;
};

}  // namespace coweave::sim
