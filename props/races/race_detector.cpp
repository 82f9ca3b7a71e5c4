#include <coweave/props/races/race_detector.hpp>

#include <coweave/core/shared.hpp>
#include <coweave/core/task.hpp>
#include <coweave/props/races/race_listener.hpp>
#include <coweave/sim/wait_graph.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace coweave::detail {

using monitors::Occurrence;

void RaceDetector::begin_run() {
  variables_.clear();
  held_.begin_run();
}

void RaceDetector::operation(const Occurrence& now) {
  const bool compares = comparing;
  const std::uint32_t task = now.task ? now.task->serial() : 0;
  if (std::strcmp(now.object.kind, "Lock") == 0) {
    const std::uint32_t lock = run_.simulation().number_of(now.object);
    if (now.verb == Verb::acquire) held_.acquired(task, lock, now.object);
    if (now.verb == Verb::release) held_.released(lock);
    return;
  }
  if (std::strcmp(now.object.kind, "Shared") != 0) return;
  Variable& variable = variable_of(now.object);
  if (variable.silent) return;
  Access access;
  access.is = true;
  access.reads = now.verb != Verb::write;
  access.writes = now.verb != Verb::read;
  access.task = task;
  access.moment = run_.moment;
  access.memo = run_.remember(now);
  access.locks = held_.of(task);
  HeldLocks::count(variable.locks, access.locks);
  Local& local = local_of(variable, task);
  if (races_.atomicity != Severity::ignored) {
    if (!compares) check_piece(variable, local, access, now);
    keep(variable, local, access, compares);
  }
  if (races_.order != Severity::ignored) check_order(variable, access, now);
}

RaceDetector::Variable& RaceDetector::variable_of(const ObjectRef& object) {
  const std::uint32_t number = run_.simulation().number_of(object);
  for (Variable& variable : variables_) {
    if (variable.number == number) return variable;
  }
  Variable& variable = variables_.emplace_back();
  variable.number = number;
  variable.silent = object.name &&
                    std::find(races_.silent.begin(), races_.silent.end(), object.name) != races_.silent.end();
  return variable;
}

RaceDetector::Local& RaceDetector::local_of(Variable& variable, std::uint32_t task) {
  for (Local& local : variable.locals) {
    if (local.task == task) return local;
  }
  Local& local = variable.locals.emplace_back();
  local.task = task;
  return local;
}

const RaceDetector::Access* RaceDetector::in_between(const Others& others) {
  if (others.unordered.is) return &others.unordered;
  return others.after.is && !run_.causality.knows(others.after.moment) ? &others.after : nullptr;
}

/// Lu et al. have eight ways in which an access can come between two; these four have no equal in which it
/// comes before or after both.
void RaceDetector::check_piece(const Variable& variable, Local& local, const Access& access,
                               const Occurrence& now) {
  const Access& first = local.last;
  if (!first.is) return;
  const Access* other = nullptr;
  const char* what = "";
  if (first.reads) {
    other = in_between(local.writes);
    what = access.writes ? "a task read and then wrote it, and another wrote it in between: a lost update"
                         : "a task read it twice, and another wrote it in between";
  } else if (access.writes) {
    other = in_between(local.reads);
    what = "a task wrote it twice, and another read it in between";
  } else {
    other = in_between(local.writes);
    what = "a task wrote and then read it, and another wrote it in between";
  }
  if (!other) return;
  const std::array<const Access*, 3> accesses{&first, other, &access};
  found(races_.atomicity, what, variable, accesses, now);
}

/// A piece begins with a plain read or a plain write: what reads and writes in one, or compares first, is
/// one.
void RaceDetector::keep(Variable& variable, Local& local, const Access& access, bool compares) {
  for (Local& other : variable.locals) {
    if (&other == &local || !other.last.is) continue;
    const bool is_after = run_.causality.knows(other.last.moment);
    if (access.writes) other.writes.add(access, is_after);
    if (access.reads) other.reads.add(access, is_after);
  }
  local.last = access;
  local.last.is = !compares && access.reads != access.writes;
  local.reads.clear();
  local.writes.clear();
}

void RaceDetector::check_order(Variable& variable, const Access& access, const Occurrence& now) {
  const auto check = [&](const Access& earlier) {
    if (!earlier.is || earlier.task == access.task || run_.causality.knows(earlier.moment)) return;
    const std::string what = std::string("nothing orders a ") + (access.writes ? "write" : "read") +
                             " after a " + (earlier.writes ? "write" : "read") + " of another task";
    const std::array<const Access*, 2> accesses{&earlier, &access};
    found(races_.order, what, variable, accesses, now);
  };
  check(variable.last_write);
  if (access.writes) {
    for (const Access& read : variable.reads) check(read);
    variable.last_write = access;
    variable.reads.clear();
    return;
  }
  std::erase_if(variable.reads, [&](const Access& read) { return read.task == access.task; });
  variable.reads.push_back(access);
}

void RaceDetector::found(Severity severity, const std::string& what, const Variable& variable,
                         std::span<const Access* const> accesses, const Occurrence& now) {
  const std::string text =
      (now.object.name ? std::string("Shared '") + now.object.name + "': " : "a Shared without a name: ") +
      what;
  if (severity == Severity::noted) {
    if (race_listener)
      race_listener->raced(text, now.task ? sim::user_site(*now.task) : std::source_location{});
    return;
  }
  std::vector<Memo> memos;
  std::vector<const HeldLocks::Set*> locks;
  for (const Access* access : accesses) {
    if (access != accesses.back()) memos.push_back(access->memo);
    locks.push_back(&access->locks);
  }
  const std::string advice = run_.recording() ? "\n" + held_.advice(locks, variable.locks) : std::string();
  run_.fail({"race for " + text, "race for " + text, {}, advice}, memos, &now);
}

}  // namespace coweave::detail
