#pragma once

/// What a search with the cheapest schedules first keeps for later. It goes through them with a Walk.

#include <coweave/sim/search/stem.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace coweave::sim {

/// Runs in the order in which they were made, as long as there is room for them.
class KeptRuns {
 public:
  /// Room enough for most, unless somebody wants another bound: 40,000 runs of 12,000 choices each, or
  /// millions of short ones. A process that explores should fit beside others into a machine of today.
  static constexpr std::size_t bytes_max = 1'000'000'000;

  /// The same of a search that is only a part of something: of making a counterexample straight, or of a
  /// measurement.
  static constexpr std::size_t bytes_max_aside = 100'000'000;

  /// `room`: so many bytes at most.
  explicit KeptRuns(std::size_t room = bytes_max) noexcept : room_(room) {}

  void clear() noexcept {
    stems_.clear();
    bytes_ = 0;
    cost_max_ = 0;
    full_at_.reset();
  }
  /// Keeps it, if it fits in and all before it did.
  void keep(std::shared_ptr<const Stem> stem) {
    const std::size_t bytes = stem->decisions.size() + bytes_beside;
    if (full_at_ || bytes > room_ - bytes_) return set_full(stem->cost);
    bytes_ += bytes;
    cost_max_ = std::max(cost_max_, stem->cost + stem->more_max);
    stems_.push_back(std::move(stem));
  }
  /// Somebody had no room for a run that cost so much.
  void set_full(std::uint32_t cost) noexcept {
    if (!full_at_) full_at_ = cost;
  }

  [[nodiscard]] const std::vector<std::shared_ptr<const Stem>>& stems() const noexcept { return stems_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::size_t room() const noexcept { return room_; }
  /// What the dearest beginning costs that parts from one of them.
  [[nodiscard]] std::uint32_t cost_max() const noexcept { return cost_max_; }
  /// What the first run cost for which there was no room; none: all were kept.
  [[nodiscard]] std::optional<std::uint32_t> full_at() const noexcept { return full_at_; }

 private:
  /// What a run takes beside its decisions: the stem, its counts and pointers, and what the allocator adds.
  static constexpr std::size_t bytes_beside = sizeof(Stem) + 64;

  std::size_t room_;
  std::size_t bytes_ = 0;
  std::uint32_t cost_max_ = 0;
  std::vector<std::shared_ptr<const Stem>> stems_;
  std::optional<std::uint32_t> full_at_;
};

}  // namespace coweave::sim
