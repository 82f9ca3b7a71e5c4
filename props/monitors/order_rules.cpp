/// Rules that need to know only what came before: never, precedes, never_between, exclusive, count.

#include <coweave/props/monitors/rule.hpp>

#include <array>

namespace coweave::detail {

using monitors::Key;
using monitors::Occurrence;

namespace {

constexpr unsigned first = 1U << 0U;
constexpr unsigned second = 1U << 1U;
constexpr unsigned third = 1U << 2U;

class Never final : public Rule {
 public:
  Never(const std::string& name, const Clause& clause, RunView& run) : Rule(name, clause, run) {}
  void begin_run() override {}
  void seen(const Occurrence& now, unsigned) override { broken(to_string(now), {}, &now); }
};

/// A rule with a state for each key.
template <class State>
class Keyed : public Rule {
 public:
  Keyed(const std::string& name, const Clause& clause, RunView& run) : Rule(name, clause, run) {}
  void begin_run() final { states_.clear(); }
  void seen(const Occurrence& now, unsigned roles) final {
    const Key key = clause().per;
    const std::optional<NoteValue> value = key_of(key, now);
    if (value || key.kind == Key::Kind::none) take(states_.of(value), now, roles);
  }

 protected:
  virtual void take(State& state, const Occurrence& now, unsigned roles) = 0;

 private:
  States<State> states_;
};

struct Seen {
  bool is = false;
  void reset() noexcept { is = false; }
};

class Precedes final : public Keyed<Seen> {
 public:
  using Keyed::Keyed;

 private:
  void take(Seen& earlier, const Occurrence& now, unsigned roles) override {
    if (roles & first) earlier.is = true;
    if ((roles & second) && !earlier.is)
      broken(to_string(now) + ", with no " + text_of(0) + " before it", {}, &now);
  }
};

struct Open {
  bool is = false;
  Memo since = 0;
  void reset() noexcept { *this = {}; }
};

class NeverBetween final : public Keyed<Open> {
 public:
  using Keyed::Keyed;

 private:
  void take(Open& open, const Occurrence& now, unsigned roles) override {
    if (roles & second) open.is = false;
    if ((roles & third) && open.is)
      broken(to_string(now) + ", between " + text_of(0) + " and " + text_of(1), {&open.since, 1}, &now);
    if (roles & first) open = {true, run().remember(now)};
  }
};

class Exclusive final : public Keyed<Open> {
 public:
  using Keyed::Keyed;

 private:
  void take(Open& inside, const Occurrence& now, unsigned roles) override {
    if (roles & second) inside.is = false;
    if (!(roles & first)) return;
    if (inside.is)
      broken(to_string(now) + ", with no " + text_of(1) + " since the last " + text_of(0), {&inside.since, 1},
             &now);
    inside = {true, run().remember(now)};
  }
};

struct Counts {
  std::array<std::int64_t, 2> of{};
  std::array<Memo, 2> last{};
  void reset() noexcept { *this = {}; }
};

class Compares final : public Keyed<Counts> {
 public:
  using Keyed::Keyed;

 private:
  void take(Counts& counts, const Occurrence& now, unsigned roles) override {
    if (roles & first) ++counts.of[0];
    if (roles & second) ++counts.of[1];
    if (counts.of[0] - counts.of[1] > clause().bound)
      return broken(to_string(now) + ", after which " + in_words(counts), counts.last, &now);
    for (const std::size_t side : {0U, 1U}) {
      if (roles & (1U << side)) counts.last[side] = run().remember(now);
    }
  }

  [[nodiscard]] std::string in_words(const Counts& counts) const {
    std::string text;
    for (const std::size_t side : {0U, 1U}) {
      if (clause().patterns[side].node().kind == PatternNode::Kind::nothing) continue;
      text += (text.empty() ? "count(" : " and count(") + text_of(side) + ") is " +
              std::to_string(counts.of[side]);
    }
    return text;
  }
};

}  // namespace

std::unique_ptr<Rule> make_order_rule(const std::string& name, const Clause& clause, RunView& run) {
  switch (clause.form) {
    case Form::never:
      return std::make_unique<Never>(name, clause, run);
    case Form::precedes:
      return std::make_unique<Precedes>(name, clause, run);
    case Form::never_between:
      return std::make_unique<NeverBetween>(name, clause, run);
    case Form::exclusive:
      return std::make_unique<Exclusive>(name, clause, run);
    default:
      return std::make_unique<Compares>(name, clause, run);
  }
}

}  // namespace coweave::detail
