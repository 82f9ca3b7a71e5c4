#include <coweave/traces/facts.hpp>

#include <coweave/traces/names.hpp>
#include <coweave/traces/site.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace coweave::traces {

namespace {

std::string listed(const std::vector<std::string>& parts) {
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

std::string listed(const std::vector<Site>& sites) {
  std::vector<std::string> parts;
  for (const Site& site : sites) parts.push_back(to_string(site));
  return listed(parts);
}

}  // namespace

Facts facts(const Settings& settings) {
  return {{"steps_max", std::to_string(settings.steps_max)},
          {"time_max_ns", std::to_string(settings.time_max_ns)},
          {"tasks_max", std::to_string(settings.tasks_max)},
          {"step_cost_ns", std::to_string(settings.step_cost_ns)},
          {"cancellations_max", std::to_string(settings.cancellations_max)},
          {"leaks_allowed", settings.leaks_allowed ? "true" : "false"},
          {"jitter_ns", std::to_string(settings.jitter_ns)},
          {"scheduling_points", std::string(to_string(settings.scheduling_points))},
          {"faults_max", std::to_string(settings.faults_max)},
          {"fault_labels", listed(settings.fault_labels)},
          {"sweep", std::string(to_string(settings.sweep))},
          {"may_be_held", listed(settings.may_be_held)}};
}

Facts facts(const Generated& generated) {
  std::vector<std::string> shrinks;
  for (const std::uint32_t taken : generated.shrinks) shrinks.push_back(std::to_string(taken));
  Facts result{{"seed", std::to_string(generated.seed)},
               {"size", std::to_string(generated.size)},
               {"shrinks", listed(shrinks)}};
  for (const Argument& argument : generated.arguments) result.emplace_back(argument.type, argument.value);
  return result;
}

Facts facts(const Task& task) {
  return {{"id", task.id}, {"name", task.name}, {"spawned", to_string(task.spawned)}};
}

Facts facts(const Object& object) {
  return {{"id", std::to_string(object.id)}, {"kind", object.kind}, {"name", object.name}};
}

Facts facts(const Choice& choice) {
  return {{"step", std::to_string(choice.step)},
          {"label", choice.label},
          {"options", std::to_string(choice.options)},
          {"taken", std::to_string(choice.taken)},
          {"picked", choice.picked},
          {"preempted", choice.preempted},
          {"at", to_string(choice.at)}};
}

Facts facts(const Event& event) {
  return {{"step", std::to_string(event.step)},
          {"time_ns", std::to_string(event.time_ns)},
          {"actor", event.actor},
          {"kind", std::string(to_string(event.kind))},
          {"object", std::to_string(event.object)},
          {"target", event.target},
          {"text", event.text},
          {"at", to_string(event.at)}};
}

Facts facts(const Verdict& verdict) {
  Facts result{{"kind", std::string(to_string(verdict.kind))},
               {"message", verdict.message},
               {"task", verdict.task},
               {"step", std::to_string(verdict.step)},
               {"time_ns", std::to_string(verdict.time_ns)},
               {"at", to_string(verdict.at)},
               {"stack", listed(verdict.stack)},
               {"shape", verdict.shape},
               {"cycle", listed(verdict.cycle)}};
  for (const Wait& wait : verdict.waits) {
    std::string value = wait.what;
    if (wait.object != 0) value += fmt::format(", object {}", wait.object);
    if (!wait.on_task.empty()) value += ", on task " + wait.on_task;
    if (!wait.held_by.empty()) value += ", held by " + listed(wait.held_by);
    if (!wait.stack.empty()) value += ", at " + listed(wait.stack);
    result.emplace_back("wait of " + wait.task, std::move(value));
  }
  return result;
}

Facts origin(const Trace& trace) {
  return {{"scenario", trace.scenario},
          {"policy", trace.policy},
          {"seed", std::to_string(trace.seed)},
          {"run", std::to_string(trace.run)}};
}

}  // namespace coweave::traces
