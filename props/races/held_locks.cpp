#include <coweave/props/races/held_locks.hpp>

#include <coweave/sim/entry.hpp>

#include <algorithm>

namespace coweave::detail {

void HeldLocks::begin_run() {
  for (Set& set : of_tasks_) set.clear();
  held_.clear();
  locks_.clear();
}

void HeldLocks::acquired(std::uint32_t task, std::uint32_t lock, const ObjectRef& object) {
  held_.push_back({lock, task});
  sim::entry(of_tasks_, task).push_back(lock);
  const bool known =
      std::any_of(locks_.begin(), locks_.end(), [&](const Lock& one) { return one.number == lock; });
  if (!known)
    locks_.push_back(
        {lock, object.name ? std::string("Lock '") + object.name + "'" : "a Lock without a name"});
}

void HeldLocks::released(std::uint32_t lock) {
  const auto held =
      std::find_if(held_.begin(), held_.end(), [&](const Held& one) { return one.lock == lock; });
  if (held == held_.end()) return;
  std::erase(of_tasks_[held->task], lock);
  held_.erase(held);
}

const HeldLocks::Set& HeldLocks::of(std::uint32_t task) { return sim::entry(of_tasks_, task); }

void HeldLocks::count(Counts& counts, const Set& held) {
  for (const std::uint32_t lock : held) {
    const auto known =
        std::find_if(counts.begin(), counts.end(), [&](const Count& one) { return one.lock == lock; });
    if (known == counts.end()) {
      counts.push_back({lock, 1});
    } else {
      ++known->count;
    }
  }
}

std::string HeldLocks::title(std::uint32_t lock) const {
  const auto known =
      std::find_if(locks_.begin(), locks_.end(), [&](const Lock& one) { return one.number == lock; });
  return known == locks_.end() ? "a lock" : known->title;
}

std::string HeldLocks::advice(std::span<const Set* const> held, const Counts& others) const {
  const bool three = held.size() == 3;
  const auto holds = [](const Set& set, std::uint32_t lock) {
    return std::find(set.begin(), set.end(), lock) != set.end();
  };
  std::uint32_t best = 0;
  std::uint64_t best_rank = 0;
  for (const Count& other : others) {  // all that were ever held at an access to it
    std::uint64_t here = 0;
    for (const Set* set : held) here += holds(*set, other.lock) ? 1U : 0U;
    const std::uint64_t rank = here << 48U | other.count;
    if (rank > best_rank) {
      best = other.lock;
      best_rank = rank;
    }
  }
  if (best == 0)
    return std::string("no lock is held at any access to it; one that is held ") +
           (three ? "from the first to the third without a break, and at the second, would protect it"
                  : "at both would order them");
  std::string where;
  constexpr const char* words[] = {"first", "second", "third"};
  for (std::size_t index = 0; index < held.size(); ++index) {
    if (holds(*held[index], best)) where += (where.empty() ? "" : " and ") + std::string(words[index]);
  }
  return title(best) +
         (three ? ", held from the first to the third without a break, and at the second, would protect it"
                : ", held at both, would order them") +
         "; now it is held at " + (where.empty() ? "none of these, and at other accesses" : "the " + where);
}

}  // namespace coweave::detail
