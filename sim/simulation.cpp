#include <coweave/sim/simulation.hpp>

#include <coweave/core/check.hpp>
#include <coweave/core/errors.hpp>
#include <coweave/core/exception_text.hpp>
#include <coweave/core/executor.hpp>
#include <coweave/core/thread_job.hpp>
#include <coweave/sim/assertion.hpp>
#include <coweave/sim/detectors/of_injection.hpp>
#include <coweave/sim/detectors/wait_graph.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/sim/witness.hpp>
#include <coweave/traces/words.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace coweave::sim {

using traces::VerdictKind;

namespace {
constinit thread_local Simulation* running_simulation = nullptr;

constexpr std::uint64_t steps_uninterrupted = 1'000;

}  // namespace

Simulation::~Simulation() = default;

Simulation* Simulation::running() noexcept { return running_simulation; }

const Failure* Simulation::run(const Scenario& scenario, Policy& policy, Recorder* recorder) {
  const Running running(*this);
  running_simulation = this;
  begin_epoch();
  now_ = Duration::zero();
  steps_ = 0;
  steps_end_ = crash_step_ == 0 ? settings_.steps_max : crash_step_ - 1;
  steps_stop_ = over_ ? std::min(steps_end_, steps_uninterrupted) : steps_end_;
  interrupted_ = false;
  policy_ = &policy;
  uniform_ = recorder ? nullptr : policy.uniform();
  recorder_ = recorder;
  let_observe(recorder);
  pay_attention();
  listen_for_sweep();
  schedule_.clear();
  failure_.reset();
  suspect_.reset();
  cancellations_ = 0;
  faults_ = 0;
  last_injection_ = 0;
  last_injection_time_ = Duration::zero();
  watched_ = witness_ && witness_->hears_steps();
  halted_ = false;
  stage_ = Stage::running;
  pulse_.store(++last_pulse_, std::memory_order_relaxed);
  if (recorder) recorder->begin(*this);
  detail::fault_source = this;
  if (witness_) {
    witness_->run_begins(*this, observer(heard::all));
    let_observe(witness_);
  }
  try {
    Coro<void> body = scenario();
    creates_root_ = true;
    Task<void> root = create_task(std::move(body), {.name = "main"}, {});
    creates_root_ = false;
    root_ = &root.state();
    begin_sweep();
    if (failure_) {  // it failed before the first step
    } else if (attentive_) {
      drive_attentively();
    } else {
      if (!watched_) drive();
      if (watched_) drive_watched();
    }
    check_end();
    if (witness_ && !failure_) witness_->run_ended();
    if (!failure_) check_held();
  } catch (const StopRun&) {  // whoever threw it has said why
  } catch (...) {             // the scenario threw before it was a coroutine
    fail({VerdictKind::exception, describe_exception(std::current_exception()), 0, {}, {}});
  }
  if (recorder && failure_) recorder->record_verdict(*failure_);
  let_observe(nullptr);
  recorder_ = nullptr;
  detail::granted_turns = nullptr;
  detail::fault_source = nullptr;
  end_sweep();
  tear_down();
  root_ = nullptr;
  running_simulation = nullptr;
  pulse_.store(0, std::memory_order_relaxed);
  policy.end_run(schedule_);
  return failure_ ? &*failure_ : nullptr;
}

void Simulation::pay_attention() {
  looks_closely_ = policy_->looks_closely();
  const bool more_points = settings_.scheduling_points != traces::SchedulingPoints::suspensions;
  attentive_ = looks_closely_ || more_points;
  if (!attentive_) return;
  attention_.begin_run(settings_.scheduling_points, looks_closely_, recorder_);
  if (looks_closely_) let_observe(&attention_);
  if (more_points) detail::granted_turns = &attention_;
}

[[gnu::always_inline]] inline std::uint32_t Simulation::choose_next(std::uint32_t options) {
  if (!uniform_ || options > options_max) [[unlikely]]
    return choose(ChoiceKind::next, options);
  const std::uint32_t taken = uniform_->below(options);
  const Choice choice(ChoiceKind::next, options, taken);
  if (schedule_.size() == schedule_.capacity()) [[unlikely]] {
    record_growing(choice);
  } else {
    schedule_.push_back(choice);
  }
  return taken;
}

/// The hot path of exploration: what is rare stands in functions of its own, so that this one stays small.
[[gnu::always_inline]] inline bool Simulation::step_begins() {
  --batch_;
  if (steps_ >= steps_stop_ && !takes_further_steps()) [[unlikely]]
    return false;
  ++steps_;
  pulse_.store(++last_pulse_, std::memory_order_relaxed);
  return true;
}

