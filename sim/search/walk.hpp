#pragma once

/// Going through the beginnings that part from runs, or through some of them, in order.

#include <coweave/sim/search/stem.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace coweave::sim {

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
