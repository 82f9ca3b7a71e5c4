#include <coweave/traces/records.hpp>

#include <coweave/traces/invalid.hpp>
#include <coweave/traces/members.hpp>
#include <coweave/traces/names.hpp>
#include <coweave/traces/printable.hpp>
#include <coweave/traces/scalars.hpp>

#include <fmt/format.h>

#include <optional>
#include <span>
#include <string_view>

namespace coweave::traces {

namespace {

Wait read_wait(const Value& value, const std::string& place) {
  const Members members(value, place, {"task", "what", "object", "on_task", "held_by", "stack"});
  Wait wait;
  wait.task = members.text("task");
  wait.what = members.text("what");
  wait.object = members.object_if_any("object");
  wait.on_task = members.text_if_any("on_task");
  wait.held_by = members.list_if_any("held_by", read_text);
  wait.stack = members.list_if_any("stack", read_site);
  return wait;
}

Argument read_argument(const Value& value, const std::string& place) {
  const Members members(value, place, {"type", "value"});
  return {members.text("type"), members.text("value")};
}

template <class Enum>
Enum read_name(const Members& members, std::optional<Enum> (*find)(std::string_view) noexcept,
               std::span<const std::string_view> names) {
  const std::string name = members.text("kind");
  if (const auto kind = find(name)) return *kind;
  throw Invalid(members.place("kind"), fmt::format("{} is none of {}", quoted(name), one_of(names)));
}

}  // namespace

Settings read_settings(const Value& value, const std::string& place) {
  const Members members(
      value, place,
      {"steps_max", "time_max_ns", "tasks_max", "step_cost_ns", "cancellations_max", "leaks_allowed",
       "jitter_ns", "scheduling_points", "faults_max", "fault_labels", "sweep", "may_be_held"});
  Settings settings;
  settings.steps_max = members.number("steps_max", uint64_max);
  settings.time_max_ns = members.nanoseconds("time_max_ns");
  settings.tasks_max = members.number("tasks_max", uint64_max);
  settings.step_cost_ns = members.nanoseconds("step_cost_ns");
  settings.cancellations_max = members.number32("cancellations_max");
  settings.leaks_allowed = members.truth("leaks_allowed");
  settings.jitter_ns = members.nanoseconds_if_any("jitter_ns");
  if (const std::string name = members.text_if_any("scheduling_points"); !name.empty()) {
    const auto points = scheduling_points(name);
    if (!points || *points == SchedulingPoints::suspensions)
      throw Invalid(
          members.place("scheduling_points"),
          fmt::format("{} is none of {}", quoted(name), one_of(scheduling_points_names().subspan(1))));
    settings.scheduling_points = *points;
  }
  settings.faults_max = members.number32_or("faults_max", settings.faults_max);
  settings.fault_labels = members.list_if_any("fault_labels", read_text);
  if (const std::string name = members.text_if_any("sweep"); !name.empty()) {
    const auto kind = sweep_kind(name);
    if (!kind || *kind == SweepKind::none)
      throw Invalid(members.place("sweep"),
                    fmt::format("{} is none of {}", quoted(name), one_of(sweep_kind_names().subspan(1))));
    settings.sweep = *kind;
  }
  settings.may_be_held = members.list_if_any("may_be_held", read_text);
  return settings;
}

Generated read_generated(const Value& value, const std::string& place) {
  const Members members(value, place, {"seed", "size", "shrinks", "arguments"});
  Generated generated;
  generated.seed = read_seed(members.required("seed"), members.place("seed"));
  generated.size = members.number32("size");
  generated.shrinks = members.list_if_any("shrinks", [](const Value& taken, const std::string& at) {
    return static_cast<std::uint32_t>(read_number(taken, at, uint32_max));
  });
  generated.arguments = members.list_if_any("arguments", read_argument);
  return generated;
}

Task read_task(const Value& value, const std::string& place) {
  const Members members(value, place, {"id", "name", "spawned"});
  return {members.text("id"), members.text("name"), members.site_if_known("spawned")};
}

Object read_object(const Value& value, const std::string& place) {
  const Members members(value, place, {"id", "kind", "name"});
  return {members.number32("id"), members.text("kind"), members.text_if_any("name")};
}

Choice read_choice(const Value& value, const std::string& place) {
  const Members members(value, place, {"step", "label", "options", "taken", "picked", "preempted", "at"});
  Choice choice;
  choice.step = members.number("step", uint64_max);
  choice.label = members.text("label");
  choice.options = members.number32("options");
  choice.taken = members.number32("taken");
  choice.picked = members.text_if_any("picked");
  choice.preempted = members.text_if_any("preempted");
  choice.at = members.site_if_known("at");
  return choice;
}

Event read_event(const Value& value, const std::string& place) {
  const Members members(value, place, {"step", "time_ns", "actor", "kind", "object", "target", "text", "at"});
  Event event;
  event.step = members.number("step", uint64_max);
  event.time_ns = members.nanoseconds("time_ns");
  event.actor = members.text("actor");
  event.kind = read_name(members, &event_kind, event_kind_names());
  event.object = members.object_if_any("object");
  event.target = members.text_if_any("target");
  event.text = members.text_if_any("text");
  event.at = members.site_if_known("at");
  return event;
}

Verdict read_verdict(const Value& value, const std::string& place) {
  const Members members(
      value, place, {"kind", "message", "task", "step", "time_ns", "at", "stack", "shape", "cycle", "waits"});
  Verdict verdict;
  verdict.kind = read_name(members, &verdict_kind, verdict_kind_names());
  verdict.message = members.text_if_any("message");
  verdict.task = members.text_if_any("task");
  verdict.step = members.number("step", uint64_max);
  verdict.time_ns = members.nanoseconds("time_ns");
  verdict.at = members.site_if_known("at");
  verdict.stack = members.list_if_any("stack", read_site);
  verdict.shape = members.text_if_any("shape");
  verdict.cycle = members.list_if_any("cycle", read_text);
  verdict.waits = members.list_if_any("waits", read_wait);
  return verdict;
}

}  // namespace coweave::traces
