#include <coweave/sim/policies/portfolio.hpp>

#include <coweave/core/check.hpp>

#include <utility>

namespace coweave::sim {

Portfolio::Portfolio(std::vector<std::unique_ptr<Policy>> members, std::vector<std::size_t> turns)
    : members_(std::move(members)), turns_(std::move(turns)) {
  COWEAVE_INTERNAL_CHECK(!members_.empty() && !turns_.empty(), "a portfolio has members");
  for (const std::size_t turn : turns_)
    COWEAVE_INTERNAL_CHECK(turn < members_.size(), "a turn is a member's");
  for (const auto& member : members_)
    COWEAVE_INTERNAL_CHECK(member->sampled(), "the members of a portfolio sample");
  current_ = members_[turns_.front()].get();
}

bool Portfolio::begin_run(std::uint64_t run) {
  current_ = members_[turns_[(run - 1) % turns_.size()]].get();
  return current_->begin_run(run);
}

}  // namespace coweave::sim
