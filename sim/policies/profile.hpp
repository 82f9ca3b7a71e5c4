#pragma once

/// How many steps, and uses of each object, an actor and all its descendants take in a run: what policies
/// that weigh actors by the work before them know of a program. It is the mean of the first few runs, rounded
/// up: a single run may have been one in which a task had nothing to do.

#include <coweave/sim/policy.hpp>
#include <coweave/sim/step.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace coweave::sim {

class Profile {
 public:
  /// A run begins; run 1 starts afresh. It counts if it is one of `Policy::learning_runs`. Numbers may be
  /// left out.
  void begin_run(std::uint64_t run);
  /// Whether the present run counts and is the first that does: nothing is known yet.
  [[nodiscard]] bool knows_nothing() const noexcept { return counting_ && runs_ == 1; }
  /// Counts a step of the present run, if it is one of those that count.
  void add(const Step& step);

  /// The objects whose uses, as announced, can come in different orders on their own account: at least two
  /// actors used them, and not always with one and the same lock held, whose order settles theirs.
  [[nodiscard]] std::vector<std::uint32_t> contested_objects() const;

  /// By actor: steps of it and of the tasks that it created, and they.
  [[nodiscard]] std::vector<std::uint64_t> steps() const;
  /// By actor: uses of `object` by it and by the tasks that it created, and they.
  [[nodiscard]] std::vector<std::uint64_t> uses_of(std::uint32_t object) const;

 private:
  struct Actor {
    std::uint32_t parent = 0;
    std::uint64_t steps = 0;
    std::vector<std::uint32_t> held;  // objects that it has taken and not given back, in the present run
  };

  /// How often an actor has used an object.
  struct Uses {
    std::uint32_t actor;
    std::uint64_t count;
  };

  /// What is known of the uses of an object, and of the locks around them. (Lock sets: Savage and others,
  /// Eraser, 1997.)
  struct Object {
    std::vector<Uses> uses;             // by actor, in order
    std::vector<std::uint32_t> guards;  // that were held at each use so far
    std::uint32_t holders = 0;          // of it, in the present run
    bool exclusive = true;              // nobody has taken it while another held it
  };

  void count_use(std::uint32_t actor, std::uint32_t object);
  void follow_locks(Actor& by, std::span<const Operation> operations);
  [[nodiscard]] std::uint64_t mean(std::uint64_t sum) const noexcept;
  void pass_up(std::vector<std::uint64_t>& counts) const;

  std::uint64_t runs_ = 0;  // counted so far, the present one too
  bool counting_ = false;   // the present one
  std::vector<Actor> actors_;
  std::vector<Object> objects_;
};

}  // namespace coweave::sim
