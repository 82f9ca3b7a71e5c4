#pragma once

/// Conditions on the state of the program, which a scenario holds while it has that state.
///
///     int inside = 0;
///     const auto one_at_most = monitors::always("one inside", [&] { return inside <= 1; });
///
/// They are looked at when they are made and after every step of the simulation, and fail the run at the step
/// that breaks one. Outside a simulation nobody looks.

#include <coweave/sim/witness.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <source_location>
#include <string>
#include <utility>

namespace coweave::detail {

/// What is the same for all conditions.
class StateCondition : private sim::StateCheck {
 public:
  enum class Wanted : std::uint8_t { to_hold, not_to_hold, to_hold_once };

 protected:
  StateCondition(Wanted wanted, std::string name, std::chrono::nanoseconds time_max, std::source_location at);
  ~StateCondition() = default;

  /// To be called at the end of the constructor: it looks for the first time. Throws
  /// std::invalid_argument if there is no condition to look at, or no name.
  void begin(bool is_empty);
  /// To be called by the destructor: it looks no more, and what had to hold once had to by now.
  void end() noexcept;

 private:
  [[nodiscard]] virtual bool holds() = 0;
  /// Whether it holds; what it asks of the layer for that is not observed.
  [[nodiscard]] bool holds_now();
  void check(std::uint32_t task) final;
  void broken(std::string what, std::uint32_t task);

  Wanted wanted_;
  std::string name_;
  std::chrono::nanoseconds time_max_;
  std::chrono::nanoseconds since_{0};
  std::source_location at_;
  int exceptions_ = std::uncaught_exceptions();
  bool held_ = false;
};

/// Whether nothing is there to be called.
template <class Condition>
[[nodiscard]] bool is_empty(const Condition&) noexcept {
  return false;
}
template <class Result>
[[nodiscard]] bool is_empty(const std::function<Result()>& condition) noexcept {
  return !condition;
}
template <class Result>
[[nodiscard]] bool is_empty(Result (*const& condition)()) noexcept {
  return !condition;
}

template <std::predicate Condition>
class [[nodiscard]] StateConditionOf final : private StateCondition {
 public:
  StateConditionOf(Wanted wanted, std::string name, Condition condition, std::chrono::nanoseconds time_max,
                   std::source_location at)
      : StateCondition(wanted, std::move(name), time_max, at), condition_(std::move(condition)) {
    begin(is_empty(condition_));
  }
  ~StateConditionOf() { end(); }

 private:
  bool holds() override { return static_cast<bool>(condition_()); }

  Condition condition_;
};

}  // namespace coweave::detail

namespace coweave::monitors {

/// As long as what this returns lives, `condition()` is true after every step. Conditions must not change
/// anything, nor throw. Throws std::invalid_argument for an empty function or name, as those below do.
template <std::predicate Condition>
[[nodiscard]] auto always(std::string name, Condition condition,
                          std::source_location at = std::source_location::current()) {
  return detail::StateConditionOf<Condition>(detail::StateCondition::Wanted::to_hold, std::move(name),
                                             std::move(condition), std::chrono::nanoseconds::max(), at);
}

/// The same of a `condition()` that is false.
template <std::predicate Condition>
[[nodiscard]] auto never(std::string name, Condition condition,
                         std::source_location at = std::source_location::current()) {
  return detail::StateConditionOf<Condition>(detail::StateCondition::Wanted::not_to_hold, std::move(name),
                                             std::move(condition), std::chrono::nanoseconds::max(), at);
}

/// `condition()` is true after some step, before what this returns is destroyed otherwise than by an
/// exception or with the run; and within `time_max` of virtual time, counted from now or from the last fault
/// or cancellation that was injected.
template <std::predicate Condition>
[[nodiscard]] auto eventually(std::string name, Condition condition,
                              std::chrono::nanoseconds time_max = std::chrono::nanoseconds::max(),
                              std::source_location at = std::source_location::current()) {
  return detail::StateConditionOf<Condition>(detail::StateCondition::Wanted::to_hold_once, std::move(name),
                                             std::move(condition), time_max, at);
}

}  // namespace coweave::monitors
