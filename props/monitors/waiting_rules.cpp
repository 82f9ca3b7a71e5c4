/// Rules of liveness: something has to occur, at the latest before the run ends.

#include <coweave/props/monitors/keyed_rule.hpp>
#include <coweave/props/options.hpp>
#include <coweave/traces/words.hpp>

#include <algorithm>
#include <limits>

namespace coweave::detail {

using monitors::Key;
using monitors::Occurrence;

namespace {

/// What is waited for, since when.
struct Wait {
  bool is = false;
  std::int64_t since_ns = 0;
  std::uint64_t since_step = 0;
  Memo cause = 0;
  std::source_location at = {};  ///< of the cause; without one, of the monitor
  void reset() noexcept { *this = {}; }
};

class Waiting final : public KeyedRule<Wait> {
 public:
  using KeyedRule::KeyedRule;

  void begin_run() override {
    KeyedRule::begin_run();
    if (clause().form == Form::eventually) begin(states().of_all(), 0, clause().at);
  }

  void woken() override {
    visit([&](const KeyValue* key, Wait& wait) {
      const Due due = due_of(wait);
      const sim::Simulation& simulation = run().simulation();
      if (run().simulation().time().count() > due.ns) {
        complain(key, wait, " within " + duration_text(clause().time_max));
      } else if (simulation.steps() > due.step) {
        complain(key, wait, " within " + traces::counted(clause().steps_max, "step"));
      } else {
        run().wake_at(due.ns, due.step);
      }
    });
  }

  void run_ended() override {
    visit([&](const KeyValue* key, Wait& wait) { complain(key, wait, " before the run ended"); });
  }

 private:
  struct Due {
    std::int64_t ns;
    std::uint64_t step;
  };

  void take(Wait& wait, const Occurrence& now, unsigned roles) override {
    if (roles & ends()) wait.is = false;
    if ((roles & causes()) && !wait.is) begin(wait, run().remember(now), place_of(now));
  }

  [[nodiscard]] unsigned causes() const { return clause().form == Form::leads_to ? first : 0U; }
  [[nodiscard]] unsigned ends() const { return clause().form == Form::leads_to ? ~first : first; }

  template <class Visit>
  void visit(Visit visit) {
    states().for_each(clause().per.kind != Key::Kind::none, [&](const KeyValue* key, Wait& wait) {
      if (wait.is && !run().failed()) visit(key, wait);
    });
  }

  void begin(Wait& wait, Memo cause, std::source_location at) {
    wait = {true, run().simulation().time().count(), run().simulation().steps(), cause, at};
    const Due due = due_of(wait);
    run().wake_at(due.ns, due.step);
  }

  /// What went wrong on purpose takes time to get over.
  [[nodiscard]] Due due_of(const Wait& wait) const {
    const sim::Simulation& simulation = run().simulation();
    const std::int64_t ns = std::max<std::int64_t>(wait.since_ns, simulation.last_injection_time().count());
    const std::uint64_t step = std::max(wait.since_step, simulation.last_injection());
    constexpr std::int64_t never_ns = std::numeric_limits<std::int64_t>::max();
    constexpr std::uint64_t never_step = std::numeric_limits<std::uint64_t>::max();
    const std::int64_t more_ns = clause().time_max.count();
    const std::uint64_t more_steps = clause().steps_max;
    return {ns > never_ns - more_ns ? never_ns : ns + more_ns,
            step > never_step - more_steps ? never_step : step + more_steps};
  }

  void complain(const KeyValue* key, const Wait& wait, const std::string& when) const {
    std::string what;
    if (clause().form == Form::eventually) {
      what = "no " + text_of(0) + " occurred" + when;
    } else {
      what = "no " + text_of(1) + " occurred after " + text_of(0);
      if (key) what += " of " + key_text(clause().per, key->view());
      what += when;
    }
    broken(what, {&wait.cause, 1}, nullptr, wait.at);
  }
};

}  // namespace

std::unique_ptr<Rule> make_waiting_rule(const std::string& name, const Clause& clause, RunView& run) {
  return std::make_unique<Waiting>(name, clause, run);
}

}  // namespace coweave::detail
