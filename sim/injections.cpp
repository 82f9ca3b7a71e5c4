/// What the simulation does to a program that the program does not do itself: cancellations, faults, and what
/// sweeps add.

#include <coweave/core/sometimes.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/sim/simulation.hpp>

#include <algorithm>
#include <utility>

namespace coweave::sim {

using traces::SweepKind;

namespace {
constexpr const char* out_of_memory = "out of memory";
}

void Simulation::may_cancel(TaskBase& task) {
  if (settings_.sweep == SweepKind::cancellation) return marked_.push_back(task.serial());
  if (settings_.cancellations_max > 0 && cancellations_ < settings_.cancellations_max)
    cancel_targets_.emplace_back(&task);
}

/// Between two steps. (A sweep keeps the root task among the targets as long as it may inject something, so
/// that this is called.)
void Simulation::offer_injection() {
  if (settings_.sweep == SweepKind::timeouts) return offer_expiry();
  if (settings_.sweep == SweepKind::cancellation) {
    cancel_targets_.clear();
    for_each_task([this](TaskBase& task) { cancel_targets_.emplace_back(&task); });
  }
  offer_cancellation();
}

/// A request to cancel may reach any candidate that is not done.
void Simulation::offer_cancellation() {
  std::erase_if(cancel_targets_, [](const detail::Ref<FutureBase>& target) { return target->done(); });
  if (cancel_targets_.empty()) return;
  const auto options = static_cast<std::uint32_t>(cancel_targets_.size()) + 1;
  const std::uint32_t taken = choose(ChoiceKind::cancel, options);
  if (taken == 0) return;
  const detail::Ref<FutureBase> target = cancel_targets_[taken - 1];
  note_injection();
  if (recorder_) recorder_->injected_cancel(*target->as_task());
  target->cancel("injected by the simulation");
  if (++cancellations_ >= settings_.cancellations_max) cancel_targets_.clear();
}

/// Time may jump to where a time-out that is pending is up, as if the steps until now had taken so long.
void Simulation::offer_expiry() {
  struct Pending {
    Duration when;
    std::uint64_t sequence;
    detail::Timer* timer;
  };
  std::vector<Pending> pending;
  timers_.for_each([&](detail::Timer& timer, std::uint64_t sequence) {
    if (timer.kind() == HandleKind::timeout && timer.owner() != 0 &&
        timer.when().count() <= settings_.time_max_ns)
      pending.push_back({timer.when(), sequence, &timer});
  });
  if (pending.empty()) return;
  std::sort(pending.begin(), pending.end(), [](const Pending& one, const Pending& other) {
    return std::pair(one.when, one.sequence) < std::pair(other.when, other.sequence);
  });
  expiry_candidates_.clear();
  for (const Pending& each : pending) expiry_candidates_.push_back(each.timer);
  const auto options = static_cast<std::uint32_t>(pending.size()) + 1;
  const std::uint32_t taken = choose(ChoiceKind::expire, options);
  if (taken == 0) return;
  if (recorder_) recorder_->injected_timeout(*pending[taken - 1].timer);
  if (pending[taken - 1].when > now_) {
    now_ = pending[taken - 1].when;
    if (recorder_) recorder_->clock_moved();
  }
  note_injection();  // not before: the time that was skipped belongs to it
  fire_timers(now_);
  cancel_targets_.clear();  // once a run
}

void Simulation::note_injection() noexcept {
  last_injection_ = steps_;
  last_injection_time_ = now_;
}

bool Simulation::may_inject() const noexcept {
  return faults_ < settings_.faults_max || !cancel_targets_.empty();
}

bool Simulation::may_fault(std::string_view label) const noexcept {
  if (faults_ >= settings_.faults_max) return false;
  const std::vector<std::string>& labels = settings_.fault_labels;
  return labels.empty() || std::find(labels.begin(), labels.end(), label) != labels.end();
}

/// From the program, in a step.
bool Simulation::injects(const char* label, const std::source_location& at) {
  if (!label) label = "";
  FaultVisit visit{at, fault_odds_, false};
  bool injected = false;
  if (may_fault(label)) {
    visit.armed = true;
    injected = choose(ChoiceKind::fault, 2, label, &visit) != 0;
  }
  if (detail::mark_listener) detail::mark_listener->came_by_fault(visit.armed, injected, label, at);
  if (!injected) return false;
  ++faults_;
  note_injection();
  if (recorder_) recorder_->injected_fault(label, at);
  return true;
}

/// A run is about to begin: a sweep wants to know what is taken and given back.
void Simulation::listen_for_sweep() {
  marked_.clear();
  if (settings_.sweep == SweepKind::none) return;
  ledger_.begin_run(settings_.may_be_held, observer(heard::all));
  let_observe(&ledger_);
}

/// The root task was created.
void Simulation::begin_sweep() {
  const bool between_steps =
      settings_.sweep == SweepKind::cancellation || settings_.sweep == SweepKind::timeouts;
  if (between_steps && settings_.cancellations_max > 0) cancel_targets_.emplace_back(root_);
  if (settings_.sweep != SweepKind::allocations) return;
  unrecycled_.emplace();
  detail::allocation_source = this;
}

void Simulation::end_sweep() noexcept {
  detail::allocation_source = nullptr;
  unrecycled_.reset();
}

/// From the layer: memory is needed for a frame, a task, a future or a callback.
bool Simulation::refuses() {
  if (tearing_down_ || !may_fault(out_of_memory)) return false;
  // Without a place: before the first await of a coroutine compilers do not agree where it stands.
  FaultVisit visit{std::source_location(), fault_odds_, true};
  if (choose(ChoiceKind::fault, 2, out_of_memory, &visit) == 0) return false;
  ++faults_;
  note_injection();
  if (recorder_) recorder_->injected_fault(out_of_memory, visit.at);
  return true;
}

/// Coroutines that wait to be awaited go with the expression whose next part lacks memory.
bool Simulation::follows_from_injection(const Failure& suspect) const noexcept {
  return settings_.sweep == SweepKind::allocations && last_injection_ != 0 &&
         suspect.kind == traces::VerdictKind::never_awaited;
}

}  // namespace coweave::sim
