#include <coweave/sim/simulation.hpp>

#include <coweave/core/check.hpp>
#include <coweave/core/exception_text.hpp>
#include <coweave/core/executor.hpp>
#include <coweave/core/thread_job.hpp>
#include <coweave/sim/assertion.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/sim/witness.hpp>

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
    Task<void> root = create_task(std::move(body), {.name = "main"}, {});
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
  if (looks_closely_) {
    if (root_->done() && stage_ != Stage::draining) [[unlikely]]
      attention_.ends(stage_ == Stage::ending && batch_ == 0 ? End::here : End::near, ready_.view());
    policy_->stepped(attention_.step_ended());
  }
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
  if (looks_closely_) policy_->stepped(attention_.step_ended());
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

}  // namespace coweave::sim
