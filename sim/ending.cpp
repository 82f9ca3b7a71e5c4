/// How a run ends: with a failure, at a bound, or when the root task is done, and what is wrong then.

#include <coweave/core/exception_text.hpp>
#include <coweave/sim/detectors/of_injection.hpp>
#include <coweave/sim/detectors/wait_graph.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/sim/simulation.hpp>
#include <coweave/traces/words.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace coweave::sim {

using traces::VerdictKind;

void Simulation::fail(Failure failure) {
  if (failure_ || tearing_down_) return;
  if (failure.task == 0 && current_task()) failure.task = current_task()->serial();
  failure_ = std::move(failure);
  halted_ = true;
  failure_->signature = signature_of(*failure_, *this);
  if (recorder_) recorder_->failed(*failure_);
}

/// Fails if the root task has ended with an exception, or cancelled.
bool Simulation::fail_of_root() {
  if (!root_ || !root_->done()) return false;
  const TaskBase& task = *root_->as_task();
  if (settings_.sweep != traces::SweepKind::none && last_injection_ != 0 &&
      is_of_injection(settings_.sweep, *root_))
    return false;
  if (root_->cancelled()) {
    fail({VerdictKind::exception, "the root task ended cancelled", task.serial(), {}, {}});
  } else if (const std::exception_ptr& exception = root_->peek_exception()) {
    fail({VerdictKind::exception, describe_exception(exception), task.serial(), {}, {}});
  }
  return failure_.has_value();
}

void Simulation::report(Report report) noexcept {
  if (tearing_down_ || failure_) return;
  Failure failure;
  failure.message = std::move(report.message);
  if (report.exception) failure.message += ": " + describe_exception(report.exception);
  if (report.task) failure.task = report.task->serial();
  switch (report.kind) {
    case Report::Kind::never_retrieved:
      failure.kind = VerdictKind::never_retrieved;
      if (report.task) failure.at = report.task->spawned_at();
      break;
    case Report::Kind::never_awaited:
      failure.kind = VerdictKind::never_awaited;
      if (report.born.line() != 0) {
        failure.hint = std::string("the coroutine was written at ") + report.born.file_name() + ":" +
                       std::to_string(report.born.line()) + " (" + report.born.function_name() + ")";
      }
      break;
    default:
      failure.kind = VerdictKind::exception;
      break;
  }
  // What comes to light because an exception takes frames away is its consequence, and not the thing to tell.
  if (fail_of_root()) return;
  if (std::uncaught_exceptions() == 0) return fail(std::move(failure));
  if (failure.task == 0 && current_task()) failure.task = current_task()->serial();
  if (!suspect_) suspect_ = std::move(failure);
}

/// A run that comes to no end. If tasks block each other while others go on for ever, that is what is wrong.
void Simulation::bound_reached(std::string what) {
  if (tasks_block_each_other(*this)) return fail({VerdictKind::deadlock, {}, 0, {}, {}});
  std::string hint;
  const bool time_stands_still = settings_.step_cost_ns == 0 && settings_.jitter_ns == 0;
  if (time_stands_still && ready_.size() > 0 && !timers_.empty() && timers_.next_due() > now_)
    hint = "a timer is due in " + traces::time_in_words((timers_.next_due() - now_).count()) +
           ", and time stands still while a task is ready: if it polls until then, give steps a cost (option "
           "step_cost), or let the loop be late (jitter)";
  fail({VerdictKind::livelock, "the bound on " + std::move(what), 0, {}, std::move(hint)});
}

void Simulation::tasks_exceeded() {
  fail({VerdictKind::task_bound,
        "the bound on live tasks was exceeded: " + std::to_string(settings_.tasks_max),
        0,
        {},
        {}});
}

void Simulation::out_of_time() {
  bound_reached("virtual time was reached: " + traces::time_in_words(settings_.time_max_ns));
}

void Simulation::check_end() {
  root_->mark_retrieved();
  if (failure_ || !root_->done() || fail_of_root()) return;
  if (suspect_ && !follows_from_injection(*suspect_)) return fail(std::move(*suspect_));
  if (live_tasks() > 0) {
    if (!settings_.leaks_allowed) return fail({VerdictKind::leaked_task, {}, 0, {}, {}});
    drain();
  }
}

/// After what the program itself asks for: whoever does not give back breaks that too.
void Simulation::check_held() {
  if (settings_.sweep == traces::SweepKind::none || !root_->done()) return;
  if (std::optional<Failure> held = ledger_.still_held()) fail(std::move(*held));
}

/// As asyncio.run: cancels what is left and lets it end.
void Simulation::drain() {
  stage_ = Stage::draining;
  for_each_task([](TaskBase& task) { task.request_cancel({}); });
  while (live_tasks() > 0 && !failure_) {
    if (batch_ == 0) {
      fire_timers(now_);
      batch_ = ready_.size();
      if (batch_ == 0) {
        if (!idle()) return;
        continue;
      }
    }
    take_step_anyhow();
  }
}

void Simulation::tear_down() noexcept {
  tearing_down_ = true;
  while (!checks_.alone()) checks_.following->unlink();
  cancel_targets_.clear();
  destroy_tasks();
  tearing_down_ = false;
}

}  // namespace coweave::sim
