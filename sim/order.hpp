#pragma once

/// The steps of a run by who took them, and policies that take such an order down and follow one that was
/// changed: for asking what would have happened if two steps had come the other way round.

#include <coweave/sim/policy.hpp>
#include <coweave/sim/replay.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace coweave::sim {

/// A step of a run, with what was decided in it and behind it.
struct OrderedStep {
  std::uint32_t actor = 0;
  std::vector<std::uint32_t> others = {};   ///< actors that could have been picked instead
  std::vector<std::uint32_t> numbers = {};  ///< that the program asked for
  std::uint32_t cancelled = 0;              ///< the choice of a cancellation that came next
  std::vector<std::uint32_t> late = {};     ///< how late something was, until the next step ends
};
using Order = std::vector<OrderedStep>;

/// Follows a schedule of the same program, and takes down the order of its steps.
class TakeDownOrder final : public Policy {
 public:
  explicit TakeDownOrder(const Schedule& schedule) { replay_.follow(schedule); }

  [[nodiscard]] const Order& order() const noexcept { return order_; }

  [[nodiscard]] std::string_view name() const override { return replay_.name(); }
  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  std::uint32_t pick(const ChoicePoint& point) override;
  void stepped(const Step& step) override;

 private:
  LooseReplay replay_;
  Order order_;
  OrderedStep next_;
};

/// Follows an order as far as the program allows: of those who can run, the one that comes first in what is
/// left of it. Numbers, cancellations and lateness come with the steps that they belong to.
class FollowOrder final : public Policy {
 public:
  /// `order` with its step `step` moved before its step `before`, which comes earlier; both from 0.
  FollowOrder(const Order& order, std::size_t before, std::size_t step);

  /// Whether the step that was moved came before the other.
  [[nodiscard]] bool moved() const noexcept { return moved_; }

  [[nodiscard]] std::string_view name() const override { return "replay"; }
  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  std::uint32_t pick(const ChoicePoint& point) override;
  void stepped(const Step& step) override;

 private:
  [[nodiscard]] std::size_t next_of(std::uint32_t actor) const noexcept;

  std::vector<const OrderedStep*> order_;
  const OrderedStep* early_;              // the one that was moved
  const OrderedStep* late_;               // the one that it was moved before
  std::vector<bool> done_;                // by place in `order_`
  std::size_t first_ = 0;                 // that is not done
  const OrderedStep* running_ = nullptr;  // if it is known
  const OrderedStep* ended_ = nullptr;    // the last step
  std::size_t numbers_drawn_ = 0;
  std::size_t late_drawn_ = 0;
  bool late_came_ = false;
  bool moved_ = false;
};

}  // namespace coweave::sim
