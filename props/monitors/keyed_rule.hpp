#pragma once

/// A rule that has a state for each key of its clause, and what the patterns of a clause are called by
/// number.

#include <coweave/props/monitors/rule.hpp>

namespace coweave::detail {

// The bits of `roles`, see Rule::seen.
inline constexpr unsigned first = 1U << 0U;
inline constexpr unsigned second = 1U << 1U;
inline constexpr unsigned third = 1U << 2U;

template <class State>
class KeyedRule : public Rule {
 public:
  KeyedRule(const std::string& name, const Clause& clause, RunView& run) : Rule(name, clause, run) {}
  void begin_run() override { states_.clear(); }
  void seen(const monitors::Occurrence& now, unsigned roles) final {
    const monitors::Key key = clause().per;
    if (key.kind == monitors::Key::Kind::none) return take(states_.of_all(), now, roles);
    with_key(key, now, [&](const NoteValue& value) { take(states_.of(value), now, roles); });
  }

 protected:
  virtual void take(State& state, const monitors::Occurrence& now, unsigned roles) = 0;

  [[nodiscard]] States<State>& states() noexcept { return states_; }

 private:
  States<State> states_;
};

}  // namespace coweave::detail
