#include <coweave/props/workers/isolated.hpp>

#include <coweave/core/check.hpp>
#include <coweave/props/workers/choice_keeper.hpp>
#include <coweave/props/workers/order_message.hpp>
#include <coweave/sim/passing_policy.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/sim/recording/replay.hpp>
#include <coweave/traces/read.hpp>
#include <coweave/traces/write.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <sstream>
#include <string_view>
#include <utility>

namespace coweave::detail {

namespace {

using traces::VerdictKind;

/// Follows a schedule, and says of each choice within a step which step and what for, in a line: what a
/// process can still say that ends in the middle of a step.
class Telling final : public sim::Policy {
 public:
  Telling(const sim::Schedule& schedule, const sim::Simulation& simulation, int pipe)
      : simulation_(simulation), pipe_(pipe) {
    replay_.follow(schedule);
  }

  [[nodiscard]] std::string_view name() const override { return replay_.name(); }
  bool begin_run(std::uint64_t run) override { return replay_.begin_run(run); }
  std::uint32_t pick(const sim::ChoicePoint& point) override {
    const std::uint32_t taken = replay_.pick(point);
    if (in_step(point)) {
      const std::string line = std::to_string(simulation_.steps()) + " " + std::to_string(point.options) +
                               " " + std::to_string(taken) + " " + label_of(point) + "\n";
      write_all(pipe_, line.data(), line.size());
    }
    return taken;
  }

 private:
  sim::LooseReplay replay_;
  const sim::Simulation& simulation_;
  int pipe_;
};

/// Keeps what a search has left out as soon as it has.
class LeavingOut final : public sim::PassingPolicy {
 public:
  LeavingOut(const Search& search, BlackBox& box) noexcept
      : PassingPolicy(search.policy), search_(search), box_(box) {}

  std::uint32_t pick(const sim::ChoicePoint& point) override {
    const std::uint32_t taken = policy_.pick(point);
    box_.note_complete(search_.left_out_nothing());
    return taken;
  }

 private:
  const Search& search_;
  BlackBox& box_;
};

/// Of a run that is ended before the step that ends its process: asks the policy also for what that step
/// chose, and tells it of the whole run.
class AsIfWhole final : public sim::PassingPolicy {
 public:
  AsIfWhole(sim::Policy& policy, const sim::Schedule& whole) noexcept
      : PassingPolicy(policy), whole_(whole) {}

  void end_run(std::span<const sim::Choice> schedule) override {
    for (std::size_t index = schedule.size(); index < whole_.size(); ++index) {
      const sim::Choice& choice = whole_[index];
      if (choice.kind() == sim::ChoiceKind::next) break;  // it is not the run that is known
      policy_.pick({choice.kind(), choice.options(), {}, ""});
    }
    policy_.end_run(whole_);
  }

