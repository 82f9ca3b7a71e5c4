#pragma once

/// The calls of a search that have not taken effect, as a list that is walked from its beginning: first the
/// calls that may come next, then one that cannot wait any longer.
///
/// A call that takes effect is lifted out of the list, and put back when the search goes back, in reverse
/// order (Knuth's dancing links), so that each costs a few writes.

#include <coweave/props/linearizability/search.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace coweave::detail {

/// What stands at a place of the list.
struct Candidate {
  std::uint32_t call = unset;  ///< never: the end
  bool due = false;            ///< the call returns here: what comes later can only follow it
};

/// A doubly linked ring of numbers; `end` links the last with the first.
class LinkRing {
 public:
  explicit LinkRing(std::uint32_t size) : next_(size + 1), previous_(size + 1) {
    for (std::uint32_t node = 0; node <= size; ++node) {
      next_[node] = node == size ? 0 : node + 1;
      previous_[node] = node == 0 ? size : node - 1;
    }
  }
  [[nodiscard]] std::uint32_t end() const noexcept { return static_cast<std::uint32_t>(next_.size()) - 1; }
  [[nodiscard]] std::uint32_t after(std::uint32_t node) const noexcept { return next_[node]; }
  [[nodiscard]] std::uint32_t before(std::uint32_t node) const noexcept { return previous_[node]; }
  void lift(std::uint32_t node) noexcept {
    next_[previous_[node]] = next_[node];
    previous_[next_[node]] = previous_[node];
  }
  void put_back(std::uint32_t node) noexcept {
    next_[previous_[node]] = node;
    previous_[next_[node]] = node;
  }

 private:
  std::vector<std::uint32_t> next_;
  std::vector<std::uint32_t> previous_;
};

/// In real time: beginnings and ends of calls as they came.
class RealTimeFrontier {
 public:
  explicit RealTimeFrontier(std::span<const Interval> calls);

  [[nodiscard]] std::uint32_t first() const noexcept { return ring_.after(ring_.end()); }
  [[nodiscard]] std::uint32_t after(std::uint32_t place) const noexcept { return ring_.after(place); }
  [[nodiscard]] Candidate at(std::uint32_t place) const noexcept { return entries_[place]; }
  [[nodiscard]] std::uint32_t place_of(std::uint32_t call) const noexcept { return begins_[call]; }
  void lift(std::uint32_t call) noexcept {
    ring_.lift(begins_[call]);
    if (ends_[call] != unset) ring_.lift(ends_[call]);
  }
  void put_back(std::uint32_t call) noexcept {
    if (ends_[call] != unset) ring_.put_back(ends_[call]);
    ring_.put_back(begins_[call]);
  }

 private:
  RealTimeFrontier(std::size_t calls, const std::vector<Moment>& moments);

  std::vector<Candidate> entries_;  ///< by place; the last is the end
  std::vector<std::uint32_t> begins_;
  std::vector<std::uint32_t> ends_;
  LinkRing ring_;
};

/// In the order of each process. The next call of each comes first in the list, or if that is optional, also
/// the one after it; then the end. Once a call has taken effect, those before it that had to do so until they
/// ended, and did not, are left out.
class ProgramFrontier {
 public:
  explicit ProgramFrontier(std::span<const Interval> calls);

  [[nodiscard]] std::uint32_t first() const noexcept { return seek(ring_.after(ring_.end())); }
  [[nodiscard]] std::uint32_t after(std::uint32_t place) const noexcept;
  [[nodiscard]] Candidate at(std::uint32_t place) const noexcept;
  [[nodiscard]] std::uint32_t place_of(std::uint32_t call) const noexcept { return places_[call]; }
  void lift(std::uint32_t call) noexcept;
  void put_back(std::uint32_t call) noexcept;

 private:
  void lift_place(std::uint32_t place) noexcept;
  [[nodiscard]] bool is_boundary(std::uint32_t place) const noexcept { return calls_at_[place] == unset; }
  [[nodiscard]] std::uint32_t seek(std::uint32_t place) const noexcept;

  std::span<const Interval> calls_;
  std::vector<std::uint32_t> calls_at_;  ///< by place; `never` where the calls of a process end
  std::vector<std::uint32_t> places_;
  LinkRing ring_;
  std::vector<std::uint32_t> lifted_;  ///< places, each that took effect before those that it left out
};

}  // namespace coweave::detail
