/// Rules that need to know only what came before: never, precedes, never_between, exclusive, count.

#include <coweave/props/monitors/keyed_rule.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace coweave::detail {

using monitors::Occurrence;

namespace {

class Never final : public Rule {
 public:
  Never(const std::string& name, const Clause& clause, RunView& run) : Rule(name, clause, run) {}
  void begin_run() override {}
  void seen(const Occurrence& now, unsigned) override { broken(to_string(now), {}, &now); }
};

struct Seen {
  bool is = false;
  void reset() noexcept { is = false; }
};

class Precedes final : public KeyedRule<Seen> {
 public:
  using KeyedRule::KeyedRule;

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

class NeverBetween final : public KeyedRule<Open> {
 public:
  using KeyedRule::KeyedRule;

 private:
  void take(Open& open, const Occurrence& now, unsigned roles) override {
    if (roles & second) open.is = false;
    if ((roles & third) && open.is)
      broken(to_string(now) + ", between " + text_of(0) + " and " + text_of(1), {&open.since, 1}, &now);
    if (roles & first) open = {true, run().remember(now)};
  }
};

class Exclusive final : public KeyedRule<Open> {
 public:
  using KeyedRule::KeyedRule;

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
  std::array<std::vector<Memo>, 2> memos{};  ///< of each that was counted, where the run is recorded
  void reset() noexcept {
    of = {};
    for (std::vector<Memo>& side : memos) side.clear();
  }
};

class Compares final : public KeyedRule<Counts> {
 public:
  using KeyedRule::KeyedRule;

 private:
  void take(Counts& counts, const Occurrence& now, unsigned roles) override {
    if (roles & first) ++counts.of[0];
    if (roles & second) ++counts.of[1];
    if (counts.of[0] - counts.of[1] > clause().bound)
      return broken(to_string(now) + ", after which " + in_words(counts), too_many(counts), &now);
    if (!run().recording()) return;
    for (const std::size_t side : {0U, 1U}) {
      if (roles & (1U << side)) counts.memos[side].push_back(run().remember(now));
    }
  }

  /// Those before the last by which the first side is too large, and what was counted of the other since.
  [[nodiscard]] std::vector<Memo> too_many(const Counts& counts) const {
    const auto& [less, more] = counts.memos;
    const auto before = std::min(static_cast<std::size_t>(clause().bound), less.size());
    if (before == 0) return {};
    std::vector<Memo> memos(less.end() - static_cast<std::ptrdiff_t>(before), less.end());
    memos.insert(memos.end(), std::upper_bound(more.begin(), more.end(), memos.front()), more.end());
    return memos;
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
