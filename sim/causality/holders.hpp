#pragma once

/// Who holds a lock, or the permits of a semaphore, as far as acquisitions and releases tell.
///
/// A semaphore whose permits are given back by those who took them is a lock, which keeps others out if one
/// task has all of them. Once somebody releases it who has not acquired it, it is a signal: nobody holds it
/// from then on, for it is not known which permits are given back and which are new ones.

#include <coweave/core/observer.hpp>

#include <cstdint>
#include <vector>

namespace coweave::sim {

/// Whether `verb` takes or gives back what somebody can hold: only locks and semaphores have such verbs.
[[nodiscard]] constexpr bool is_of_holders(Verb verb) noexcept {
  return verb == Verb::acquire || verb == Verb::release;
}

class Holders {
 public:
  struct Holder {
    std::uint32_t task;  ///< serial number
    std::int64_t permits;
  };

  void begin_run() noexcept;

  /// `free`, here and below: permits that are free afterwards; negative: it is a lock.
  void acquired(std::uint32_t task, std::int64_t free);
  /// Whether `task` gives back what it took. Otherwise nobody is left who holds it.
  bool released(std::uint32_t task, std::int64_t free);

  [[nodiscard]] const std::vector<Holder>& all() const noexcept { return all_; }
  [[nodiscard]] bool is_held_by(std::uint32_t task) const noexcept { return permits_of(task) > 0; }
  /// Whether `task` has it and keeps everybody else out.
  [[nodiscard]] bool is_held_alone_by(std::uint32_t task) const noexcept {
    return permits_of(task) >= permits_;
  }
  /// Whether it has more than one, as far as is known.
  [[nodiscard]] bool is_of_several() const noexcept { return permits_ > 1; }
  [[nodiscard]] bool is_signal() const noexcept { return is_signal_; }

 private:
  [[nodiscard]] std::int64_t permits_of(std::uint32_t task) const noexcept;
  void count(std::int64_t free) noexcept;

  std::vector<Holder> all_;
  std::int64_t permits_ = 1;  // in all, as far as is known
  bool is_signal_ = false;
};

}  // namespace coweave::sim
