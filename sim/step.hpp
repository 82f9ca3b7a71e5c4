#pragma once

/// What a policy that looks closely sees: who can run, what each will do next, and what a step did.
///
/// Actors are what runs: tasks, and what runs on behalf of one (a timer, a callback). Actors and objects have
/// numbers that mean the same in every run of a simulation, as long as the program makes them in the same
/// way: see Actors.

#include <coweave/core/observer.hpp>

#include <cstdint>
#include <span>

namespace coweave::sim {

/// Of an operation on something that can run out, such as a lock.
enum class Part : std::uint8_t {
  none,
  take,
  give,
  line,  ///< to stand in line for it
  put,   ///< to take a place in a queue
  get,   ///< to take an item out of one
};

/// What is done to which object.
struct Operation {
  Access access = Access::unknown;
  std::uint32_t object = 0;  ///< 0: none, or one that is not known across runs
  Part part = Part::none;    ///< of what was done, not of what is announced

  friend bool operator==(const Operation&, const Operation&) = default;
};

/// Whether the order of the two is known to matter: they use one object, and one of them changes it.
[[nodiscard]] constexpr bool conflict(const Operation& one, const Operation& other) noexcept {
  return one.object != 0 && one.object == other.object &&
         (one.access == Access::write || other.access == Access::write);
}

/// Whether the order of the two may matter: unless it is known that it does not.
[[nodiscard]] constexpr bool dependent(const Operation& one, const Operation& other) noexcept {
  if (one.access == Access::none || other.access == Access::none) return false;
  if (one.object == 0 || other.object == 0) return true;
  return conflict(one, other);
}

/// The same of all that two steps did.
[[nodiscard]] inline bool dependent(std::span<const Operation> one,
                                    std::span<const Operation> other) noexcept {
  for (const Operation& mine : one) {
    for (const Operation& theirs : other) {
      if (dependent(mine, theirs)) return true;
    }
  }
  return false;
}

/// Who can run.
struct Candidate {
  std::uint32_t actor = 0;
  Operation next = {};    ///< what its step begins with, if it was announced; else unknown
  bool gave_way = false;  ///< it could have gone on, and stopped only because the scheduling points say so
};

/// How the verdict of a witness or a check of the state depends on a step.
enum class Judged : std::uint8_t {
  not_at_all,
  by_order,  ///< on how it stands to the other steps that are judged
  by_state,  ///< on how it stands to any other step
};

/// How a step stands to the end of the run.
enum class End : std::uint8_t {
  none,
  near,  ///< the root task ended with it or before, and the loop goes on to the end of its next iteration
  here,  ///< the loop takes no further step of the program's own accord
};

/// A step that was taken.
struct Step {
  Candidate taken;
  std::span<const Operation> operations;   ///< all that it did, in order
  std::span<const std::uint32_t> created;  ///< tasks that it created
  std::span<const std::uint32_t> woken;    ///< actors that it made ready, those tasks among them
  /// Actors that were ready, and that it kept from running.
  std::span<const std::uint32_t> forgotten;
  std::uint32_t self;                   ///< the actor that took it, as an object
  bool is_timed;                        ///< a timer made it ready
  std::span<const std::uint64_t> keys;  ///< by actor: what tells it from others, in every process
  Judged judged = Judged::not_at_all;
  std::span<const std::uint64_t> object_keys = {};  ///< by object: the same as `keys`; of 0 it says nothing
  End end = End::none;
  /// It was passed over before, because it would only have stood in line.
  bool had_to_wait = false;
  /// From the end of the root task on: actors that were ready after this step.
  std::span<const std::uint32_t> left = {};
};

}  // namespace coweave::sim
