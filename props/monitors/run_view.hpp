#pragma once

/// What the rules of monitors know of the run that they look at, and how they fail it.
///
/// Occurrences that may have to be shown later are remembered only where the run is recorded; a run that is
/// explored remembers nothing, and fails with the same message.

#include <coweave/props/monitors/monitor.hpp>
#include <coweave/sim/causality/causality.hpp>
#include <coweave/sim/simulation.hpp>
#include <coweave/traces/trace.hpp>

#include <cstdint>
#include <limits>
#include <source_location>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace coweave::detail {

/// Where that is in the program, as far as it is known.
[[nodiscard]] std::source_location place_of(const monitors::Occurrence& occurrence);

/// An occurrence that was remembered; 0: none was.
using Memo = std::uint32_t;

/// Something that happened in a run, as it is told.
struct Told {
  std::uint64_t step = 0;
  std::string text;
  traces::Site at = {};                  ///< of what says itself where it is
  std::vector<traces::Site> stack = {};  ///< where its task stands, from the innermost await
};
/// Lines, each after a line break.
[[nodiscard]] std::string in_words(const Told& told);

class RunView {
 public:
  void begin_run(sim::Simulation& simulation);

  [[nodiscard]] sim::Simulation& simulation() const noexcept { return *simulation_; }
  /// Whether the run is to go on.
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] Memo remember(const monitors::Occurrence& occurrence) {
    return recording_ ? write_down(occurrence) : 0;
  }

  /// Whether what fails the run is told in full.
  [[nodiscard]] bool recording() const noexcept { return recording_; }
  /// What is wrong with the run, the same each time it is done.
  struct Complaint {
    std::string subject;  ///< of the failure
    std::string message;
    std::string head = {};         ///< lines before the occurrences, where the run is recorded
    std::string tail = {};         ///< and after them
    std::source_location at = {};  ///< of what is wrong, if that is nothing that occurs now
  };
  /// Fails the run. `memos` are the occurrences concerned before `now`, null if it is nothing that occurs
  /// now.
  void fail(Complaint complaint, std::span<const Memo> memos, const monitors::Occurrence* now);

  /// A task has ended that a key may speak of.
  void keep_name_of(const TaskBase& task);
  /// What a task is called whose number a key has.
  [[nodiscard]] std::string name_of_task(std::uint32_t serial) const;

  // For rules that know causes, and for races.
  sim::Causality causality;
  sim::Moment moment;  ///< of what occurs now

  // For rules that wait: they are asked again when one of these has passed.
  void wake_at(std::int64_t time_ns, std::uint64_t step) noexcept {
    due_ns_ = std::min(due_ns_, time_ns);
    due_step_ = std::min(due_step_, step);
  }
  [[nodiscard]] bool due() const noexcept {
    return simulation_->time().count() > due_ns_ || simulation_->steps() > due_step_;
  }
  void nothing_due() noexcept {
    due_ns_ = std::numeric_limits<std::int64_t>::max();
    due_step_ = std::numeric_limits<std::uint64_t>::max();
  }

 private:
  [[nodiscard]] Told tell(const monitors::Occurrence& occurrence) const;
  [[nodiscard]] std::string evidence_of(std::span<const Memo> memos, const monitors::Occurrence* now) const;
  [[gnu::cold]] Memo write_down(const monitors::Occurrence& occurrence);

  sim::Simulation* simulation_ = nullptr;
  bool recording_ = false;
  bool failed_ = false;
  std::vector<Told> told_;
  std::vector<std::pair<std::uint32_t, std::string>>
      ended_;  // with their names; the first `ended_count_` are
  std::size_t ended_count_ = 0;
  std::int64_t due_ns_ = 0;
  std::uint64_t due_step_ = 0;
};

}  // namespace coweave::detail
