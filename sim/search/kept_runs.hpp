#pragma once

/// What a search with the cheapest schedules first keeps for later, and goes through when its turn has come.

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
  /// So many bytes at most, unless somebody wants another bound: 40,000 runs of 12,000 choices each, or
  /// millions of short ones. A process that explores should fit beside others into a machine of today.
  static constexpr std::size_t bytes_max = 1'000'000'000;

  explicit KeptRuns(std::size_t most = bytes_max) noexcept : bytes_max_(most) {}

  void clear() noexcept {
    stems_.clear();
    bytes_ = 0;
    cost_max_ = 0;
    full_at_.reset();
  }
  /// Keeps it, if it fits in and all before it did.
  void keep(std::shared_ptr<const Stem> stem) {
    const std::size_t bytes = stem->decisions.size() + bytes_beside;
    if (full_at_ || bytes > bytes_max_ - bytes_) return set_full(stem->cost);
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
  /// What the dearest beginning costs that parts from one of them.
  [[nodiscard]] std::uint32_t cost_max() const noexcept { return cost_max_; }
  /// What the first run cost for which there was no room; none: all were kept.
  [[nodiscard]] std::optional<std::uint32_t> full_at() const noexcept { return full_at_; }

 private:
  /// What a run takes beside its decisions: the stem, its counts and pointers, and what the allocator adds.
  static constexpr std::size_t bytes_beside = sizeof(Stem) + 64;

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::uint32_t cost_max_ = 0;
  std::vector<std::shared_ptr<const Stem>> stems_;
  std::optional<std::uint32_t> full_at_;
};

/// Beginnings `first` to `last` of those that part from a run.
struct Range {
  static constexpr std::uint64_t no_end = UINT64_MAX;

  Range() = default;
  /// All of them.
  explicit Range(std::shared_ptr<const Stem> of) noexcept : stem(std::move(of)) {}
  Range(std::shared_ptr<const Stem> of, std::uint64_t first_of, std::uint64_t last_of) noexcept
      : stem(std::move(of)), first(first_of), last(last_of) {}

  std::shared_ptr<const Stem> stem;
  std::uint64_t first = 0;
  std::uint64_t last = no_end;
};

/// Goes through the beginnings that cost the same.
class Walk {
 public:
  Walk() = default;
  Walk(std::vector<Range> ranges, std::uint32_t cost, RankCost rank_cost) noexcept
      : ranges_(std::move(ranges)), cost_(cost), rank_cost_(rank_cost) {}

  /// Goes on to the next, or the first. False: there is none.
  bool next();
  void copy_to(std::vector<Decision>& run) const { beginnings_.copy_to(run); }

  /// The range that it is in, from 0; their number: there are no more.
  [[nodiscard]] std::size_t range() const noexcept { return range_; }
  /// The beginning that comes next there.
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }

 private:
  bool enter();

  std::vector<Range> ranges_;
  std::uint32_t cost_ = 0;
  RankCost rank_cost_ = nullptr;
  std::size_t range_ = 0;
  std::uint64_t number_ = 0;
  bool is_within_ = false;  // the range that it is in
  Beginnings beginnings_;
};

}  // namespace coweave::sim
