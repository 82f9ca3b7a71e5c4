#pragma once

/// The steps of a run by who took them, and policies that take such an order down and follow one that was
/// changed: for asking what would have happened if two steps had come the other way round.

#include <coweave/sim/passing_policy.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace coweave::sim {

/// A step of a run, with what was decided in it and behind it.
struct OrderedStep {
  std::uint32_t actor = 0;
  std::vector<std::uint32_t> others = {};   ///< actors that could have been picked instead
  std::vector<std::uint32_t> numbers = {};  ///< that the program asked for
  std::uint32_t cancelled = 0;              ///< the choice of a cancellation that came next
  std::vector<std::uint32_t> late = {};     ///< how late something was, until the next step ends
  std::vector<Operation> operations = {};   ///< what it did
  std::vector<std::uint32_t> woken = {};    ///< actors that it made ready
  bool preempts = false;                    ///< whoever ran before it could have gone on
  bool is_out_of_order = false;             ///< it does not, and another had arrived first
};
using Order = std::vector<OrderedStep>;

/// How many steps of `order` preempt somebody, who had only given way.
[[nodiscard]] std::uint64_t preemptions(const Order& order) noexcept;
/// How many came before somebody who had arrived first, and preempt nobody.
[[nodiscard]] std::uint64_t out_of_order(const Order& order) noexcept;

/// Wraps a policy, changes nothing that it decides, and takes down the order of the steps.
class TakeDownOrder final : public PassingPolicy {
 public:
  explicit TakeDownOrder(Policy& policy) noexcept : PassingPolicy(policy) {}

  [[nodiscard]] const Order& order() const noexcept { return order_; }
  /// The same, which it then no longer has.
  [[nodiscard]] Order take() noexcept { return std::exchange(order_, {}); }

  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  std::uint32_t pick(const ChoicePoint& point) override;
  void stepped(const Step& step) override;

 private:
  void look(const ChoicePoint& point, std::uint32_t taken);

  Order order_;
  OrderedStep next_;
};

/// Follows an order as far as the program allows: of those who can run, the one that comes first in what is
/// left of it. Numbers, cancellations and lateness come with the steps that they belong to.
class FollowOrder : public Policy {
 public:
  /// `order`, which must outlive it.
  explicit FollowOrder(const Order& order);
  /// `order` with its step `step` moved before its step `before`, which comes earlier; both from 0.
  FollowOrder(const Order& order, std::size_t before, std::size_t step);

  [[nodiscard]] std::string_view name() const override { return "replay"; }
  bool begin_run(std::uint64_t run) override;
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  std::uint32_t pick(const ChoicePoint& point) override;
  void stepped(const Step& step) override;

 protected:
  /// Who goes next, of those who can.
  virtual std::uint32_t pick_next(const ChoicePoint& point);

  /// The place of the next step of `actor`; `steps()` if it has none.
  [[nodiscard]] std::size_t next_of(std::uint32_t actor) const noexcept;
  [[nodiscard]] std::size_t steps() const noexcept { return order_.size(); }
  [[nodiscard]] bool done(std::size_t place) const noexcept { return done_[place]; }

 private:
  /// The steps of an actor, by place, and how many it has taken.
  struct Turns {
    std::vector<std::size_t> places = {};
    std::size_t taken = 0;
  };

  std::vector<const OrderedStep*> order_;
  std::vector<Turns> turns_;              // by actor
  std::vector<bool> done_;                // by place in `order_`
  std::size_t first_ = 0;                 // that is not done
  const OrderedStep* running_ = nullptr;  // if it is known
  bool is_stranger_ = false;              // who runs was picked, and has no step left in the order
  const OrderedStep* ended_ = nullptr;    // the last step
  std::size_t numbers_drawn_ = 0;
  std::size_t late_drawn_ = 0;
};

}  // namespace coweave::sim
