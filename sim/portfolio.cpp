#include <coweave/sim/portfolio.hpp>

#include <coweave/core/check.hpp>

#include <utility>

namespace coweave::sim {

Portfolio::Portfolio(std::vector<std::unique_ptr<Policy>> members) : members_(std::move(members)) {
  COWEAVE_CHECK(!members_.empty(), "a portfolio has members");
  current_ = members_.front().get();
}

bool Portfolio::begin_run(std::uint64_t run) {
  const std::uint64_t turn = run - 1;
  current_ = members_[turn % members_.size()].get();
  return current_->begin_run(turn / members_.size() + 1);
}

}  // namespace coweave::sim
