#include <coweave/sim/recording/recorder.hpp>

#include <coweave/core/check.hpp>
#include <coweave/core/exception_text.hpp>
#include <coweave/core/note.hpp>
#include <coweave/core/task.hpp>
#include <coweave/core/turn.hpp>
#include <coweave/sim/detectors/wait_graph.hpp>
#include <coweave/sim/simulation.hpp>

#include <algorithm>
#include <utility>

namespace coweave::sim {

using traces::EventKind;

namespace {

/// What the await of a turn that nobody can wait at is about to do.
WaitDescription announced(const detail::Turn& turn) {
  const detail::Pending pending = turn.pending();
  WaitDescription wait;
  wait.object = pending.object;
  wait.action = !pending.object.kind ? "give way" : pending.access == Access::read ? "read" : "write";
  return wait;
}

}  // namespace

traces::Site to_site(const std::source_location& at) {
  if (at.line() == 0) return {};
  std::string file = at.file_name();
  // A path that the build did not make relative to the project would differ between machines: keep the name.
  if (file.starts_with('/')) file.erase(0, file.rfind('/') + 1);
  return {std::move(file), at.line()};
}

void Recorder::begin(Simulation& simulation) {
  simulation_ = &simulation;
  trace_ = {};
  trace_.settings = simulation.settings();
  paths_.assign(1, "~");
  actor_ = "~";
  last_.clear();
  outer_actors_.clear();
}

std::string Recorder::identity(std::uint32_t serial) const {
  COWEAVE_INTERNAL_CHECK(serial < paths_.size(), "the recorder hears of every task that is created");
  return paths_[serial];
}

std::string Recorder::identity(const detail::Handle& handle) const {
  std::string text = identity(handle.owner());
  switch (handle.kind()) {
    case HandleKind::task:
      return text;
    case HandleKind::timer:
      text += "!timer";
      break;
    case HandleKind::call:
      text += "!call";
      break;
    case HandleKind::done:
      text += "!done";
      break;
    case HandleKind::gather:
      text += "!gather";
      break;
    case HandleKind::group:
      text += "!group";
      break;
    case HandleKind::thread:
      text += "!thread";
      break;
    case HandleKind::returned:
      text += "!returned";
      break;
    case HandleKind::timeout:
      text += "!timeout";
      break;
    case HandleKind::wait:
      text += "!wait";
      break;
  }
  if (handle.ordinal() != 0) text += "#" + std::to_string(handle.ordinal());
  return text;
}

std::uint32_t Recorder::number(const ObjectRef& object) {
  const std::uint32_t id = simulation_->number_of(object);
  if (id > trace_.objects.size()) trace_.objects.push_back({id, object.kind, object.name ? object.name : ""});
  return id;
}

traces::Event& Recorder::event(EventKind kind) {
  traces::Event event;
  event.step = simulation_->steps();
  event.time_ns = simulation_->time().count();
  event.actor = actor_;
  event.kind = kind;
  return trace_.events.emplace_back(std::move(event));
}

void Recorder::step_begins(const detail::Handle& handle) {
  actor_ = identity(handle);
  event(EventKind::run);
}

void Recorder::eager_step_begins(const TaskBase& task) {
  outer_actors_.push_back(std::move(actor_));
  actor_ = identity(task.serial());
  event(EventKind::run);
}

void Recorder::eager_step_ended(const TaskBase&) {
  describe_await();
  actor_ = std::move(outer_actors_.back());
  outer_actors_.pop_back();
}

void Recorder::step_ended() {
  describe_await();
  last_ = std::exchange(actor_, "~");
}

void Recorder::describe_await() {
  // The task that ran is suspended now, unless it has finished (then task_finished has told so).
  TaskBase* running = nullptr;
  simulation_->for_each_task([&](TaskBase& task) {
    if (!running && identity(task.serial()) == actor_) running = &task;
  });
  if (running) {
    traces::Event& await = event(EventKind::await);
    const auto stack = user_stack(*running);
    if (!stack.empty()) await.at = stack.front();
    if (const detail::Waiter* waiter = running->waiting()) {
      WaitDescription wait = waiter->describe();
      if (!*wait.action && simulation_->gave_way(*running))
        wait = announced(static_cast<const detail::Turn&>(*waiter));
      await.text = wait.action;
      if (wait.object.kind) {
        const std::uint32_t id = number(wait.object);
        trace_.events.back().object = id;
      }
      if (wait.tasks.size() == 1) trace_.events.back().target = identity(wait.tasks.front()->serial());
    } else {
      await.text = running->queued() ? "give way" : "foreign awaitable";
    }
  }
}

std::string Recorder::identity(const ChoicePoint& point, std::uint32_t option) const {
  switch (point.kind) {
    case ChoiceKind::next:
      return identity(*point.ready[option]);
    case ChoiceKind::cancel:
      return option == 0 ? std::string() : identity(simulation_->cancel_candidate(option - 1).serial());
    case ChoiceKind::expire:
      return option == 0 ? std::string() : identity(simulation_->expiry_candidate(option - 1));
    case ChoiceKind::random:
    case ChoiceKind::late:
    case ChoiceKind::fault:
      break;
  }
  return {};
}

std::uint64_t Recorder::step_of(const ChoicePoint& point) const {
  const std::uint64_t begun = simulation_->steps();
  const bool before_step = point.kind == ChoiceKind::cancel || point.kind == ChoiceKind::expire ||
                           (point.kind == ChoiceKind::late && !in_step(point));
  return before_step ? begun + 1 : std::max<std::uint64_t>(begun, 1);
}

void Recorder::chosen(const ChoicePoint& point, std::uint32_t taken) {
  trace_.choices.push_back({step_of(point), label_of(point), point.options, taken, identity(point, taken),
                            preempted(point, taken),
                            point.visit ? to_site(point.visit->at) : traces::Site{}});
}

std::string Recorder::preempted(const ChoicePoint& point, std::uint32_t taken) const {
  for (std::uint32_t option = 0; option < point.ready.size(); ++option) {
    const detail::Handle& handle = *point.ready[option];
    if (option != taken && simulation_->gave_way(handle) && identity(handle) == last_) return last_;
  }
  return {};
}

void Recorder::injected_fault(const char* label, const std::source_location& at) {
  traces::Event& inject = event(EventKind::inject);
  inject.text = std::string("fault:") + label;
  inject.target = actor_;
  inject.at = to_site(at);
}

void Recorder::injected_cancel(const TaskBase& target) {
  traces::Event& inject = event(EventKind::inject);
  inject.text = "cancel";
  inject.target = identity(target.serial());
}

void Recorder::injected_timeout(const detail::Handle& timer) {
  traces::Event& inject = event(EventKind::inject);
  inject.text = "timeout";
  inject.target = identity(timer);
}

void Recorder::clock_moved() { event(EventKind::clock); }

void Recorder::failed(const Failure& failure) {
  traces::Event& fail = event(EventKind::fail);
  fail.text = failure.message;
  fail.at = to_site(failure.at);
}

void Recorder::record_verdict(const Failure& failure) {
  traces::Verdict& verdict = trace_.verdict;
  verdict.kind = failure.kind;
  verdict.message = failure.message + failure.evidence;
  verdict.step = simulation_->steps();
  verdict.time_ns = simulation_->time().count();
  verdict.at = to_site(failure.at);
  if (failure.task != 0) verdict.task = identity(failure.task);
  simulation_->for_each_task([&](TaskBase& task) {
    // Evidence has the stack of the moment; by now the task has gone on to its next await.
    if (task.serial() == failure.task && failure.evidence.empty()) verdict.stack = user_stack(task);
  });
  if (failure.kind == traces::VerdictKind::deadlock || failure.kind == traces::VerdictKind::leaked_task) {
    describe_waits(
        *simulation_, [this](std::uint32_t serial) { return identity(serial); },
        [this](const ObjectRef& object) { return number(object); }, verdict);
  }
  // The event of the failure was written before its evidence was known.
  for (auto event = trace_.events.rbegin(); event != trace_.events.rend(); ++event) {
    if (event->kind != EventKind::fail) continue;
    event->text = verdict.message;
    break;
  }
}

void Recorder::task_created(const TaskBase& task) {
  COWEAVE_INTERNAL_CHECK(task.serial() == paths_.size(), "tasks are numbered in order of creation");
  paths_.push_back(task.parent() == 0 ? std::string("0")
                                      : identity(task.parent()) + "." + std::to_string(task.spawn_index()));
  trace_.tasks.push_back({paths_.back(), task.name(), to_site(task.spawned_at())});
  traces::Event& spawn = event(EventKind::spawn);
  spawn.target = paths_.back();
  spawn.at = to_site(task.spawned_at());
}

void Recorder::task_finished(const TaskBase& task) {
  traces::Event& finish = event(EventKind::finish);
  const FutureBase& future = task;
  if (future.cancelled()) {
    finish.text = "cancelled";
  } else if (future.peek_exception()) {
    finish.text = "raised " + describe_exception(future.peek_exception());
  } else {
    finish.text = "returned";
  }
}

void Recorder::woken(const detail::Handle& handle) {
  const std::string woken = identity(handle);
  if (woken == actor_) return;  // giving way, told by the await
  if (handle.kind() != HandleKind::task && handle.owner() != 0 && identity(handle.owner()) == actor_) return;
  traces::Event& wake = event(EventKind::wake);
  wake.target = woken;
}

void Recorder::operation(Verb verb, const ObjectRef& object, std::source_location at) {
  if (!object.kind) return;
  const std::uint32_t id = number(object);
  traces::Event& operation = event(EventKind::operation);
  operation.object = id;
  operation.at = to_site(at);
  operation.text = to_string(verb);
}

void Recorder::cancel_requested(const TaskBase& task, std::source_location at) {
  traces::Event& cancel = event(EventKind::cancel);
  cancel.target = identity(task.serial());
  cancel.at = to_site(at);
}

void Recorder::noted(const Note& note) {
  traces::Event& told = event(EventKind::note);
  told.text = to_string(note);
  told.at = to_site(note.at);
}

}  // namespace coweave::sim
