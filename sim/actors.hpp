#pragma once

/// Numbers of actors and objects that mean the same in every run.
///
/// A task is known by its path of spawn indices from the root, another handle by its owner, kind and ordinal,
/// an object by the task that made it and how many that had made before. Whatever is met for the first time
/// gets the next number. So two runs that make the same things in the same places give them the same numbers,
/// in whatever order they run.

#include <coweave/core/handle.hpp>
#include <coweave/core/observer.hpp>
#include <coweave/core/task.hpp>
#include <coweave/sim/entry.hpp>

#include <cstdint>
#include <map>
#include <span>
#include <tuple>
#include <vector>

namespace coweave::sim {

class Actors {
 public:
  /// Forgets which tasks of the last run have which numbers; not the numbers.
  void begin_run();

  /// Learns of a task of the present run, after its parent.
  void created(const TaskBase& task);

  /// The number of the task with that serial number in the present run; 0: the loop, or not known.
  [[nodiscard]] std::uint32_t task(std::uint32_t serial) const noexcept {
    return serial < of_serial_.size() ? of_serial_[serial] : 0;
  }
  [[nodiscard]] std::uint32_t number_of(const detail::Handle& handle) {
    return handle.kind() == HandleKind::task ? task(handle.owner()) : other(handle);
  }
  /// From 1; 0 if the object cannot be recognised in another run.
  [[nodiscard]] std::uint32_t number_of(const ObjectRef& object) {
    const Birth birth = object.birth;
    if ((birth.task == 0 && birth.ordinal == 0) || birth.task >= of_serial_.size()) return 0;
    std::uint32_t& number = entry(objects_[of_serial_[birth.task]], birth.ordinal);
    if (number == 0) [[unlikely]]
      number = add_object(of_serial_[birth.task], birth.ordinal);
    return number;
  }

  /// The actor itself, as an object: whether it may run, and how it goes on. (Whether a task is done is that
  /// of the task as a future.)
  [[nodiscard]] std::uint32_t object_of(std::uint32_t actor) {
    std::uint32_t& number = entry(as_objects_, actor);
    if (number == 0) [[unlikely]]
      number = add_object(actor, as_object);
    return number;
  }

  /// By number: what an actor is known by, hashed, which does not depend on who was met before it.
  [[nodiscard]] std::span<const std::uint64_t> keys() const noexcept { return keys_; }

  /// The same of objects.
  [[nodiscard]] std::span<const std::uint64_t> object_keys() const noexcept { return object_keys_; }

  /// How many actors there are, counting the loop: numbers are below it.
  [[nodiscard]] std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(children_.size()); }

 private:
  /// In place of the ordinal of an object.
  static constexpr std::uint32_t as_object = 0xffff'ffffU;

  [[nodiscard]] std::uint32_t other(const detail::Handle& handle);
  std::uint32_t add_actor(std::uint32_t parent, HandleKind kind, std::uint32_t ordinal);
  std::uint32_t add_object(std::uint32_t maker, std::uint32_t ordinal);

  std::vector<std::uint64_t> keys_{0};
  std::vector<std::uint64_t> object_keys_{0};
  std::vector<std::uint32_t> of_serial_;
  std::vector<std::vector<std::uint32_t>> children_{1};  // by parent and spawn index; 0: not met yet
  std::vector<std::vector<std::uint32_t>> objects_{1};   // by maker and ordinal; 0: not met yet
  std::vector<std::uint32_t> as_objects_;                // by actor; 0: not met yet
  std::map<std::tuple<std::uint32_t, HandleKind, std::uint32_t>, std::uint32_t> others_;
};

}  // namespace coweave::sim
