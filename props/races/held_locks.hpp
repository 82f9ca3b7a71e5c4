#pragma once

/// Which locks each task holds, and which of them would protect some accesses.
///
/// A set of locks is known by a number, so that an access can remember what was held at it.

#include <coweave/core/observer.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace coweave::detail {

class HeldLocks {
 public:
  using Set = std::uint32_t;  ///< number of a set of locks in this run; 0: the empty one

  /// How many accesses each lock was held at.
  struct Count {
    std::uint32_t lock;
    std::uint64_t count;
  };
  using Counts = std::vector<Count>;

  void begin_run();
  /// `is_told`: advice may be asked for.
  void acquired(std::uint32_t task, std::uint32_t lock, const ObjectRef& object, bool is_told);
  void released(std::uint32_t lock);
  [[nodiscard]] Set of(std::uint32_t task) const noexcept {
    return task < of_tasks_.size() ? of_tasks_[task] : 0;
  }

  /// The locks that are in both.
  [[nodiscard]] Set common(Set one, Set other);
  [[nodiscard]] bool share(Set one, Set other) const noexcept;

  void count(Counts& counts, Set held) const;

  /// Which lock would protect the accesses at which `held` is held, best if it is held there already, else at
  /// other accesses. Three accesses have to be one piece, two to have an order.
  [[nodiscard]] std::string advice(std::span<const Set> held, const Counts& others) const;

 private:
  using Locks = std::vector<std::uint32_t>;
  struct Lock {
    std::uint32_t holder = 0;  ///< the task at whose accesses it counts as held
    Set alone = 0;             ///< the set of it alone; 0: not made yet
    bool held = false;
    std::string title = {};  ///< known if advice may be asked for
  };

  [[nodiscard]] Set number_of(const Locks& locks);
  [[nodiscard]] bool contains(Set set, std::uint32_t lock) const noexcept;

  std::vector<Set> of_tasks_;  // by serial number
  std::vector<Lock> locks_;    // by number
  std::vector<Locks> sets_{1};
  std::size_t sets_count_ = 1;
  Locks scratch_;
};

}  // namespace coweave::detail
