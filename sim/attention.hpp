#pragma once

/// What a simulation keeps besides its ready queue when scheduling points are more than suspensions, or its
/// policy looks closely: the turns of awaits, who of the ready can really go on, and what the running step
/// does. Nothing of it is touched otherwise.

#include <coweave/core/turn.hpp>
#include <coweave/sim/actors.hpp>
#include <coweave/sim/passing_observer.hpp>
#include <coweave/sim/step.hpp>
#include <coweave/traces/trace.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace coweave::sim {

class Attention final : public PassingObserver, public detail::Turns {
 public:
  /// A run begins. `points` says which awaits take turns; with `for_policy`, candidates and steps are told.
  /// What is observed is passed on to `next`, if that is not null.
  void begin_run(traces::SchedulingPoints points, bool for_policy, Observer* next);

  /// Looks at the ready queue, which is not empty, before a choice. With `pass_over`, whoever would only
  /// stand in line behind others does not count as ready, as long as anybody can go on; if nobody can, all
  /// do: who stands in front is for the policy to say.
  void look(std::span<detail::Handle* const> ready, bool pass_over);
  /// What was seen: who counts as ready, in order of arrival.
  [[nodiscard]] std::span<detail::Handle* const> handles() const noexcept {
    return {handles_.data(), count_};
  }
  /// And what is known of each; empty unless it is for a policy.
  [[nodiscard]] std::span<const Candidate> candidates() const noexcept {
    return {candidates_.data(), for_policy_ ? count_ : 0};
  }
  /// By actor: what tells it from others, in every process.
  [[nodiscard]] std::span<const std::uint64_t> keys() const noexcept { return actors_.keys(); }
  /// Where in the ready queue the one with this index stands.
  [[nodiscard]] std::size_t position(std::size_t index) const noexcept { return positions_[index]; }

  /// Whether `handle`, which is ready, stands at a turn.
  [[nodiscard]] bool gave_way(const detail::Handle& handle) const noexcept { return turn_of(handle); }

  /// The one with this index runs.
  void step_begins(std::size_t index);
  /// It is judged, at least so.
  void judge(Judged how) noexcept {
    if (judged_ < how) judged_ = how;
  }
  /// The root task is done, and `left` are ready.
  void ends(End end, std::span<detail::Handle* const> left);
  /// What it did.
  [[nodiscard]] Step step_ended() const noexcept {
    return {candidates_[taken_],
            operations_,
            created_,
            woken_,
            forgotten_,
            self_,
            is_timed_,
            actors_.keys(),
            judged_,
            actors_.object_keys(),
            end_,
            had_to_wait_,
            left_};
  }

  // From the layer.
  [[nodiscard]] Heard hears_itself() const noexcept override { return heard::all & ~heard::notes; }
  detail::Turn* take(const detail::Pending& pending) override;
  void task_created(const TaskBase& task) override;
  void task_finished(const TaskBase& task) override;
  void woken(const detail::Handle& handle) override;
  void operation(Verb verb, const ObjectRef& object, std::source_location at) override;
  void cancel_requested(const TaskBase& task, std::source_location at) override;
  void looked_at(const FutureBase& future) override;
  void touched(Access access, const ObjectRef& object) override;
  void lined_up(const ObjectRef& object) override;
  void passed_over(const TaskBase& task) override;
  void forgotten(const detail::Handle& handle) override;

 private:
  /// The turn that `handle` stands at; null: none.
  [[nodiscard]] const detail::Turn* turn_of(const detail::Handle& handle) const noexcept;
  void see(detail::Handle& handle, std::size_t position, const detail::Turn* turn);
  [[gnu::cold]] void make_room(std::size_t count);

  traces::SchedulingPoints points_ = traces::SchedulingPoints::suspensions;
  bool for_policy_ = false;
  Actors actors_;
  std::vector<std::unique_ptr<detail::Turn>> turns_;  // by serial number of the task
  // What was seen at the last look: so many count, whatever stands behind them.
  std::size_t count_ = 0;
  std::vector<detail::Handle*> handles_;
  std::vector<std::size_t> positions_;
  std::vector<Candidate> candidates_;
  std::size_t taken_ = 0;  // the one that runs, among them
  std::vector<Operation> operations_;
  std::vector<std::uint32_t> created_;
  std::vector<std::uint32_t> woken_;
  std::vector<std::uint32_t> forgotten_;
  std::uint32_t self_ = 0;  // who runs, as an object
  bool is_timed_ = false;
  End end_ = End::none;
  bool had_to_wait_ = false;
  std::vector<bool> have_to_wait_;  // by serial number of the task: passed over since its last step
  std::vector<std::uint32_t> left_;
  Judged judged_ = Judged::not_at_all;
};

}  // namespace coweave::sim
