/// The rule of happens_before: whether what comes later knows of what came earlier.

#include <coweave/props/monitors/rule.hpp>

#include <algorithm>

namespace coweave::detail {

using monitors::Key;
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

class HappensBefore final : public Rule {
 public:
  HappensBefore(const std::string& name, const Clause& clause, RunView& run) : Rule(name, clause, run) {}
  void begin_run() override { states_.clear(); }

  void seen(const Occurrence& now, unsigned roles) override {
    const Key key = clause().per;
    const std::optional<NoteValue> value = key_of(key, now);
    if (!value && key.kind != Key::Kind::none) return;
    Earlier& earlier = states_.of(value);
    if (roles & 2U) require_ordered(earlier, now);
    if (roles & 1U) keep(earlier, now);
  }

 private:
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

  States<Earlier> states_;
};

}  // namespace

std::unique_ptr<Rule> make_causal_rule(const std::string& name, const Clause& clause, RunView& run) {
  return std::make_unique<HappensBefore>(name, clause, run);
}

}  // namespace coweave::detail
