#pragma once

/// The pieces of a search with the cheapest schedules first, in order: runs, and which of the beginnings that
/// part from them are to be tried, all of which cost the same.
///
/// What a piece has found for later is kept when its turn has come, so what there is room for does not
/// depend on who does which piece.

#include <coweave/sim/search/kept_runs.hpp>
#include <coweave/sim/search/ordered_plan.hpp>
#include <coweave/sim/search/walk.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coweave::sim {

/// A piece; the first has no ranges, and is all of the search.
struct FewestFirstTask {
  std::uint32_t cost = 0;
  std::vector<Range> ranges = {};
};

/// What a piece has left.
struct FewestFirstLeft {
  std::uint32_t cost = 0;
  std::shared_ptr<const Stem> last_run;           ///< of whose beginnings all are left
  std::size_t range = 0;                          ///< behind those: of the ranges of the piece, the first
  std::uint64_t number = 0;                       ///< the beginning that comes first there
  std::vector<std::shared_ptr<const Stem>> kept;  ///< for later
  std::optional<std::uint32_t> full_at;           ///< see KeptRuns
};

[[nodiscard]] std::string to_message(const FewestFirstTask& task);
[[nodiscard]] FewestFirstTask fewest_first_task(std::string_view message);
[[nodiscard]] std::string to_message(const FewestFirstLeft& left);
[[nodiscard]] FewestFirstLeft fewest_first_left(std::string_view message);

class FewestFirstPlan final : public OrderedPlan<FewestFirstTask, FewestFirstLeft> {
 public:
  /// `room`: of its KeptRuns. `unit`: what costs one.
  FewestFirstPlan(std::uint32_t cost_max, RankCost rank_cost, std::size_t room, std::string unit)
      : cost_max_(cost_max), rank_cost_(rank_cost), kept_(room), unit_(std::move(unit)) {
    add({});
  }

  [[nodiscard]] std::string dropped() const override;

 private:
  std::optional<std::string> message(FewestFirstTask& task) override;
  FewestFirstLeft unfold(FewestFirstTask& task, std::string_view message) override;
  void follow(const FewestFirstLeft& left) override;
  [[nodiscard]] std::vector<Range> ranges_of(std::uint32_t cost) const;
  void add_parts(std::uint32_t cost, const std::vector<Range>& ranges);

  std::uint32_t cost_max_;
  RankCost rank_cost_;
  std::uint32_t cost_ = 0;
  KeptRuns kept_;
  std::string unit_;
};

/// What is left out for want of room, of runs that cost `full_at` and all that cost more.
[[nodiscard]] std::string dropped_in_words(std::optional<std::uint32_t> full_at, const std::string& unit);

}  // namespace coweave::sim
