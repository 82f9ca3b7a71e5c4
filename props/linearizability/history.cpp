#include <coweave/props/linearizability/history.hpp>

#include <coweave/core/errors.hpp>
#include <coweave/sim/assertion.hpp>
#include <coweave/sim/detectors/of_injection.hpp>
#include <coweave/sim/simulation.hpp>
#include <coweave/traces/words.hpp>

#include <algorithm>
#include <new>

namespace coweave::detail {

namespace {

std::uint64_t step_now() {
  const sim::Simulation* simulation = sim::Simulation::running();
  return simulation ? simulation->steps() : 0;
}

}  // namespace

CallRecord HistoryBase::begin() {
  const Loop* loop = Loop::running();
  const TaskBase* task = loop ? loop->current_task() : nullptr;
  if (!task) return begin(std::string("loop"));
  const auto known = std::find_if(processes_.begin(), processes_.end(),
                                  [&](const Process& process) { return process.task == task->serial(); });
  if (known == processes_.end()) {
    processes_.push_back({task->serial(), task->name()});
    return begin_as(static_cast<std::uint32_t>(processes_.size() - 1));
  }
  return begin_as(static_cast<std::uint32_t>(known - processes_.begin()));
}

CallRecord HistoryBase::begin(const std::string& process) {
  const auto known = std::find_if(processes_.begin(), processes_.end(), [&](const Process& listed) {
    return listed.task == 0 && listed.name == process;
  });
  if (known != processes_.end()) return begin_as(static_cast<std::uint32_t>(known - processes_.begin()));
  processes_.push_back({0, process});
  return begin_as(static_cast<std::uint32_t>(processes_.size() - 1));
}

CallRecord HistoryBase::begin_as(std::uint32_t process) {
  CallRecord record;
  record.process = processes_[process].name;
  record.process_number = process;
  record.invoked = position_++;
  record.step_invoked = step_now();
  return record;
}

void HistoryBase::end(CallRecord& call, CallEnd how) {
  if (call.end != CallEnd::pending) throw InvalidStateError("a call of a history ends once");
  call.returned = position_++;
  call.step_returned = step_now();
  call.end = how;
}

std::size_t HistoryBase::known(std::size_t number, std::size_t calls) {
  if (number >= calls)
    throw InvalidStateError("there is no call " + std::to_string(number) + " in a history of " +
                            traces::counted(calls, "call"));
  return number;
}

bool HistoryBase::cuts_short(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const CancelledError&) {
    return true;
  } catch (const TimeoutError&) {
    return true;
  } catch (const std::bad_alloc&) {
    return true;
  } catch (...) {
    return sim::is_injected_fault(exception);
  }
}

bool HistoryBase::is_told() {
  const sim::Simulation* simulation = sim::Simulation::running();
  return !simulation || simulation->recording();
}

void HistoryBase::require(const HistoryCheck& checked, const char* property, std::source_location at) const {
  if (checked.decision == Decision::holds) return;
  if (checked.decision == Decision::undecided) {
    sim::assertion_failed("whether '" + name_ + "' is " + property + " was not decided within " +
                              traces::counted(checked.steps, "step") +
                              ": allow more (steps_max), or record fewer calls",
                          at);
  }
  std::string message = "'" + name_ + "' is not " + property;
  const std::string evidence = checked.violation ? ": " + checked.violation->text() : "";
  if (sim::Simulation* simulation = sim::Simulation::running()) {
    sim::Failure failure;
    failure.kind = traces::VerdictKind::non_linearizable;
    failure.message = message;
    failure.at = at;
    failure.evidence = evidence;
    if (checked.violation) failure.picture = checked.violation->svg();
    simulation->fail(std::move(failure));
  }
  throw AssertionFailed(message + evidence);
}

}  // namespace coweave::detail
