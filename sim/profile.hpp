#pragma once

/// How many steps, and uses of each object, an actor and all its descendants take in a run: what policies
/// that weigh actors by the work before them know of a program. It is the mean of the first few runs, rounded
/// up: a single run may have been one in which a task had nothing to do.

#include <coweave/sim/step.hpp>

#include <cstdint>
#include <vector>

namespace coweave::sim {

class Profile {
 public:
  static constexpr std::uint64_t runs_max = 100;

  /// A run begins, numbered from 1; the first starts afresh.
  void begin_run(std::uint64_t run);
  /// Counts a step of the present run, if it is one of those that count.
  void add(const Step& step);

  /// The objects that at least two actors used, as announced, by number.
  [[nodiscard]] std::vector<std::uint32_t> shared_objects() const;

  /// By actor: steps of it and of the tasks that it created, and they.
  [[nodiscard]] std::vector<std::uint64_t> steps() const;
  /// By actor: uses of `object` by it and by the tasks that it created, and they.
  [[nodiscard]] std::vector<std::uint64_t> uses_of(std::uint32_t object) const;

 private:
  struct Actor {
    std::uint32_t parent = 0;
    std::uint64_t steps = 0;
    std::vector<std::uint64_t> uses;  // by object
  };

  Actor& actor(std::uint32_t number);
  [[nodiscard]] std::uint64_t mean(std::uint64_t sum) const noexcept;
  void pass_up(std::vector<std::uint64_t>& counts) const;

  std::uint64_t runs_ = 0;  // counted so far, the present one too
  bool counting_ = false;   // the present one
  std::vector<Actor> actors_;
};

}  // namespace coweave::sim
