#include <coweave/props/races/race_detector.hpp>

#include <coweave/core/shared.hpp>
#include <coweave/core/task.hpp>
#include <coweave/props/coverage/expected_names.hpp>
#include <coweave/props/races/race_listener.hpp>
#include <coweave/sim/detectors/wait_graph.hpp>
#include <coweave/sim/entry.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

namespace coweave::detail {

using monitors::Occurrence;

RaceDetector::RaceDetector(Races races, RunView& run)
    : races_(std::move(races)),
      notes_(races_.atomicity == Severity::noted || races_.order == Severity::noted),
      run_(run),
      held_(run.causality) {
  for (const std::string& name : races_.silent) silent_called_.push_back(variable_called(name));
}

void RaceDetector::begin_run() {
  for (const std::uint32_t number : numbers_) slots_[number] = 0;
  numbers_.clear();
  variables_count_ = 0;
  accesses_ = 0;
  held_.begin_run();
}

void RaceDetector::operation(const Occurrence& now) {
  const std::uint32_t task = now.task ? now.task->serial() : 0;
  const char* kind = now.object.kind;
  if (kind[0] == 'S' && std::strcmp(kind, "Shared") == 0) return accessed(now, task);
  if (!sim::is_of_holders(now.verb)) return;
  const std::uint32_t lock = run_.simulation().number_of(now.object);
  if (now.verb == Verb::acquire)
    return held_.acquired(task, lock, now.object, run_.moment, accesses_, run_.recording());
  for (const HeldLocks::Covered& covered : held_.released(task, lock)) {
    if (!run_.causality.knows(covered.moment)) uncover(covered, lock);
  }
}

/// What another did while the lock was held, did so by luck: nothing orders it before the release.
void RaceDetector::uncover(const HeldLocks::Covered& covered, std::uint32_t lock) {
  for (std::size_t variable = 0; variable < variables_count_; ++variable) {
    variables_[variable].for_each_access([&](SharedAccess& access) {
      if (access.task() == covered.moment.actor && access.place > covered.since &&
          !run_.causality.knows(access.moment))
        access.locks = held_.without(access.locks, lock);
    });
    variables_[variable].forget_guard(lock, held_);
  }
}

void RaceDetector::accessed(const Occurrence& now, std::uint32_t task) {
  const bool compares = comparing;
  Variable& variable = variable_of(now.object);
  if (variable.silent()) return;
  SharedAccess access;
  access.place = ++accesses_;
  access.moment = run_.moment;
  knowledge_ = Knowledge(run_.causality.known());
  access.locks = held_.at(task, run_.moment, [this](sim::Moment earlier) { return knowledge_.of(earlier); });
  access.kind = now.verb == Verb::read ? Kind::read : now.verb == Verb::write ? Kind::write : Kind::update;
  access.compares = compares;
  if (notes_ && now.task) {
    access.at = sim::user_site(*now.task);
    access.callers = noted_.callers_of(*now.task);
  }
  if (run_.recording()) {
    access.memo = run_.remember(now);
    held_.count(variable.locks, access.locks);
  }
  now_ = &now;
  variable_ = &variable;
  Local& local = variable.local(task);
  if (races_.atomicity != Severity::ignored && !compares && local.last) {
    if (access.kind == Kind::read) check_read(variable, local, access);
    if (access.kind == Kind::write) check_write(variable, local, access);
    if (access.kind == Kind::update) check_update(variable, local, access);
  }
  if (races_.order != Severity::ignored) check_order(variable, access);
  variable.add(access, local, knowledge_, held_);
}

Variable& RaceDetector::variable_of(const ObjectRef& object) {
  const std::uint32_t number = run_.simulation().number_of(object);
  std::uint32_t& slot = sim::entry(slots_, number);
  if (slot == 0) [[unlikely]] {
    numbers_.push_back(number);
    slot = static_cast<std::uint32_t>(++variables_count_);
    sim::entry(variables_, slot - 1).begin(is_silent(object));
  }
  return variables_[slot - 1];
}

bool RaceDetector::is_silent(const ObjectRef& object) {
  if (!object.name) return false;
  const auto named = std::find(races_.silent.begin(), races_.silent.end(), object.name);
  if (named == races_.silent.end()) return false;
  if (race_listener)
    race_listener->kept_silent(silent_called_[static_cast<std::size_t>(named - races_.silent.begin())]);
  return true;
}

/// It finds what another has written since. Whoever looks again after an event that comes after that write,
/// or under the lock that was held at it, looks on purpose.
void RaceDetector::check_read(const Variable& variable, const Local& local, const SharedAccess& now) {
  if (local.is_told) return;
  if (const SharedAccess* write = variable.loose_write(local.last.place, now, true, knowledge_, held_))
    not_in_one_piece(local.last, *write, now);
}

/// It writes over what another has written since the task has read it: with or without a lock in between, the
/// task has not looked again.
void RaceDetector::check_write(const Variable& variable, const Local& local, const SharedAccess& now) {
  const bool rests_on_read = local.last.kind == Kind::read;
  if (rests_on_read || local.base_read) {
    // With a write of its own in between, sections under one lock are pieces of their own.
    const bool by_locks = !rests_on_read;
    const SharedAccess* write = &local.loose;
    if (!*write || (by_locks && held_.protects(write->locks, write->place, now.locks)))
      write = variable.loose_write(local.last.place, now, by_locks, knowledge_, held_);
    if (write) return not_in_one_piece(rests_on_read ? local.last : local.base_read, *write, now);
  }
  if (check_half_written(variable, local, now) || !local.base_write || !local.updated_by) return;
  const SharedAccess& update = local.updated_by;
  if ((!update.after_base || !knowledge_.of(update)) &&
      !held_.protects(held_.common(local.base_write.locks, update.locks), local.base_write.place, now.locks))
    not_in_one_piece(local.base_write, update, now);
}

/// An update finds what is there. Nothing of that of others is lost; but what the task has read may hold no
/// longer, and what it wrote may be gone.
void RaceDetector::check_update(const Variable& variable, const Local& local, const SharedAccess& now) {
  const bool rests_on_read = local.last.kind == Kind::read;
  const SharedAccess* other = nullptr;
  if (local.loose_deciding) {
    other = &local.loose_deciding;
  } else if (const SharedAccess& last = variable.deciding();
             last.place > local.last.place && last.task() != now.task() && !knowledge_.of(last)) {
    other = &last;
  }
  if (other && !rests_on_read &&
      (other->kind == Kind::update || run_.causality.knows(other->moment) ||
       held_.protects(other->locks, other->place, now.locks)))
    other = nullptr;
  if (other) return not_in_one_piece(local.last, *other, now);
  check_half_written(variable, local, now);
}

/// Another has read what the task wrote, and now the task writes again.
bool RaceDetector::check_half_written(const Variable& variable, const Local& local, const SharedAccess& now) {
  if (!local.base_write) return false;
  const auto is_race = [&](const SharedAccess& read) {
    return read && read.task() != now.task() && (!read.after_base || !knowledge_.of(read)) &&
           !held_.protects(held_.common(local.base_write.locks, read.locks), local.base_write.place,
                           now.locks);
  };
  const SharedAccess* read = is_race(local.seen_by) ? &local.seen_by : nullptr;
  if (!read && variable.base().task() == now.task()) {
    for (const SharedAccess& one : variable.reads()) {
      if (is_race(one)) read = &one;
    }
  }
  if (read) not_in_one_piece(local.base_write, *read, now);
  return read;
}

void RaceDetector::check_order(const Variable& variable, const SharedAccess& now) {
  static constexpr std::string_view words[2][2] = {{"nothing orders a read after a read of another task",
                                                    "nothing orders a read after a write of another task"},
                                                   {"nothing orders a write after a read of another task",
                                                    "nothing orders a write after a write of another task"}};
  const auto unordered = [&](const SharedAccess& earlier) {
    const std::array<const SharedAccess*, 2> accesses{&earlier, &now};
    found(races_.order, words[now.writes()][earlier.writes()], accesses);
  };
  if (const SharedAccess* write = variable.loose_write(0, now, true, knowledge_, held_)) unordered(*write);
  if (!now.writes()) return;
  for (const SharedAccess& read : variable.reads()) {
    if (read.task() != now.task() && !knowledge_.of(read) &&
        !held_.protects(read.locks, read.place, now.locks))
      unordered(read);
  }
}

/// After Lu et al., AVIO, 2006: there is no order of the task's piece and the other's access in which they
/// would have the same effect.
void RaceDetector::not_in_one_piece(const SharedAccess& first, const SharedAccess& other,
                                    const SharedAccess& last) {
  // By what the first, the other and the last access are; a read never stands between reads.
  static constexpr std::string_view words[2][3][3] = {
      {{"", "", ""},
       {"a task read it twice, and another wrote it in between",
        "a task read and then wrote it, and another wrote it in between: a lost update",
        "a task read and then updated it, and another wrote it in between"},
       {"a task read it twice, and another updated it in between",
        "a task read and then wrote it, and another updated it in between: a lost update",
        "a task read and then updated it, and another updated it in between"}},
      {{"", "a task wrote it twice, and another read it in between",
        "a task wrote and then updated it, and another read it in between"},
       {"a task wrote and then read it, and another wrote it in between", "",
        "a task wrote and then updated it, and another wrote it in between"},
       {"a task wrote and then read it, and another updated it in between",
        "a task wrote it twice, and another updated it in between", ""}}};
  const std::array<const SharedAccess*, 3> accesses{&first, &other, &last};
  found(races_.atomicity,
        words[first.writes()][static_cast<std::size_t>(other.kind)][static_cast<std::size_t>(last.kind)],
        accesses);
}

void RaceDetector::found(Severity severity, std::string_view what,
                         std::span<const SharedAccess* const> accesses) {
  const char* name = now_->object.name;
  if (severity == Severity::noted) {
    if (race_listener) race_listener->raced(noted_.text(name, what, accesses), accesses.back()->at);
    return;
  }
  const std::string text = race_in_words(name, what);
  std::vector<Memo> memos;
  std::vector<HeldLocks::Set> locks;
  for (const SharedAccess* access : accesses) {
    if (access != accesses.back()) memos.push_back(access->memo);
    locks.push_back(access->locks);
  }
  const std::string advice = run_.recording() ? "\n" + held_.advice(locks, variable_->locks) : std::string();
  run_.fail({"race for " + text, "race for " + text, {}, advice}, memos, now_);
}

}  // namespace coweave::detail
