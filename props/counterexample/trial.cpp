#include <coweave/props/counterexample/trial.hpp>

#include <coweave/sim/recording/recorder.hpp>

#include <algorithm>
#include <vector>

namespace coweave {

Trial::Outcome TrialHere::run_begun(sim::Policy& policy) {
  const sim::Failure* failure = simulation_.run(scenario_, policy);
  if (simulation_.interrupted()) return Outcome::cut_short;
  if (!failure) return Outcome::passed;
  return failure->kind == kind_ && failure->signature == signature_ ? Outcome::alike : Outcome::otherwise;
}

Trial::Outcome TrialHere::run(sim::Policy& policy) {
  policy.begin_run(1);
  return run_begun(policy);
}

Trial::Outcome TrialHere::look(sim::Policy& policy) {
  sim::TakeDownOrder look(policy);
  look.begin_run(1);
  const Outcome outcome = run_begun(look);
  order_ = look.take();
  return outcome;
}

Searched TrialHere::search(const Search& search) {
  Searched searched;
  while (search.policy.begin_run(searched.runs + 1)) {
    if (search.over(searched.runs + 1)) return searched;
    ++searched.runs;
    const Outcome outcome = run_begun(search.policy);
    if (outcome == Outcome::cut_short) return searched;
    searched.found = outcome == Outcome::alike;
    if (searched.found) break;
  }
  searched.complete = search.left_out_nothing();
  return searched;
}

std::string TrialHere::who_takes(sim::Policy& policy, std::uint64_t step) {
  return detail::actor_of_step(simulation_, scenario_, policy, step);
}

namespace detail {

EndingAt::EndingAt(sim::Simulation& simulation, const Deadline& deadline) : simulation_(simulation) {
  if (deadline.bounded()) simulation_.let_interrupt([&deadline] { return deadline.passed(); });
}

EndingAt::~EndingAt() { simulation_.let_interrupt({}); }

std::string actor_of_step(sim::Simulation& simulation, const sim::Scenario& scenario, sim::Policy& policy,
                          std::uint64_t step) {
  sim::Recorder recorder;
  policy.begin_run(1);
  simulation.run(scenario, policy, &recorder);
  const std::vector<traces::Event>& events = recorder.trace().events;
  const auto run = std::find_if(events.begin(), events.end(), [step](const traces::Event& event) {
    return event.kind == traces::EventKind::run && event.step == step;
  });
  return run == events.end() ? std::string() : run->actor;
}

}  // namespace detail
}  // namespace coweave
