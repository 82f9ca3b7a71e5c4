/// The rule of happens_before: whether what comes later knows of what came earlier.

#include <coweave/props/monitors/keyed_rule.hpp>

#include <algorithm>

namespace coweave::detail {

using monitors::Occurrence;

namespace {

/// The last moment of each actor in which an earlier one occurred: who knows that knows those before.
struct Earlier {
  struct Last {
    sim::Moment moment;
    Memo memo = 0;
  };
  std::vector<Last> of_actors;
  void reset() noexcept { of_actors.clear(); }
};

class HappensBefore final : public KeyedRule<Earlier> {
 public:
  using KeyedRule::KeyedRule;

 private:
  void take(Earlier& earlier, const Occurrence& now, unsigned roles) override {
    if (roles & second) require_ordered(earlier, now);
    if (roles & first) keep(earlier, now);
  }

  void require_ordered(const Earlier& earlier, const Occurrence& now) const {
    if (earlier.of_actors.empty())
      return broken(to_string(now) + ", with no " + text_of(0) + " before it", {}, &now);
    for (const Earlier::Last& last : earlier.of_actors) {
      if (run().causality.knows(last.moment)) continue;
      return broken(
          to_string(now) + ", which nothing orders after " + text_of(0) + ": with other luck it comes first",
          {&last.memo, 1}, &now);
    }
  }

  void keep(Earlier& earlier, const Occurrence& now) {
    const sim::Moment moment = run().moment;
    const auto known =
        std::find_if(earlier.of_actors.begin(), earlier.of_actors.end(),
                     [&](const Earlier::Last& last) { return last.moment.actor == moment.actor; });
    const Earlier::Last last{moment, run().remember(now)};
    if (known == earlier.of_actors.end()) {
      earlier.of_actors.push_back(last);
    } else {
      *known = last;
    }
  }
};

}  // namespace

std::unique_ptr<Rule> make_causal_rule(const std::string& name, const Clause& clause, RunView& run) {
  return std::make_unique<HappensBefore>(name, clause, run);
}

}  // namespace coweave::detail
