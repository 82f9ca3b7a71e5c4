#pragma once

/// Brings a run into another order without changing what it does: only steps that are independent change
/// places (Mazurkiewicz equivalence; Jalbert and Sen, 2010, and Huang and Zhang, 2011, simplify traces so).
///
/// The picture: each step of the run has an arrow to every later one that it must come before, because they
/// are of one actor, the one woke the other, or both use an object that one of them changes. Among those who
/// can run, the policy takes whom it prefers of those whose arrows have all come. The first step of what is
/// left always has, so the run can go on, and it ends as the one it was made from. What it cannot see (plain
/// memory, time) may still make it another run: whoever uses it runs it and looks.

#include <coweave/sim/causality/order.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace coweave::sim {

class Equivalent final : public FollowOrder {
 public:
  enum class Prefers : std::uint8_t {
    arrival,  ///< whoever arrived first: asyncio's own order
    staying,  ///< whoever ran last, as long as it only gave way; then who arrived first
  };
  /// `order` must outlive it.
  Equivalent(const Order& order, Prefers prefers);

  bool begin_run(std::uint64_t run) override;
  void stepped(const Step& step) override;

 protected:
  std::uint32_t pick_next(const ChoicePoint& point) override;

 private:
  [[nodiscard]] bool may_come(std::uint32_t actor) const noexcept;

  std::vector<std::vector<std::size_t>> before_;  // by place: the last steps that must have come
  Prefers prefers_;
  std::uint32_t last_ = 0;
};

}  // namespace coweave::sim
