#include <coweave/props/races/held_locks.hpp>

#include <coweave/sim/entry.hpp>

#include <algorithm>

namespace coweave::detail {

void HeldLocks::begin_run() {
  std::fill(of_tasks_.begin(), of_tasks_.end(), 0);
  for (Lock& lock : locks_) {
    lock.alone = 0;
    lock.covered.clear();
  }
  alone_.clear();
  sets_count_ = 1;
  covering_ = 0;
  shares_ = false;
}

void HeldLocks::acquired(std::uint32_t task, std::uint32_t number, const ObjectRef& object,
                         sim::Moment moment, std::uint32_t place, bool is_told) {
  Lock& lock = sim::entry(locks_, number);
  if (is_told) {
    lock.kind = object.kind;
    lock.name = object.name ? object.name : "";
  }
  if (!holders(number).is_held_by(task)) return;
  holds_anew(task, number);
  if (!holders(number).is_held_alone_by(task)) return;
  lock.acquired = moment;
  lock.since = place;
  alone_.push_back(number);
}

std::span<const HeldLocks::Covered> HeldLocks::released(std::uint32_t task, std::uint32_t number) {
  ended_.clear();
  Lock& lock = sim::entry(locks_, number);
  if (std::erase(alone_, number) != 0 && !lock.covered.empty()) {
    ended_.swap(lock.covered);
    --covering_;
  }
  if (holds(task, number)) {
    holds_anew(task, number);
  } else {  // and so nobody holds it any more
    for (Set& held : of_tasks_) {
      if (held != 0) held = without(held, number);
    }
  }
  return ended_;
}

void HeldLocks::holds_anew(std::uint32_t task, std::uint32_t number) {
  Set& held = sim::entry(of_tasks_, task);
  const Lock& lock = locks_[number];
  const bool was_held = held != 0;
  const bool is_alone = holders(number).is_held_alone_by(task);
  if (!was_held && is_alone && lock.alone != 0) {
    held = lock.alone;
    return;
  }
  if (was_held && held == lock.alone && !holders(number).is_held_by(task)) {
    held = 0;
    return;
  }
  Set left = was_held ? without(held, number) : 0;
  if (holders(number).is_held_by(task)) {
    shares_ = shares_ || !is_alone;
    left = with(left, entry_of(number, !is_alone));
  }
  held = left;
}

/// It counts as held at an access of another.
HeldLocks::Set HeldLocks::covered(Set set, std::uint32_t number, sim::Moment moment) {
  Lock& lock = locks_[number];
  const auto known = std::find_if(lock.covered.begin(), lock.covered.end(),
                                  [&](const Covered& one) { return one.moment.actor == moment.actor; });
  if (known != lock.covered.end()) {
    known->moment = moment;
  } else {
    if (lock.covered.empty()) ++covering_;
    lock.covered.push_back({moment, lock.since});
  }
  return with(set, entry_of(number, false));
}

HeldLocks::Set HeldLocks::with(Set set, std::uint32_t entry) {
  scratch_ = sets_[set];
  scratch_.push_back(entry);
  return number_of(scratch_);
}

HeldLocks::Set HeldLocks::without(Set set, std::uint32_t number) {
  scratch_ = sets_[set];
  std::erase_if(scratch_, [&](std::uint32_t entry) { return number_of_entry(entry) == number; });
  return scratch_.size() == sets_[set].size() ? set : number_of(scratch_);
}

/// Of one lock, as is nearly always so, without a search.
HeldLocks::Set HeldLocks::number_of(const Locks& locks) {
  if (locks.empty()) return 0;
  Set& alone = locks_[number_of_entry(locks.front())].alone;
  const bool one = locks.size() == 1 && !is_shared(locks.front());
  if (one && alone != 0) return alone;
  for (Set set = 1; !one && set < sets_count_; ++set) {
    if (sets_[set] == locks) return set;
  }
  const auto set = static_cast<Set>(sets_count_++);
  sim::entry(sets_, set) = locks;
  if (one) alone = set;
  return set;
}

bool HeldLocks::holds(std::uint32_t task, std::uint32_t number) const noexcept {
  const Set held = task < of_tasks_.size() ? of_tasks_[task] : 0;
  return contains(held, entry_of(number, false)) || contains(held, entry_of(number, true));
}

bool HeldLocks::contains(Set set, std::uint32_t entry) const noexcept {
  return std::find(sets_[set].begin(), sets_[set].end(), entry) != sets_[set].end();
}

bool HeldLocks::protects(Set earlier, std::uint32_t place, Set now) const noexcept {
  if (earlier == 0 || now == 0) return false;
  if (earlier == now && covering_ == 0 && !shares_) return true;
  for (const std::uint32_t one : sets_[earlier]) {
    for (const std::uint32_t other : sets_[now]) {
      if (number_of_entry(one) != number_of_entry(other) || (is_shared(one) && is_shared(other))) continue;
      // What happened under it since it was acquired, happened beside what happens now.
      const Lock& lock = locks_[number_of_entry(one)];
      if (lock.covered.empty() || place <= lock.since) return true;
    }
  }
  return false;
}

HeldLocks::Set HeldLocks::common(Set one, Set other) {
  if (one == other) return one;
  if (one == 0 || other == 0) return 0;
  scratch_.clear();
  for (const std::uint32_t entry : sets_[one]) {
    const std::uint32_t number = number_of_entry(entry);
    if (contains(other, entry_of(number, true))) {
      scratch_.push_back(entry_of(number, true));
    } else if (contains(other, entry_of(number, false))) {
      scratch_.push_back(entry);
    }
  }
  return number_of(scratch_);
}

void HeldLocks::count(Counts& counts, Set held) const {
  for (const std::uint32_t lock : sets_[held]) {
    const auto known =
        std::find_if(counts.begin(), counts.end(), [&](const Count& one) { return one.lock == lock; });
    if (known == counts.end()) {
      counts.push_back({lock, 1});
    } else {
      ++known->count;
    }
  }
}

std::string HeldLocks::title_of(std::uint32_t entry) const {
  const Lock& lock = locks_[number_of_entry(entry)];
  const std::string kind = lock.kind == "Condition.lock" ? "Lock" : lock.kind;
  return lock.name.empty() ? "the " + kind + " without a name" : kind + " '" + lock.name + "'";
}

/// What is held all the same keeps nobody out.
std::string HeldLocks::nothing_held(const Counts& others) const {
  std::string text = "no Lock is held at any access to it";
  if (!others.empty())
    text +=
        "; " + title_of(others.front().lock) + ", which is, has more than one permit and keeps nobody out";
  return text;
}

std::string HeldLocks::advice(std::span<const Set> held, const Counts& others) const {
  const bool three = held.size() == 3;
  std::uint32_t best = 0;
  std::uint64_t best_rank = 0;
  for (const Count& other : others) {  // all that were ever held at an access to it
    if (is_shared(other.lock)) continue;
    std::uint64_t here = 0;
    for (const Set set : held) here += contains(set, other.lock) ? 1U : 0U;
    const std::uint64_t rank = here << 48U | other.count;
    if (rank > best_rank) {
      best = other.lock;
      best_rank = rank;
    }
  }
  const std::string what = three ? "what would protect it: " : "what would order them: ";
  const std::string how =
      three ? " held from the first of these accesses to the third without a break, and at the second"
            : " held at both";
  if (best_rank == 0) return what + "a Lock" + how + "; " + nothing_held(others);
  std::string where;
  std::size_t count = 0;
  constexpr const char* words[] = {"first", "second", "third"};
  for (std::size_t index = 0; index < held.size(); ++index) {
    if (!contains(held[index], best)) continue;
    where += (where.empty() ? "" : " and ") + std::string(words[index]);
    ++count;
  }
  const std::string now = count == 0             ? "at none of these, but at other accesses"
                          : count == held.size() ? "at each of them, but released in between"
                                                 : "only at the " + where;
  const Lock& lock = locks_[number_of_entry(best)];
  const bool several = holders(number_of_entry(best)).is_of_several();
  return what + (several ? "all permits of " : "") + title_of(best) + (lock.name.empty() ? "" : ",") + how +
         (several ? "; now all are held " : "; now it is held ") + now;
}

}  // namespace coweave::detail
