#pragma once

/// The watchdog: sees, from a thread of its own, a step that takes too much real time.
///
/// A step runs the program's own code and cannot be interrupted: a blocking call in it stops everything, and
/// an endless loop without an await would hang without a word. Nothing but whether to go on depends on what
/// the watchdog sees: no verdict, no choice, no byte of a trace.

#include <coweave/sim/simulation.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace coweave::detail {

/// Watches the runs of a simulation for as long as it lives. A step that is longer than the bound is noted
/// when it is noticed, up to a quarter of the bound later; one that has not come back after as long again is
/// told on standard error, with all that is known, and the process aborted.
class Watch {
 public:
  /// `who` says what is explored, for people. Zero or less: no bound, and nothing is watched.
  Watch(const sim::Simulation& simulation, std::string who, std::chrono::nanoseconds step_wall_time_max);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// In a copy of this process, which has none of its threads: from now on it watches there.
  /// `hangs` is called, in the watchdog's thread, before the process is aborted.
  void begin_in_copy(std::function<void()> hangs);

  /// Run `run` is about to begin: for the message.
  void run_begins(std::uint64_t run) noexcept {
    run_.store(run, std::memory_order_relaxed);
    first_pulse_.store(simulation_.last_pulse(), std::memory_order_relaxed);
  }

  /// Which step was too long, in words; empty if none was.
  [[nodiscard]] std::string complaint() const;

 private:
  friend class Watchdog;

  /// A period of the watchdog has gone by.
  void look(std::chrono::nanoseconds period);
  [[nodiscard]] std::string place(std::uint64_t run, std::uint64_t step) const;
  [[noreturn]] void give_up(std::uint64_t step) const;

  const sim::Simulation& simulation_;
  std::string who_;
  std::chrono::nanoseconds bound_;
  std::atomic<std::uint64_t> run_{0};
  std::atomic<std::uint64_t> first_pulse_{0};
  std::atomic<std::uint64_t> long_run_{0};  ///< 0: no step was too long
  std::atomic<std::uint64_t> long_step_{0};
  std::function<void()> hangs_;
  // Of the watchdog's thread.
  std::uint64_t seen_ = 0;
  std::chrono::nanoseconds unchanged_{0};
};

}  // namespace coweave::detail