[[gnu::always_inline]] inline void Simulation::step() {
  if (!step_begins()) [[unlikely]]
    return;
  const std::size_t ready = ready_.size();
  detail::Handle& handle =
      ready == 1 ? ready_.take_first() : ready_.take(choose_next(static_cast<std::uint32_t>(ready)));
  if (recorder_) [[unlikely]] {
    run_recorded(handle);
  } else {
    run_handle(handle);
  }
  step_ended();
}

[[gnu::always_inline]] inline void Simulation::step_ended() {
  if (settings_.step_cost_ns != 0) [[unlikely]]
    spend(Duration(settings_.step_cost_ns));
  if (live_tasks() > settings_.tasks_max) [[unlikely]]
    tasks_exceeded();
  if (!cancel_targets_.empty()) [[unlikely]]
    offer_injection();
}

/// Decides who runs next where more than the ready queue counts.
detail::Handle& Simulation::take_attentively() {
  // Standing in line can be seen by whoever is cancelled there.
  const bool pass_over =
      settings_.scheduling_points == traces::SchedulingPoints::accesses && cancel_targets_.empty();
  attention_.look(ready_.view(), pass_over);
  const std::size_t options = attention_.handles().size();
  const std::size_t taken = options == 1 ? 0 : choose_next(static_cast<std::uint32_t>(options));
  detail::Handle& handle = ready_.take(attention_.position(taken));
  attention_.step_begins(taken);
  return handle;
}

/// Runs a handle, with whoever wants to see it.
[[gnu::always_inline]] inline void Simulation::run_watched(detail::Handle& handle) {
  const std::uint32_t task = handle.owner();  // the handle may be gone afterwards
  if (!checks_.alone()) judge(Judged::by_state);
  if (witness_) witness_->step_begins(handle);
  if (recorder_) [[unlikely]] {
    run_recorded(handle);
  } else {
    run_handle(handle);
  }
  if (!watched_ || failure_) return;
  if (witness_) witness_->step_ended();
  if (!checks_.alone()) check_state(task);
}

void Simulation::step_attentively() {
  if (!step_begins()) return;
  detail::Handle& handle = take_attentively();
  run_watched(handle);
  if (looks_closely_) policy_->stepped(attention_.step_ended());
  step_ended();
}

[[gnu::always_inline]] inline void Simulation::step_watched() {
  if (!step_begins()) return;
  const std::size_t ready = ready_.size();
  run_watched(ready == 1 ? ready_.take_first() : ready_.take(choose_next(static_cast<std::uint32_t>(ready))));
  step_ended();
}

void Simulation::check_state(std::uint32_t task) {
  for (detail::Link* link = checks_.following; link != &checks_ && !failure_; link = link->following)
    static_cast<StateCheck&>(*link).check(task);
}

void Simulation::take_step_anyhow() {
  if (attentive_) {
    step_attentively();
  } else if (watched_) {
    step_watched();
  } else {
    step();
  }
}

/// Iteration by iteration, as asyncio: timers become ready between two, and each runs as many handles as were
/// ready when it began, in whatever order the policy likes. After the root task is done there is one more.
template <class TakeStep>
[[gnu::always_inline]] inline void Simulation::drive_by(TakeStep take_step) {
  for (;;) {
    if (batch_ == 0) {
      if (root_->done()) {
        if (stage_ != Stage::running) return;
        stage_ = Stage::ending;
      }
      if (!timers_.empty()) {
        if (settings_.jitter_ns != 0) [[unlikely]]
          be_late();
        fire_due();
      }
      batch_ = ready_.size();
      if (batch_ == 0) {
        if (!idle()) return;
        continue;
      }
    }
    take_step();
    if (halted_) [[unlikely]]
      return;
  }
}

void Simulation::drive() {
  drive_by([this]() __attribute__((always_inline)) { step(); });
}

/// Goes on where `drive` has left, if a check came while it ran.
void Simulation::drive_watched() {
  halted_ = false;
  if (!failure_) check_state(0);
  if (!failure_) drive_by([this]() __attribute__((always_inline)) { step_watched(); });
}

void Simulation::drive_attentively() {
  drive_by([this] { step_attentively(); });
}

/// Timers that are due become ready. A sweep can come between those and what they wake.
inline void Simulation::fire_due() {
  const std::size_t ready = ready_.size();
  fire_timers(now_);
  if (settings_.sweep != traces::SweepKind::none && ready_.size() != ready && !cancel_targets_.empty())
      [[unlikely]]
    offer_injection();
}

