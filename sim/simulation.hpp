#pragma once

/// The controlled loop: runs a scenario under a policy, with virtual time, and says how it ended.
///
/// One object serves many runs and keeps its memory between them; in a steady state a run that passes
/// allocates nothing. Time is virtual: it stands still while anything can run, and then jumps to the next
/// timer. With a jitter in its settings, time also passes when it should not: whenever the loop is about to
/// look at its timers it may be late, and a body in a thread may take its time to begin. By how much is a
/// choice (`late`) of nothing, a hundredth, a tenth or all of the jitter.
///
/// A run of a sweep (`Settings::sweep`) has more choices: after each step, and when timers have become ready,
/// every task that lives may be cancelled, or every time-out that is pending be up (`expire`); or each
/// allocation that the layer makes for the program may fail (a fault "out of memory"). What was injected may
/// end the root task without being a failure, and at the end nothing may be held (see ledger.hpp).

#include <coweave/core/fault.hpp>
#include <coweave/core/loop.hpp>
#include <coweave/core/recycler.hpp>
#include <coweave/core/task.hpp>
#include <coweave/sim/attention.hpp>
#include <coweave/sim/choice.hpp>
#include <coweave/sim/detectors/ledger.hpp>
#include <coweave/sim/failure.hpp>
#include <coweave/sim/policy.hpp>
#include <coweave/sim/random.hpp>
#include <coweave/traces/trace.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coweave::sim {

/// The coroutine under test: called afresh for every run.
using Scenario = std::function<Coro<void>()>;

class Recorder;
class StateCheck;
class Witness;

class Simulation final : public Loop, private detail::FaultSource, private detail::AllocationSource {
 public:
  explicit Simulation(const traces::Settings& settings) : settings_(settings) {}
  ~Simulation();

  /// The simulation that is running on this thread, or null.
  [[nodiscard]] static Simulation* running() noexcept;

  /// One run: the scenario from its start to its end, a failure or a bound. `policy.begin_run` has been
  /// called. Null: it passed. The failure is good until the next run.
  const Failure* run(const Scenario& scenario, Policy& policy, Recorder* recorder = nullptr);

  /// The choices of the last run.
  [[nodiscard]] const Schedule& schedule() const noexcept { return schedule_; }
  /// The steps of the last or present run.
  [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }
  /// Whether the present run is recorded.
  [[nodiscard]] bool recording() const noexcept { return recorder_; }
  [[nodiscard]] const traces::Settings& settings() const noexcept { return settings_; }
  /// The runs to come end where step `step`, from 1, would be executed, with `failure`: it would end the
  /// process. A policy that looks closely hears of that step too, which has done nothing. 0: none does.
  void crashes_in(std::uint64_t step, Failure failure) {
    crash_step_ = step;
    crash_ = std::move(failure);
  }
  /// In the runs to come `over` is asked every 1,000 steps; if it says so, the run ends there, and has
  /// neither passed nor failed. Empty: nobody is asked.
  void let_interrupt(std::function<bool()> over) { over_ = std::move(over); }
  /// Whether the last run was ended so.
  [[nodiscard]] bool interrupted() const noexcept { return interrupted_; }
  /// Changes the bound on the steps of the runs to come.
  void set_steps_max(std::uint64_t steps) noexcept { settings_.steps_max = steps; }

  /// In the runs to come of a sweep these may be held at the end: see Ledger.
  void set_may_be_held(std::vector<std::string> names) { settings_.may_be_held = std::move(names); }
  /// What was taken and given back in the last run, if that was a run of a sweep.
  [[nodiscard]] const Ledger& ledger() const noexcept { return ledger_; }

  /// How likely faults are under policies that go by chance, in the runs to come.
  void set_fault_odds(FaultOdds odds) noexcept { fault_odds_ = odds; }
  /// Whether a fault or a cancellation may still be injected into the present run: while it may, nothing has
  /// to get done.
  [[nodiscard]] bool may_inject() const noexcept;
  /// The step, from 1, at which a fault or a cancellation was injected last into the present or last run; 0:
  /// none was.
  [[nodiscard]] std::uint64_t last_injection() const noexcept { return last_injection_; }
  /// When that was; zero: none was.
  [[nodiscard]] Duration last_injection_time() const noexcept { return last_injection_time_; }

  /// The runs to come are looked at by `witness`, which must outlive them; null: by nobody.
  void let_witness(Witness* witness) noexcept { witness_ = witness; }
  /// For a witness: what it says of the present run depends on the running step, so that a policy that leaves
  /// out orders that end alike must not leave out those of this one.
  void judge(Judged how) noexcept { attention_.judge(how); }
  /// Whether the scheduling points alone made `handle`, which is ready, stop where it stands.
  [[nodiscard]] bool gave_way(const detail::Handle& handle) const noexcept {
    return attentive_ && attention_.gave_way(handle);
  }
  /// From now on `check` is looked at after every step of the present run.
  void keep_checking(StateCheck& check);

  /// While it lives nothing is observed: for whoever looks at the program and is no part of it.
  class Unobserved {
   public:
    explicit Unobserved(Simulation& simulation) noexcept
        : simulation_(simulation), observer_(simulation.observer(heard::all)) {
      simulation.let_observe(nullptr);
    }
    Unobserved(const Unobserved&) = delete;
    Unobserved& operator=(const Unobserved&) = delete;
    ~Unobserved() { simulation_.let_observe(observer_); }

   private:
    Simulation& simulation_;
    Observer* observer_;
  };

