#include <coweave/props/monitors/witness.hpp>

#include <coweave/core/task.hpp>
#include <coweave/core/thread_job.hpp>
#include <coweave/props/monitors/expected.hpp>
#include <coweave/props/monitors/same_text.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <utility>

namespace coweave::detail {

using monitors::Monitor;
using monitors::Occurrence;

namespace {

/// Of what `task` does, null if no task does it.
bool is_in_thread(const TaskBase* task) noexcept { return !task && ThreadJob::runs_as_step(); }

}  // namespace

MonitorWitness::MonitorWitness(const std::vector<Monitor>& monitors, const Races& races)
    : monitors_(monitors), races_(races, run_) {
  labels_.push_back({});
  knows_causes_ = races_.looks();
  for (const Monitor& monitor : monitors_) {
    for (const Clause& clause : monitor.clauses()) {
      rules_.push_back(make_rule(monitor.name(), clause, run_));
      knows_causes_ = knows_causes_ || clause.form == Form::happens_before;
      names_tasks_ = names_tasks_ || clause.per.kind == monitors::Key::Kind::task ||
                     clause.who.kind == monitors::Key::Kind::task;
      counts_steps_ = counts_steps_ || clause.steps_max != std::numeric_limits<std::uint64_t>::max();
      hears_steps_ = hears_steps_ || clause.time_max != std::chrono::nanoseconds::max();
      add_labels(clause);
    }
  }
  hears_steps_ = hears_steps_ || knows_causes_ || counts_steps_;
  Occurrence known;
  labels_[0].concerns = concerns_of(known);
  for (std::size_t index = 1; index < labels_.size(); ++index) {
    known.label = labels_[index].text.c_str();
    labels_[index].concerns = concerns_of(known);
  }
  if (knows_causes_) heard_ = heard::all & ~heard::notes;
  if (labels_.size() > 1 || !labels_[0].concerns.empty()) heard_ |= heard::notes;
  if (names_tasks_) heard_ |= heard::tasks;
  known.label = nullptr;
  for (const Kind kind : {Kind::spawned, Kind::finished, Kind::cancel_requested}) {
    known.kind = kind;
    Concerns& concerns = of_kinds_[static_cast<std::size_t>(kind)];
    concerns = concerns_of(known);
    if (!concerns.empty()) heard_ |= heard::tasks;
  }
  known.kind = Kind::operation;
  for (std::size_t verb = 0; verb < verbs; ++verb) {
    known.verb = static_cast<Verb>(verb);
    of_verbs_[verb] = concerns_of(known);
    if (!of_verbs_[verb].empty()) heard_ |= heard::of(known.verb);
  }
}

void MonitorWitness::add_labels(const Clause& clause) {
  for (const monitors::Pattern& pattern : clause.patterns) {
    for_each_label(pattern.node(), [this](const std::string& text) {
      const bool is_known = std::any_of(labels_.begin() + 1, labels_.end(),
                                        [&](const Label& label) { return label.text == text; });
      if (!is_known) labels_.push_back({text, {}});
    });
  }
}

MonitorWitness::Concerns MonitorWitness::concerns_of(const Occurrence& known) const {
  Concerns concerns;
  std::size_t number = 0;
  for (const std::unique_ptr<Rule>& rule : rules_) {
    const Form form = rule->clause().form;
    Concern concern{rule.get(), form != Form::never && form != Form::eventually, 0, {}};
    unsigned bit = 1;
    for (const monitors::Pattern& pattern : rule->clause().patterns) {
      const Match match = may_match(pattern.node(), known);
      if (match == Match::yes) concern.certain |= bit;
      if (match == Match::maybe) concern.possible.push_back({&pattern, bit});
      bit <<= 1U;
    }
    if (concern.certain != 0 || !concern.possible.empty()) concerns.of_rules.push_back(std::move(concern));
    for (monitors::Pattern& pattern : patterns_expected_by(rule->clause())) {
      const bool may_be = may_match(pattern.node(), known) != Match::no;
      if (may_be) concerns.expected.push_back({number, std::move(pattern)});
      ++number;
    }
  }
  return concerns;
}

void MonitorWitness::watch(sim::Simulation& simulation) {
  simulation.let_witness(rules_.empty() && !races_.looks() ? nullptr : this);
}

void MonitorWitness::run_begins(sim::Simulation& simulation, Observer* next) {
  pass_on_to(next);
  run_.begin_run(simulation);
  if (knows_causes_) run_.causality.begin_run(simulation);
  if (races_.looks()) races_.begin_run();
  for (const std::unique_ptr<Rule>& rule : rules_) rule->begin_run();
  const auto expect_all = [](Concerns& concerns) { concerns.due = concerns.expected.size(); };
  for (Concerns& concerns : of_verbs_) expect_all(concerns);
  for (Concerns& concerns : of_kinds_) expect_all(concerns);
  for (Label& label : labels_) expect_all(label.concerns);
}

void MonitorWitness::step_begins(const Handle& handle) {
  if (knows_causes_) run_.causality.step_begins(handle);
  if (counts_steps_) run_.simulation().judge(sim::Judged::by_state);
  if (!run_.due()) [[likely]]
    return;
  run_.nothing_due();
  for (const std::unique_ptr<Rule>& rule : rules_) rule->woken();
}

void MonitorWitness::step_ended() {
  if (knows_causes_) run_.causality.step_ended();
}

void MonitorWitness::run_ended() {
  for (const std::unique_ptr<Rule>& rule : rules_) {
    if (!run_.failed()) rule->run_ended();
  }
}

inline MonitorWitness::Concerns& MonitorWitness::concerns_of_label(std::string_view label) {
  Known& known = known_[(reinterpret_cast<std::uintptr_t>(label.data()) >> 2U) % known_max];
  if (!same_text(known.text, label)) [[unlikely]]
    learn(known, label);
  return labels_[known.label].concerns;
}

void MonitorWitness::learn(Known& known, std::string_view label) const {
  known.text = label;
  known.label = labels_.size();
  while (--known.label > 0 && labels_[known.label].text != known.text) {
  }
}

void MonitorWitness::occurs(Concerns& concerns, const Occurrence& now) {
  if (concerns.due > 0 && pattern_listener) look_for(concerns, now);
  for (const Concern& concern : concerns.of_rules) {
    unsigned roles = concern.certain;
    for (const Concern::Role& role : concern.possible) {
      if (role.pattern->matches(now)) roles |= role.bit;
    }
    if (roles == 0 || run_.failed()) continue;
    if (concern.ordered) run_.simulation().judge(sim::Judged::by_order);
    concern.rule->seen(now, roles);
  }
}

void MonitorWitness::look_for(Concerns& concerns, const Occurrence& now) {
  for (std::size_t place = 0; place < concerns.due;) {
    Expected& one = concerns.expected[place];
    if (!one.pattern.matches(now)) {
      ++place;
      continue;
    }
    pattern_listener->occurred(one.number);
    std::swap(one, concerns.expected[--concerns.due]);
  }
}

void MonitorWitness::of_task(Kind kind, const TaskBase& task, std::source_location at) {
  Concerns& concerns = of_kinds_[static_cast<std::size_t>(kind)];
  if (concerns.empty()) return;
  Occurrence now{kind};
  now.task = &task;
  now.at = at;
  occurs(concerns, now);
}

void MonitorWitness::task_created(const TaskBase& task) {
  PassingObserver::task_created(task);
  if (knows_causes_) {
    run_.moment = run_.causality.now();
    run_.causality.task_created(task);
  }
  of_task(Kind::spawned, task);
}

void MonitorWitness::task_finished(const TaskBase& task) {
  PassingObserver::task_finished(task);
  if (knows_causes_) run_.moment = run_.causality.now();
  if (names_tasks_) run_.keep_name_of(task);
  of_task(Kind::finished, task);
}

void MonitorWitness::eager_step_ended(const TaskBase& task) {
  PassingObserver::eager_step_ended(task);
  if (knows_causes_) run_.causality.eager_step_ended(task);
}

void MonitorWitness::wanted(const Handle& handle) {
  PassingObserver::wanted(handle);
  if (knows_causes_) run_.causality.wanted(handle);
}

void MonitorWitness::unwanted(const Handle& handle) {
  PassingObserver::unwanted(handle);
  if (knows_causes_) run_.causality.dropped(handle);
}

void MonitorWitness::woken(const Handle& handle) {
  PassingObserver::woken(handle);
  if (knows_causes_) run_.causality.woken(handle);
}

void MonitorWitness::forgotten(const Handle& handle) {
  PassingObserver::forgotten(handle);
  if (knows_causes_) run_.causality.dropped(handle);
}

void MonitorWitness::operation(Verb verb, const ObjectRef& object, std::source_location at) {
  PassingObserver::operation(verb, object, at);
  if ((heard_ & heard::of(verb)) == 0) return;
  if (knows_causes_) run_.moment = run_.causality.operation(verb, object);
  Concerns& concerns = of_verbs_[static_cast<std::size_t>(verb)];
  if ((concerns.empty() && !races_.looks()) || !object.kind) return;
  const TaskBase* const task = run_.simulation().current_task();
  const Occurrence now{Kind::operation, verb, nullptr, object, {}, task, at, is_in_thread(task)};
  if (races_.looks() && !run_.failed()) races_.operation(now);
  occurs(concerns, now);
}

void MonitorWitness::cancel_requested(const TaskBase& task, std::source_location at) {
  PassingObserver::cancel_requested(task, at);
  if (knows_causes_) {
    run_.moment = run_.causality.now();
    run_.causality.cancel_requested(task);
  }
  of_task(Kind::cancel_requested, task, at);
}

void MonitorWitness::looked_at(const FutureBase& future) {
  PassingObserver::looked_at(future);
  if (knows_causes_) run_.causality.looked_at(future);
}

void MonitorWitness::touched(Access access, const ObjectRef& object) {
  PassingObserver::touched(access, object);
  if (knows_causes_) run_.causality.touched(access, object);
}

void MonitorWitness::noted(const Note& note) {
  PassingObserver::noted(note);
  if ((heard_ & heard::notes) == 0) return;
  Concerns& concerns = concerns_of_label(note.label);
  if (concerns.empty()) return;
  if (knows_causes_) run_.moment = run_.causality.now();
  const TaskBase* const task = run_.simulation().current_task();
  occurs(concerns,
         {Kind::note, Verb::read, note.label.data(), {}, note.values, task, note.at, is_in_thread(task)});
}

}  // namespace coweave::detail
