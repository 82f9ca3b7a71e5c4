#pragma once

/// The states of a model as numbers, so that the search is written once, knows no types, and compares
/// configurations quickly.

#include <coweave/props/linearizability/model.hpp>
#include <coweave/props/linearizability/number_table.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace coweave::detail {

/// What a search asks of a model. State 0 is the initial one.
class StateSpace {
 public:
  static constexpr std::uint32_t none = 0xffffffff;

  virtual ~StateSpace() = default;
  /// The state after `call` in `state`; `none` if the model does not allow it there with the response that
  /// was observed, or if that is not `observed`, if it would wait.
  [[nodiscard]] virtual std::uint32_t next(std::uint32_t state, std::uint32_t call, bool observed) = 0;
  /// What the model says to `call` in `state`, in words; empty if it says nothing that can be told.
  [[nodiscard]] virtual std::string expectation(std::uint32_t state, std::uint32_t call) = 0;

  /// What was done for answers that were not known yet, in steps of a search: so that a budget of steps is
  /// used up in about the same time, whatever the model.
  [[nodiscard]] std::uint64_t work() const noexcept { return work_; }

 protected:
  static constexpr std::uint64_t work_of_asking = 4;
  static constexpr std::uint64_t work_of_a_state = 8;
  static constexpr std::uint32_t compared_in_a_step = 64;

  std::uint64_t work_ = 0;
};

/// The states that a search reaches, each stored once. `Calls` has `operation(call)` and `response(call)`.
template <SequentialModel M, class Calls>
class ModelSpace final : public StateSpace {
 public:
  ModelSpace(const M& initial, const Calls& calls) : calls_(calls) { static_cast<void>(number_of(initial)); }

  std::uint32_t next(std::uint32_t state, std::uint32_t call, bool observed) override {
    const std::uint64_t key =
        (std::uint64_t{state} << 32U) | (std::uint64_t{call} << 1U) | (observed ? 1U : 0U);
    if (const std::uint32_t* known = steps_.find(key)) return *known;
    work_ += work_of_asking;
    M model = *states_[state];
    const bool allowed =
        detail::apply(model, calls_.operation(call), observed ? calls_.response(call) : nullptr).allowed;
    const std::uint32_t after = allowed ? number_of(std::move(model)) : none;
    steps_.insert(key, after);
    return after;
  }

  std::string expectation(std::uint32_t state, std::uint32_t call) override {
    M model = *states_[state];
    const auto answer = detail::apply(model, calls_.operation(call), nullptr);
    if (answer.response) return show_call_part(*answer.response);
    return answer.allowed ? "" : "it waits";
  }

 private:
  static constexpr bool ordered = std::three_way_comparable<M>;

  std::uint32_t number_of(M model) {
    const auto number = static_cast<std::uint32_t>(states_.size());
    if constexpr (ordered) {
      // The order may be coarser than equality, where a model takes it from values that have such a one.
      const auto [first, last] = numbers_.equal_range(model);
      for (auto place = first; place != last; ++place) {
        if (place->first == model) return place->second;
      }
      work_ += work_of_a_state;
      states_.push_back(&numbers_.emplace_hint(last, std::move(model), number)->first);
      return number;
    } else {
      for (std::uint32_t known = 0; known < number; ++known) {
        if (*states_[known] == model) return known;
      }
      work_ += work_of_a_state + number / compared_in_a_step;
      states_.push_back(&unordered_.emplace_back(std::move(model)));
      return number;
    }
  }

  struct Before {
    bool operator()(const M& one, const M& other) const { return (one <=> other) < 0; }
  };

  const Calls& calls_;
  std::vector<const M*> states_;  ///< by number; they live in one of the next two
  std::conditional_t<ordered, std::multimap<M, std::uint32_t, Before>, char> numbers_{};
  std::deque<M> unordered_;
  NumberTable steps_;
};

}  // namespace coweave::detail
