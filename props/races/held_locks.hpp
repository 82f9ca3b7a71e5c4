#pragma once

/// Which locks each task holds, and which of them would protect some accesses.

#include <coweave/core/observer.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace coweave::detail {

class HeldLocks {
 public:
  using Set = std::vector<std::uint32_t>;  ///< numbers of locks
  struct Count {
    std::uint32_t lock;
    std::uint64_t count;
  };
  using Counts = std::vector<Count>;  ///< how many accesses each lock was held at

  void begin_run();
  void acquired(std::uint32_t task, std::uint32_t lock, const ObjectRef& object);
  void released(std::uint32_t lock);
  [[nodiscard]] const Set& of(std::uint32_t task);

  static void count(Counts& counts, const Set& held);

  /// Which lock would protect the accesses at which `held` is held, best if it is held there already, else at
  /// other accesses. A sentence.
  [[nodiscard]] std::string advice(std::span<const Set* const> held, const Counts& others) const;

 private:
  struct Held {
    std::uint32_t lock;
    std::uint32_t task;
  };
  struct Lock {
    std::uint32_t number;
    std::string title;
  };

  [[nodiscard]] std::string title(std::uint32_t lock) const;

  std::vector<Set> of_tasks_;  // by serial number
  std::vector<Held> held_;
  std::vector<Lock> locks_;
};

}  // namespace coweave::detail
