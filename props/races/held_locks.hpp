#pragma once

/// Which locks each task holds, and which of them would protect some accesses. A semaphore is a lock to
/// whoever has all of its permits; to whoever has some of them it is one that is shared.
///
/// A lock that one task holds protects what others do meanwhile if that is ordered after its acquisition and
/// before its release: what a child does that was created and awaited under the lock. The second is known
/// only when the lock is released. Until then it is taken to be so, and `released` tells of what was not.
///
/// A set of locks is known by a number, so that an access can remember what was held at it.

#include <coweave/core/observer.hpp>
#include <coweave/sim/causality/causality.hpp>
#include <coweave/sim/causality/holders.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace coweave::detail {

class HeldLocks {
 public:
  using Set = std::uint32_t;  ///< number of a set of locks in this run; 0: the empty one

  /// How many accesses a lock was held at.
  struct Count {
    std::uint32_t lock;  ///< as it stands in sets
    std::uint64_t count;
  };
  using Counts = std::vector<Count>;

  /// What somebody else did while a lock was held.
  struct Covered {
    sim::Moment moment;   ///< of the last such access of that actor
    std::uint32_t since;  ///< the place of the access before the lock was acquired
  };

  /// `causality` knows who holds what, and has heard of an operation before this does.
  explicit HeldLocks(sim::Causality& causality) noexcept : causality_(causality) {}

  void begin_run();
  /// `moment` is that of the acquisition, `place` that of the last access before it. `is_told`: advice may be
  /// asked for.
  void acquired(std::uint32_t task, std::uint32_t lock, const ObjectRef& object, sim::Moment moment,
                std::uint32_t place, bool is_told);
  /// Gives what it covered until now, good until the next call.
  [[nodiscard]] std::span<const Covered> released(std::uint32_t task, std::uint32_t lock);

  /// What is held at an access that `task` makes now, by itself or by others for it. `knows(moment)` says
  /// whether it is ordered after a moment.
  template <class Knows>
  [[nodiscard]] Set at(std::uint32_t task, sim::Moment moment, Knows knows) {
    Set set = task < of_tasks_.size() ? of_tasks_[task] : 0;
    for (const std::uint32_t number : alone_) {
      if (!holders(number).is_held_by(task) && knows(locks_[number].acquired))
        set = covered(set, number, moment);
    }
    return set;
  }
  [[nodiscard]] Set without(Set set, std::uint32_t lock);

  /// The locks that are in both.
  [[nodiscard]] Set common(Set one, Set other);
  /// Whether a lock kept what holds `now`, which happens now, from what had `earlier` at its place.
  [[nodiscard]] bool protects(Set earlier, std::uint32_t place, Set now) const noexcept;

  void count(Counts& counts, Set held) const;

  /// Which lock would protect the accesses at which `held` is held, best if it is held there already, else at
  /// other accesses. Three accesses have to be one piece, two to have an order.
  [[nodiscard]] std::string advice(std::span<const Set> held, const Counts& others) const;

 private:
  using Locks = std::vector<std::uint32_t>;
  struct Lock {
    Set alone = 0;  ///< the set of it alone, not shared; 0: not made yet
    // Of the task that holds it and keeps all others out, if there is one:
    sim::Moment acquired = {};
    std::uint32_t since = 0;
    std::vector<Covered> covered = {};
    // Known if advice may be asked for:
    std::string kind = {};
    std::string name = {};
  };

  // Locks stand in sets by number, with a bit that says whether they are shared.
  [[nodiscard]] static std::uint32_t entry_of(std::uint32_t number, bool is_shared) noexcept {
    return number << 1U | (is_shared ? 1U : 0U);
  }
  [[nodiscard]] static std::uint32_t number_of_entry(std::uint32_t entry) noexcept { return entry >> 1U; }
  [[nodiscard]] static bool is_shared(std::uint32_t entry) noexcept { return (entry & 1U) != 0; }

  [[nodiscard]] const sim::Holders& holders(std::uint32_t lock) const { return causality_.holders(lock); }
  /// `task` has it otherwise than before.
  void holds_anew(std::uint32_t task, std::uint32_t lock);
  [[nodiscard]] Set covered(Set set, std::uint32_t lock, sim::Moment moment);
  [[nodiscard]] Set with(Set set, std::uint32_t entry);
  [[nodiscard]] Set number_of(const Locks& locks);
  [[nodiscard]] bool contains(Set set, std::uint32_t entry) const noexcept;
  [[nodiscard]] bool holds(std::uint32_t task, std::uint32_t lock) const noexcept;
  [[nodiscard]] std::string title_of(std::uint32_t entry) const;
  [[nodiscard]] std::string nothing_held(const Counts& others) const;

  sim::Causality& causality_;
  std::vector<Set> of_tasks_;         // by serial number
  std::vector<Lock> locks_;           // by number
  std::vector<std::uint32_t> alone_;  // numbers of those that one task has, and all others not
  std::vector<Locks> sets_{1};
  std::size_t sets_count_ = 1;
  std::size_t covering_ = 0;  // how many of `alone_` have covered anything
  bool shares_ = false;       // some lock was shared in this run
  Locks scratch_;
  std::vector<Covered> ended_;
};

}  // namespace coweave::detail
