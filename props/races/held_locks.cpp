#include <coweave/props/races/held_locks.hpp>

#include <coweave/sim/entry.hpp>

#include <algorithm>

namespace coweave::detail {

void HeldLocks::begin_run() {
  std::fill(of_tasks_.begin(), of_tasks_.end(), 0);
  for (Lock& lock : locks_) {
    lock.held = false;
    lock.alone = 0;
  }
  sets_count_ = 1;
}

void HeldLocks::acquired(std::uint32_t task, std::uint32_t number, const ObjectRef& object, bool is_told) {
  Set& held = sim::entry(of_tasks_, task);
  Lock& lock = sim::entry(locks_, number);
  lock.holder = task;
  lock.held = true;
  if (is_told)
    lock.title = object.name ? std::string("Lock '") + object.name + "'," : "the Lock without a name";
  if (held == 0 && lock.alone != 0) {
    held = lock.alone;
    return;
  }
  scratch_ = sets_[held];
  scratch_.push_back(number);
  held = number_of(scratch_);
}

void HeldLocks::released(std::uint32_t number) {
  if (number >= locks_.size() || !locks_[number].held) return;
  locks_[number].held = false;
  Set& held = of_tasks_[locks_[number].holder];
  if (held == locks_[number].alone) {
    held = 0;
    return;
  }
  scratch_ = sets_[held];
  std::erase(scratch_, number);
  held = number_of(scratch_);
}

/// Of one lock, as is nearly always so, without a search.
HeldLocks::Set HeldLocks::number_of(const Locks& locks) {
  if (locks.empty()) return 0;
  Set& alone = locks_[locks.front()].alone;
  const bool one = locks.size() == 1;
  if (one && alone != 0) return alone;
  for (Set set = 1; !one && set < sets_count_; ++set) {
    if (sets_[set] == locks) return set;
  }
  const auto set = static_cast<Set>(sets_count_++);
  sim::entry(sets_, set) = locks;
  if (one) alone = set;
  return set;
}

bool HeldLocks::contains(Set set, std::uint32_t lock) const noexcept {
  return std::find(sets_[set].begin(), sets_[set].end(), lock) != sets_[set].end();
}

bool HeldLocks::share(Set one, Set other) const noexcept {
  if (one == 0 || other == 0) return false;
  return one == other || std::any_of(sets_[one].begin(), sets_[one].end(),
                                     [&](std::uint32_t lock) { return contains(other, lock); });
}

HeldLocks::Set HeldLocks::common(Set one, Set other) {
  if (one == other) return one;
  if (one == 0 || other == 0) return 0;
  scratch_ = sets_[one];
  std::erase_if(scratch_, [&](std::uint32_t lock) { return !contains(other, lock); });
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

std::string HeldLocks::advice(std::span<const Set> held, const Counts& others) const {
  const bool three = held.size() == 3;
  std::uint32_t best = 0;
  std::uint64_t best_rank = 0;
  for (const Count& other : others) {  // all that were ever held at an access to it
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
  if (best == 0) return what + "a Lock" + how + "; no Lock is held at any access to it";
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
  return what + locks_[best].title + how + "; now it is held " + now;
}

}  // namespace coweave::detail
