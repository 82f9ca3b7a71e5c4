#include <coweave/props/monitors/run_view.hpp>

#include <coweave/core/task.hpp>
#include <coweave/sim/detectors/wait_graph.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/traces/site.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace coweave::detail {

using monitors::Occurrence;

/// A note says it itself, and so do an operation that is not awaited and a request to cancel. A task that
/// has ended stands nowhere: it is where that was spawned. Else it is where the task stands: at its last
/// await, or in the coroutine that has not come to one.
std::source_location place_of(const Occurrence& occurrence) {
  if (occurrence.at.line() != 0 || !occurrence.task) return occurrence.at;
  if (occurrence.kind == Occurrence::Kind::spawned || occurrence.kind == Occurrence::Kind::finished)
    return occurrence.task->spawned_at();
  return sim::user_site(*occurrence.task);
}

void RunView::begin_run(sim::Simulation& simulation) {
  simulation_ = &simulation;
  recording_ = simulation.recording();
  failed_ = false;
  told_.clear();
  ended_count_ = 0;
  nothing_due();
}

std::string in_words(const Told& told) {
  std::string text = "\nstep " + std::to_string(told.step) + ", " + told.text;
  if (told.at.known()) text += "\n  at " + traces::to_string(told.at);
  for (std::size_t depth = 0; depth < told.stack.size(); ++depth)
    text += std::string(depth == 0 ? "\n  awaited at " : ", in ") + traces::to_string(told.stack[depth]);
  return text;
}

Told RunView::tell(const Occurrence& occurrence) const {
  const bool is_spawn = occurrence.kind == Occurrence::Kind::spawned && occurrence.task;
  const bool is_asked = occurrence.kind == Occurrence::Kind::cancel_requested && occurrence.at.line() != 0;
  Told told{simulation_->steps(), to_string(occurrence), {}, {}};
  told.at = sim::to_site(is_spawn ? occurrence.task->spawned_at() : occurrence.at);
  const TaskBase* who = is_spawn || is_asked ? simulation_->current_task() : occurrence.task;
  if (who) told.stack = sim::user_stack(*who);
  // What says itself where it is, is in the coroutine that runs: that stands there, and not where it awaited
  // last.
  if (told.at.known() && !told.stack.empty()) told.stack.erase(told.stack.begin());
  return told;
}

Memo RunView::write_down(const Occurrence& occurrence) {
  told_.push_back(tell(occurrence));
  return static_cast<Memo>(told_.size());
}

void RunView::fail(Complaint complaint, std::span<const Memo> memos, const Occurrence* now) {
  if (failed_) return;
  failed_ = true;
  sim::Failure failure;
  failure.kind = traces::VerdictKind::invariant;
  failure.message = std::move(complaint.message);
  failure.subject = std::move(complaint.subject);
  failure.at = complaint.at;
  if (now) {
    failure.at = place_of(*now);
    if (now->task) failure.task = now->task->serial();
  }
  if (recording_) {
    failure.evidence = complaint.head + evidence_of(memos, now) + complaint.tail;
  }
  simulation_->fail(std::move(failure));
}

/// In the order of the run, where that of the memos is their own; of many the first and the last.
std::string RunView::evidence_of(std::span<const Memo> memos, const Occurrence* now) const {
  std::vector<Memo> sorted(memos.begin(), memos.end());
  std::erase(sorted, Memo{0});
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  constexpr std::size_t told_at_each_end = 6;
  std::string text;
  for (std::size_t index = 0; index < sorted.size(); ++index) {
    const std::size_t after = sorted.size() - index;
    if (index == told_at_each_end && after > told_at_each_end) {
      text += "\n… and " + std::to_string(after - told_at_each_end) + " more";
      index = sorted.size() - told_at_each_end;
    }
    text += in_words(told_[sorted[index] - 1]);
  }
  if (now) text += in_words(tell(*now));
  return text;
}

void RunView::keep_name_of(const TaskBase& task) {
  if (ended_count_ == ended_.size()) ended_.emplace_back();
  auto& [serial, name] = ended_[ended_count_++];
  serial = task.serial();
  name = task.given_name();
}

std::string RunView::name_of_task(std::uint32_t serial) const {
  if (serial == 0) return "a callback";
  for (std::size_t ended = 0; ended < ended_count_; ++ended) {
    if (ended_[ended].first != serial) continue;
    const std::string& name = ended_[ended].second;
    return name.empty() ? "Task-" + std::to_string(serial) : name;
  }
  std::string name = "task " + std::to_string(serial);
  simulation_->for_each_task([&](TaskBase& task) {
    if (task.serial() == serial) name = task.name();
  });
  return name;
}

}  // namespace coweave::detail