  /// For a watchdog, from any thread: another number at the beginning of each run and of each step, and 0
  /// while no run is going on.
  [[nodiscard]] std::uint64_t pulse() const noexcept { return pulse_.load(std::memory_order_relaxed); }
  /// The number that `pulse` gave last.
  [[nodiscard]] std::uint64_t last_pulse() const noexcept { return last_pulse_; }

  /// A failure of the program under test; the first one of a run counts, and ends the run with its step.
  void fail(Failure failure);

  /// Asks the policy: below `options`, which is at least 2.
  [[gnu::noinline]] std::uint32_t choose(ChoiceKind kind, std::uint32_t options, const char* label = nullptr,
                                         FaultVisit* visit = nullptr);

  /// From now on a cancellation may be injected into `task`, within the bound of the settings.
  void may_cancel(TaskBase& task);
  /// The task that option `index` + 1 of a choice of a cancellation, due now, would cancel.
  [[nodiscard]] const TaskBase& cancel_candidate(std::size_t index) const {
    return *cancel_targets_[index]->as_task();
  }
  /// Those that the program gave to `may_cancel` in the last run, by serial number, if that was a run of a
  /// sweep.
  [[nodiscard]] const std::vector<std::uint32_t>& marked_for_cancellation() const noexcept { return marked_; }
  /// The time-out that option `index` + 1 of a choice of one that is up, due now, is.
  [[nodiscard]] const detail::Timer& expiry_candidate(std::size_t index) const {
    return *expiry_candidates_[index];
  }

  [[nodiscard]] Duration time() override { return now_; }
  void post(detail::Handle& handle) override;
  void run_in_thread(detail::ThreadJob& job) override;
  void run_as_step(detail::ThreadJob& job) override;
  void report(Report report) noexcept override;

 private:
  enum class Stage : std::uint8_t { running, ending, draining };

  void pay_attention();
  [[gnu::noinline]] void drive();
  [[gnu::noinline]] void drive_attentively();
  [[gnu::noinline]] void drive_watched();
  template <class TakeStep>
  void drive_by(TakeStep take_step);
  void fire_due();
  bool idle();
  void step();
  void step_watched();
  void step_attentively();
  void take_step_anyhow();
  void check_state(std::uint32_t task);
  void run_watched(detail::Handle& handle);
  detail::Handle& take_attentively();
  bool step_begins();
  void step_ended();
  std::uint32_t choose_next(std::uint32_t options);
  [[gnu::cold, gnu::noinline]] void record_growing(Choice choice);
  [[gnu::cold]] bool takes_further_steps();
  [[gnu::cold]] void no_further_step();
  [[gnu::cold]] void run_recorded(detail::Handle& handle);
  [[gnu::cold]] void bound_reached(std::string what);
  [[gnu::cold]] void tasks_exceeded();
  void spend(Duration cost);
  [[nodiscard]] Duration choose_lateness(const char* label);
  [[gnu::cold, gnu::noinline]] void be_late();
  [[gnu::cold]] void out_of_time();
  void offer_injection();
  void offer_cancellation();
  void offer_expiry();
  void listen_for_sweep();
  void begin_sweep();
  void end_sweep() noexcept;
  bool refuses() override;
  [[nodiscard]] bool follows_from_injection(const Failure& suspect) const noexcept;
  void note_injection() noexcept;
  bool injects(const char* label, const std::source_location& at) override;
  [[nodiscard]] bool may_fault(std::string_view label) const noexcept;
  bool fail_of_root();
  void check_end();
  void check_held();
  [[gnu::cold]] void drain();
  void tear_down() noexcept;

  traces::Settings settings_;
  Duration now_{};
  std::uint64_t steps_ = 0;
  std::uint64_t steps_end_ = 0;   ///< no step is taken beyond it
  std::uint64_t steps_stop_ = 0;  ///< none without a look at what ends runs
  std::function<bool()> over_;
  bool interrupted_ = false;
  Policy* policy_ = nullptr;
  Random* uniform_ = nullptr;  ///< what `policy_->uniform()` gave for this run
  Recorder* recorder_ = nullptr;
  Attention attention_;
  bool attentive_ = false;  ///< in this run
  Witness* witness_ = nullptr;
  detail::Link checks_;         ///< of StateCheck
  bool watched_ = false;        ///< a witness hears of steps, or there is a check, in this run
  bool halted_ = false;         ///< the loop is to look again how it goes on, or whether it does
  bool looks_closely_ = false;  ///< what `policy_->looks_closely()` gave for this run
  Schedule schedule_;
  FutureBase* root_ = nullptr;
  std::uint64_t crash_step_ = 0;  ///< which step would end the process; 0: none
  Failure crash_;                 ///< how
  std::optional<Failure> failure_;
  std::optional<Failure>
      suspect_;  ///< found while an exception was on its way, of which it may be a consequence
  std::vector<detail::Ref<FutureBase>> cancel_targets_;
  std::vector<std::uint32_t> marked_;              ///< in a run of a sweep: given to `may_cancel`
  std::vector<detail::Timer*> expiry_candidates_;  ///< of the choice that is due
  Ledger ledger_;
  std::optional<detail::Unrecycled> unrecycled_;
  std::uint32_t cancellations_ = 0;
  std::uint32_t faults_ = 0;
  std::uint64_t last_injection_ = 0;
  Duration last_injection_time_{};
  FaultOdds fault_odds_;
  Stage stage_ = Stage::running;
  bool tearing_down_ = false;
  std::uint64_t last_pulse_ = 0;
  std::atomic<std::uint64_t> pulse_{0};
};

}  // namespace coweave::sim
