#pragma once

/// Sections: from when a lock is taken until it is given back, from when an event is set until it is cleared.
/// In what order those of several tasks come is luck. But whoever knows that one has begun, and finds that it
/// is over, knows what was done in it.

#include <coweave/sim/causality/clock.hpp>
#include <coweave/sim/causality/holders.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace coweave::sim {

/// Of one object, those that are over. Keeps its memory from run to run.
class Sections {
 public:
  void begin_run() noexcept;

  /// `end`: what was known to whoever ended it. Those that one actor began are added in their order.
  void add(Moment began, const Clock& end);
  /// `known` learns the ends of those that it knows to have begun.
  void join_ends(Clock& known) const {
    if (!by_actor_.empty()) join_ends_of_all(known);
  }

 private:
  struct Section {
    std::uint32_t began = 0;
    Clock end;
  };
  struct OfActor {
    std::uint32_t actor = 0;
    std::vector<Section> all = {};
    std::size_t count = 0;
  };

  void join_ends_of_all(Clock& known) const;

  std::vector<OfActor> by_actor_;
};

/// A lock or a semaphore. A section is from when a task has all permits to its first release.
class Held {
 public:
  void begin_run() noexcept;

  [[nodiscard]] const Holders& holders() const noexcept { return holders_; }

  /// Whoever takes it, and knows that another had it, could not have been first. `now` is the last moment
  /// of the task before it tells others anything of what it does with it; `free`: as for `Holders`.
  void acquired(Moment now, Clock& known, std::int64_t free);
  /// Of the lock of a condition: what was done under it until now, is left behind there for whoever is
  /// notified.
  void leave(const Clock& known) { join(left_, known); }
  [[nodiscard]] const Clock& left() const noexcept { return left_; }
  /// Whether the task gives back what it took.
  bool released(Moment now, const Clock& known, std::int64_t free);
  /// Whoever finds it free knows what was done under it as far as it knows that it was taken; and else by
  /// whom it is taken, if that task keeps all others out.
  void found(Clock& known);

 private:
  Holders holders_;
  Moment acquired_ = {};    // last by whoever kept all others out then
  Clock known_then_;        // to that task
  bool was_found_ = false;  // taken, since then
  Clock left_;
  Sections told_;  // in which a task told something to another, or was found to have it
};

/// An event.
class Flag {
 public:
  void begin_run() noexcept {
    is_set_ = false;
    over_.begin_run();
  }

  void set(Moment now) noexcept {
    set_ = now;
    is_set_ = true;
  }
  /// `known`: to whoever clears it.
  void cleared(const Clock& known) {
    if (is_set_) over_.add(set_, known);
    is_set_ = false;
  }
  /// Whoever finds it cleared, and knows that it was set, knows who cleared it.
  void found(Clock& known) const {
    if (!is_set_) over_.join_ends(known);
  }

 private:
  Moment set_ = {};
  bool is_set_ = false;  // as far as is known
  Sections over_;
};

}  // namespace coweave::sim
