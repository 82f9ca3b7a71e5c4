#include <coweave/props/monitors/state.hpp>

#include <coweave/core/task.hpp>
#include <coweave/props/monitors/run_view.hpp>
#include <coweave/props/options.hpp>
#include <coweave/sim/detectors/wait_graph.hpp>
#include <coweave/sim/simulation.hpp>

#include <algorithm>
#include <stdexcept>

namespace coweave::detail {

StateCondition::StateCondition(Wanted wanted, std::string name, std::chrono::nanoseconds time_max,
                               std::source_location at)
    : wanted_(wanted), name_(std::move(name)), time_max_(time_max), at_(at) {}

void StateCondition::begin(bool is_empty) {
  if (name_.empty()) throw std::invalid_argument("a condition on the state needs a name, for reports");
  if (is_empty) throw std::invalid_argument("the condition '" + name_ + "' is an empty function");
  sim::Simulation* simulation = sim::Simulation::running();
  if (!simulation) return;
  since_ = simulation->time();
  simulation->keep_checking(*this);
  const TaskBase* task = simulation->current_task();
  check(task ? task->serial() : 0);
}

bool StateCondition::holds_now() {
  const sim::Simulation::Unobserved looks_on(*sim::Simulation::running());
  return holds();
}

void StateCondition::check(std::uint32_t task) {
  const bool is = holds_now();
  switch (wanted_) {
    case Wanted::to_hold:
      if (!is) broken("it does not hold", task);
      return;
    case Wanted::not_to_hold:
      if (is) broken("it holds", task);
      return;
    case Wanted::to_hold_once:
      break;
  }
  held_ = held_ || is;
  if (held_ || time_max_ == std::chrono::nanoseconds::max()) return;
  sim::Simulation& simulation = *sim::Simulation::running();
  const std::chrono::nanoseconds since =
      std::max<std::chrono::nanoseconds>(since_, simulation.last_injection_time());
  if (simulation.time() - since > time_max_) broken("it did not hold within " + duration_text(time_max_), 0);
}

void StateCondition::end() noexcept {
  if (wanted_ != Wanted::to_hold_once || held_ || !looked_at() || std::uncaught_exceptions() != exceptions_)
    return;
  if (!holds_now()) broken("it never held", 0);
}

void StateCondition::broken(std::string what, std::uint32_t task) {
  sim::Failure failure;
  failure.kind = traces::VerdictKind::invariant;
  failure.message = "'" + name_ + "' is broken: " + std::move(what);
  failure.subject = name_;
  failure.at = at_;
  failure.task = task;
  sim::Simulation& simulation = *sim::Simulation::running();
  if (simulation.recording() && task != 0) {
    Told told{simulation.steps(), "the last of its task", {}, {}};
    simulation.for_each_task([&](TaskBase& one) {
      if (one.serial() != task) return;
      told.text = one.name() + ": comes as far as this";
      told.stack = sim::user_stack(one);
    });
    failure.evidence = in_words(told);
  }
  simulation.fail(std::move(failure));
}

}  // namespace coweave::detail