 private:
  const sim::Schedule& whole_;
};

sim::Failure crash() {
  sim::Failure failure;
  failure.kind = VerdictKind::crash;
  return failure;
}

/// Adds what the step that ended the process chose. What it did nobody knows.
void complete_last(sim::Order& order, std::span<const sim::Choice> chosen) {
  order.back().operations = {sim::Operation{}};
  for (const sim::Choice& choice : chosen) {
    if (choice.kind() == sim::ChoiceKind::random || choice.kind() == sim::ChoiceKind::fault)
      order.back().numbers.push_back(choice.taken);
    else if (choice.kind() == sim::ChoiceKind::late && order.size() > 1)
      order[order.size() - 2].late.push_back(choice.taken);  // it counts as behind the last that ended
  }
}

}  // namespace

Isolated::Isolated(const sim::Scenario& scenario, const traces::Settings& settings, const Options& options)
    : scenario_(scenario),
      simulation_(settings),
      witness_(options.monitors, options.races),
      limit_(2 * options.step_wall_time_max) {
  witness_.watch(simulation_);
}

Attempt Isolated::run(const Body& body) {
  Attempt attempt;
  box_.work_begins(0);
  Child child([&](int pipe) {
    box_.guard(simulation_);
    const auto end = static_cast<char>(body(pipe));
    box_.keep(simulation_);
    write_all(pipe, &end, 1);
  });
  attempt.ending = child.read_all(limit_, attempt.said, [this] { return box_.run(); });
  const char end = attempt.said.empty() ? '\0' : attempt.said.back();
  const bool complete = end == static_cast<char>(End::passed) || end == static_cast<char>(End::failed) ||
                        end == static_cast<char>(End::cut_short);
  if (attempt.ending == Ending{} && complete) {
    attempt.failed = end == static_cast<char>(End::failed);
    attempt.cut_short = end == static_cast<char>(End::cut_short);
    attempt.said.pop_back();
  } else {
    attempt.ending = attempt.ending.before_its_end();
  }
  attempt.steps = box_.steps();
  if (attempt.crashed() && !box_.foreseen()) attempt.steps = std::max<std::uint64_t>(attempt.steps, 1);
  attempt.spawned = box_.spawned();
  attempt.schedule = box_.schedule();
  return attempt;
}

/// A run for which `begin_run` of the policy has been called.
Isolated::End Isolated::run_kept(sim::Policy& policy) {
  ChoiceKeeper keeper(policy, simulation_, box_);
  keeper.begins();
  const bool failed = simulation_.run(scenario_, keeper) != nullptr;
  return simulation_.interrupted() ? End::cut_short : failed ? End::failed : End::passed;
}

Attempt Isolated::run(sim::Policy& policy) {
  return run([&](int) {
    policy.begin_run(1);
    return run_kept(policy);
  });
}

Attempt Isolated::look(sim::Policy& policy, sim::Order& order) {
  order.clear();
  Attempt attempt = run([&](int pipe) {
    sim::TakeDownOrder look(policy);
    look.begin_run(1);
    const End end = run_kept(look);
    if (end != End::passed) return end;
    const std::string message = to_message(look.order());
    write_all(pipe, message.data(), message.size());
    return end;
  });
  if (!attempt.said.empty() && !attempt.crashed()) order = order_of_message(attempt.said.data());
  return attempt;
}

Attempt Isolated::follow(const sim::Schedule& schedule) {
  return run([&](int pipe) {
    Telling policy(schedule, simulation_, pipe);
    policy.begin_run(1);
    return run_kept(policy);
  });
}

Attempt Isolated::search(const Search& search, const std::vector<Crashing>& known) {
  return run([&](int) { return search_kept(search, known); });
}

Isolated::End Isolated::search_kept(const Search& search, const std::vector<Crashing>& known) {
  LeavingOut policy(search, box_);
  box_.note_complete(search.left_out_nothing());
  auto crashing = known.begin();
  for (std::uint64_t run = 1; search.policy.begin_run(run); ++run) {
    if (search.over(run)) return End::cut_short;
    box_.run_begins(run);
    const bool known_to_crash = crashing != known.end() && crashing->run == run;
    if (known_to_crash ? !pass_by(search, *crashing++) : run_kept(policy) == End::cut_short)
      return End::cut_short;
    box_.note_complete(search.left_out_nothing());
  }
  return End::passed;
}

/// A run that ends where it would end the process. False: it was another.
bool Isolated::pass_by(const Search& search, const Crashing& known) {
  AsIfWhole policy(search.policy, known.schedule);
  const bool crashes = run_to_crash(policy, known.steps, known.schedule);
  simulation_.crashes_in(0, {});
  return crashes;
}

/// One run, which ends where step `step` would end the process. Whether it came to that, and began as
/// `schedule` does.
bool Isolated::run_to_crash(sim::Policy& policy, std::uint64_t step, const sim::Schedule& schedule) {
  simulation_.crashes_in(step, crash());
  const sim::Failure* failure = simulation_.run(scenario_, policy);
  const sim::Schedule& made = simulation_.schedule();
  return failure && failure->kind == VerdictKind::crash && made.size() <= schedule.size() &&
         std::equal(made.begin(), made.end(), schedule.begin());
}

sim::Order Isolated::order_of(const Attempt& attempt) {
  if (attempt.steps == 0) return {};
  std::string text;
  const auto body = [&]() -> std::string {
    sim::LooseReplay replay;
    replay.follow(attempt.schedule);
    sim::TakeDownOrder look(replay);
    look.begin_run(1);
    simulation_.let_interrupt({});
    const bool crashes = run_to_crash(look, attempt.steps, attempt.schedule);
    sim::Order order = look.take();
    if (!crashes || order.size() != attempt.steps) return {};
    complete_last(order, std::span(attempt.schedule).subspan(simulation_.schedule().size()));
    return to_message(order);
  };
  if (in_child(body, limit_, text) != Ending{} || text.empty()) return {};
  return order_of_message(text.data());
}

std::string Isolated::who_takes(sim::Policy& policy, std::uint64_t step) {
  std::string name;
  const auto body = [&] { return actor_of_step(simulation_, scenario_, policy, step); };
  return in_child(body, limit_, name) == Ending{} ? name : std::string();
}

traces::Trace Isolated::record(const sim::Schedule& schedule, const Attempt& attempt,
                               const Provenance& provenance) {
  sim::Failure failure = crash();
  failure.message = "the process " + attempt.ending.in_words() +
                    (attempt.steps == 0 ? " before the first step" : " in this step");
  traces::Trace trace;
  provenance.put_on(trace);
  trace.settings = simulation_.settings();
  trace.verdict.kind = failure.kind;
  trace.verdict.message = failure.message;
  if (attempt.steps == 0) return trace;
  std::string text;
  const Ending ending = in_child(
      [&] {
        sim::Recorder recorder;
        sim::LooseReplay policy;
        policy.follow(schedule);
        policy.begin_run(1);
        simulation_.crashes_in(attempt.steps, failure);
        simulation_.run(scenario_, policy, &recorder);
        provenance.put_on(recorder.trace());
        return traces::write_trace(recorder.trace());
      },
      limit_, text);
  // What leads to the step may have damaged memory; then there is no more to tell than that.
  if (ending != Ending{}) return trace;
  traces::ReadResult read = traces::read_trace(text);
  COWEAVE_INTERNAL_CHECK(read, "a trace that was just written can be read");
  trace = std::move(*read.trace);
  std::istringstream lines(attempt.said);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    traces::Choice choice;
    words >> choice.step >> choice.options >> choice.taken;
    std::getline(words.ignore(1), choice.label);
    if (choice.step == attempt.steps) trace.choices.push_back(std::move(choice));
  }
  return trace;
}

}  // namespace coweave::detail