/// Nothing is ready: true if time could move.
bool Simulation::idle() {
  if (root_->done() && stage_ != Stage::draining) return false;
  if (timers_.empty()) {
    if (stage_ == Stage::draining && live_tasks() == 0) return false;
    fail({VerdictKind::deadlock, {}, 0, {}, {}});
    return false;
  }
  const Duration due = timers_.next_due();
  if (due.count() > settings_.time_max_ns) {
    out_of_time();
    return false;
  }
  if (due > now_) {
    now_ = due;
    if (recorder_) recorder_->clock_moved();
  }
  if (settings_.jitter_ns != 0) be_late();
  fire_due();
  batch_ = ready_.size();
  return !failure_;
}

void Simulation::run_recorded(detail::Handle& handle) {
  recorder_->step_begins(handle);
  run_handle(handle);
  recorder_->step_ended();
}

bool Simulation::takes_further_steps() {
  if (steps_ >= steps_end_) {
    no_further_step();
    return false;
  }
  if (over_()) {
    interrupted_ = true;
    throw StopRun{};
  }
  steps_stop_ = std::min(steps_end_, steps_ + steps_uninterrupted);
  return true;
}

void Simulation::no_further_step() {
  if (crash_step_ == 0) return bound_reached("steps was reached: " + std::to_string(settings_.steps_max));
  ++steps_;
  detail::Handle& handle =
      attentive_
          ? take_attentively()
          : ready_.take(ready_.size() == 1 ? 0 : choose_next(static_cast<std::uint32_t>(ready_.size())));
  if (recorder_) recorder_->step_begins(handle);
  Failure failure = crash_;
  failure.task = handle.owner();
  fail(std::move(failure));
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

/// A step took virtual time.
void Simulation::spend(Duration cost) {
  if (cost.count() > settings_.time_max_ns - now_.count())
    out_of_time();
  else
    now_ += cost;
}

Duration Simulation::choose_lateness(const char* label) {
  const std::uint32_t taken = choose(ChoiceKind::late, 4, label);
  constexpr std::int64_t parts[] = {100, 10, 1};
  return taken == 0 ? Duration::zero() : Duration(settings_.jitter_ns / parts[taken - 1]);
}

/// The iteration that ends here took longer than nothing.
void Simulation::be_late() {
  const Duration late = choose_lateness(nullptr);
  if (late == Duration::zero()) return;
  spend(late);
  if (recorder_) recorder_->clock_moved();
}

void Simulation::out_of_time() {
  bound_reached("virtual time was reached: " + traces::time_in_words(settings_.time_max_ns));
}

void Simulation::record_growing(Choice choice) { schedule_.push_back(choice); }

std::uint32_t Simulation::choose(ChoiceKind kind, std::uint32_t options, const char* label,
                                 FaultVisit* visit) {
  const bool is_next = kind == ChoiceKind::next;
  const bool seen = is_next && attentive_;
  const ChoicePoint point{kind,
                          options,
                          seen      ? attention_.handles()
                          : is_next ? ready_.view()
                                    : std::span<detail::Handle* const>{},
                          label,
                          seen ? attention_.candidates() : std::span<const Candidate>{},
                          visit,
                          seen ? attention_.keys() : std::span<const std::uint64_t>{}};
  COWEAVE_INTERNAL_CHECK(options <= options_max, "a choice has at most 2^24 - 1 options");
  const std::uint32_t taken = policy_->pick(point);
  COWEAVE_INTERNAL_CHECK(taken < options, "a policy picks one of the options");
  schedule_.emplace_back(kind, options, taken);
  if (recorder_) [[unlikely]]
    recorder_->chosen(point, taken);
  return taken;
}

void Simulation::keep_checking(StateCheck& check) {
  checks_.insert_before(check);
  judge(Judged::by_state);
  if (!watched_ && !attentive_) halted_ = true;
  watched_ = true;
}

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

void Simulation::post(detail::Handle& handle) {
  if (running_simulation != this) {
    // A thread that the simulation does not control has got hold of the program: nothing can be replayed.
    detail::check_failed(
        "post() on the simulation's thread",
        "a coroutine under simulation was resumed from another thread; code under simulation must "
        "not use real threads, sockets or timers",
        std::source_location::current());
  }
  enqueue(handle);
}

/// A body runs in one piece, when the policy picks its step.
void Simulation::run_in_thread(detail::ThreadJob& job) {
  if (job.executor()) {
    job.executor()->submit_step(job);
  } else {
    run_as_step(job);
  }
}

void Simulation::run_as_step(detail::ThreadJob& job) {
  const Duration late = settings_.jitter_ns == 0 ? Duration::zero() : choose_lateness("thread");
  if (late == Duration::zero()) {
    enqueue(job.start());
  } else {
    arm(job.start(), now_ + late);
  }
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

}  // namespace coweave::sim
