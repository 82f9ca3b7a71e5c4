#pragma once

/// The recorder: listens to one run and makes its trace.
///
/// Used when a failing schedule is replayed, never while exploring. It gives tasks their stable identities
/// (the path of spawn indices from the root), objects their numbers, and collects the events and the
/// evidence.

#include <coweave/core/observer.hpp>
#include <coweave/sim/choice.hpp>
#include <coweave/traces/trace.hpp>

#include <source_location>
#include <string>
#include <vector>

namespace coweave::sim {

class Simulation;
struct Failure;

class Recorder final : public Observer {
 public:
  /// Starts a fresh trace for a run of `simulation`.
  void begin(Simulation& simulation);
  /// The trace of the run; the caller fills in what the run does not know (scenario, policy, seed).
  [[nodiscard]] traces::Trace& trace() noexcept { return trace_; }
  [[nodiscard]] const traces::Trace& trace() const noexcept { return trace_; }

  /// The stable identity of what `option` of `point`, which is due now, would pick; empty if it has none.
  [[nodiscard]] std::string identity(const ChoicePoint& point, std::uint32_t option) const;
  /// The step that `point`, which is due now, decides about, from 1.
  [[nodiscard]] std::uint64_t step_of(const ChoicePoint& point) const;

  // From the simulation.
  void step_begins(const detail::Handle& handle);
  void step_ended();
  void chosen(const ChoicePoint& point, std::uint32_t taken);
  void injected_cancel(const TaskBase& target);
  void injected_timeout(const detail::Handle& timer);
  void injected_fault(const char* label, const std::source_location& at);
  void clock_moved();
  void failed(const Failure& failure);
  void record_verdict(const Failure& failure);

  // From the layer.
  void task_created(const TaskBase& task) override;
  void task_finished(const TaskBase& task) override;
  void eager_step_begins(const TaskBase& task) override;
  void eager_step_ended(const TaskBase& task) override;
  void woken(const detail::Handle& handle) override;
  void operation(Verb verb, const ObjectRef& object, std::source_location at) override;
  void cancel_requested(const TaskBase& task, std::source_location at) override;
  void noted(const Note& note) override;

 private:
  [[nodiscard]] std::string identity(const detail::Handle& handle) const;
  [[nodiscard]] std::string identity(std::uint32_t serial) const;
  /// Of `next`: who ran last and could go on, but was not taken; empty if nobody was.
  [[nodiscard]] std::string preempted(const ChoicePoint& point, std::uint32_t taken) const;
  std::uint32_t number(const ObjectRef& object);
  traces::Event& event(traces::EventKind kind);
  /// Tells what the task that ran waits for now.
  void describe_await();

  Simulation* simulation_ = nullptr;
  traces::Trace trace_;
  std::vector<std::string> paths_;  // by serial number of the task; 0 is the loop
  std::string actor_;
  std::string last_;  // who took the last step; empty: nobody
  std::vector<std::string>
      outer_actors_;  // whose steps are interrupted by that of a task that started eagerly
};

/// A place as traces tell it.
[[nodiscard]] traces::Site to_site(const std::source_location& at);

}  // namespace coweave::sim
