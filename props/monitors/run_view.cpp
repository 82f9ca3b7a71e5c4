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

/// A note says it itself, and so does an operation that is not awaited. Else it is where the task stands: at
/// its last await, or in the coroutine that has not come to one.
std::source_location place_of(const Occurrence& occurrence) {
  if (occurrence.at.line() != 0 || !occurrence.task) return occurrence.at;
  if (occurrence.kind == Occurrence::Kind::spawned) return occurrence.task->spawned_at();
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

RunView::Told RunView::tell(const Occurrence& occurrence) const {
  Told told{simulation_->steps(), to_string(occurrence), sim::to_site(occurrence.at), {}};
  if (occurrence.task) told.stack = sim::user_stack(*occurrence.task);
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
    std::vector<Told> all;
    for (const Memo memo : memos) {
      if (memo != 0) all.push_back(told_[memo - 1]);
    }
    if (now) all.push_back(tell(*now));
    failure.evidence = std::move(complaint.head);
    for (const Told& told : all) {
      failure.evidence += "\nstep " + std::to_string(told.step) + ", " + told.text;
      if (told.at.known()) failure.evidence += "\n  at " + traces::to_string(told.at);
      for (std::size_t depth = 0; depth < told.stack.size(); ++depth)
        failure.evidence +=
            std::string(depth == 0 ? "\n  awaited at " : ", in ") + traces::to_string(told.stack[depth]);
    }
    failure.evidence += complaint.tail;
  }
  simulation_->fail(std::move(failure));
}

void RunView::keep_name_of(const TaskBase& task) {
  if (ended_count_ == ended_.size()) ended_.emplace_back();
  auto& [serial, name] = ended_[ended_count_++];
  serial = task.serial();
  name = task.name();
}

std::string RunView::name_of_task(std::uint32_t serial) const {
  if (serial == 0) return "a callback";
  for (std::size_t ended = 0; ended < ended_count_; ++ended) {
    if (ended_[ended].first == serial) return ended_[ended].second;
  }
  std::string name = "task " + std::to_string(serial);
  simulation_->for_each_task([&](TaskBase& task) {
    if (task.serial() == serial) name = task.name();
  });
  return name;
}

}  // namespace coweave::detail
