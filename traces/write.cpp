#include <coweave/traces/write.hpp>

#include <coweave/traces/limits.hpp>
#include <coweave/traces/names.hpp>
#include <coweave/traces/site.hpp>
#include <coweave/traces/utf8.hpp>

#include <fmt/format.h>

#include <string_view>

namespace coweave::traces {

namespace {

std::string json_string(std::string_view bytes) {
  const std::string text = to_utf8(bytes);
  std::string result = "\"";
  for (const char character : text) {
    switch (character) {
      case '"':
        result += "\\\"";
        break;
      case '\\':
        result += "\\\\";
        break;
      case '\b':
        result += "\\b";
        break;
      case '\f':
        result += "\\f";
        break;
      case '\n':
        result += "\\n";
        break;
      case '\r':
        result += "\\r";
        break;
      case '\t':
        result += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(character) < 0x20) {
          result += fmt::format("\\u{:04x}", static_cast<unsigned char>(character));
        } else {
          result += character;
        }
    }
  }
  return result + "\"";
}

std::string number(std::uint64_t value) {
  return value > number_max ? fmt::format("\"{}\"", value) : fmt::format("{}", value);
}

std::string number(std::int64_t value) {
  return value < 0 ? fmt::format("{}", value) : number(static_cast<std::uint64_t>(value));
}

template <class List, class Show>
std::string in_one_line(const List& list, Show show) {
  std::string result = "[";
  for (const auto& entry : list) result += (result.size() == 1 ? "" : ", ") + show(entry);
  return result + "]";
}

/// `list` with each entry on a line of its own, closed at `indent`.
template <class List, class Show>
std::string in_lines(const List& list, std::string_view indent, Show show) {
  if (list.empty()) return "[]";
  std::string result = "[";
  std::string_view separator = "\n";
  for (const auto& entry : list) {
    result += fmt::format("{}{}  {}", separator, indent, show(entry));
    separator = ",\n";
  }
  return result + fmt::format("\n{}]", indent);
}

/// An object under construction, with `separator` before each key but the first.
class Fields {
 public:
  Fields(std::string_view opening, std::string_view separator) : text_(opening), separator_(separator) {}

  Fields& raw(std::string_view key, std::string_view json) {
    if (!first_) text_ += separator_;
    first_ = false;
    text_ += fmt::format("\"{}\": {}", key, json);
    return *this;
  }
  Fields& text(std::string_view key, std::string_view value) { return raw(key, json_string(value)); }
  Fields& text_if_any(std::string_view key, std::string_view value) {
    return value.empty() ? *this : text(key, value);
  }
  Fields& nanoseconds_if_any(std::string_view key, std::int64_t time) {
    return time == 0 ? *this : raw(key, number(time));
  }
  Fields& number_unless(std::string_view key, std::uint32_t value, std::uint32_t usual) {
    return value == usual ? *this : raw(key, number(std::uint64_t{value}));
  }
  Fields& object_if_any(std::string_view key, std::uint32_t id) {
    return id == 0 ? *this : raw(key, number(std::uint64_t{id}));
  }
  Fields& site_if_known(std::string_view key, const Site& site) {
    const std::string value = to_string(site);
    return value == unknown_site ? *this : text(key, value);
  }
  Fields& sites_if_any(std::string_view key, const std::vector<Site>& sites) {
    if (sites.empty()) return *this;
    return raw(key, in_one_line(sites, [](const Site& site) { return json_string(to_string(site)); }));
  }
  Fields& texts_if_any(std::string_view key, const std::vector<std::string>& texts) {
    return texts.empty() ? *this : raw(key, in_one_line(texts, json_string));
  }
  [[nodiscard]] std::string closed(std::string_view closing) const { return text_ + std::string(closing); }

 private:
  std::string text_;
  std::string_view separator_;
  bool first_ = true;
};

Fields line() { return {"{", ", "}; }

std::string show_task(const Task& task) {
  return line()
      .text("id", task.id)
      .text("name", task.name)
      .site_if_known("spawned", task.spawned)
      .closed("}");
}

std::string show_object(const Object& object) {
  return line()
      .raw("id", number(std::uint64_t{object.id}))
      .text("kind", object.kind)
      .text_if_any("name", object.name)
      .closed("}");
}

std::string show_choice(const Choice& choice) {
  return line()
      .raw("step", number(choice.step))
      .text("label", choice.label)
      .raw("options", number(std::uint64_t{choice.options}))
      .raw("taken", number(std::uint64_t{choice.taken}))
      .text_if_any("picked", choice.picked)
      .text_if_any("preempted", choice.preempted)
      .site_if_known("at", choice.at)
      .closed("}");
}

std::string show_event(const Event& event) {
  return line()
      .raw("step", number(event.step))
      .raw("time_ns", number(event.time_ns))
      .text("actor", event.actor)
      .text("kind", to_string(event.kind))
      .object_if_any("object", event.object)
      .text_if_any("target", event.target)
      .text_if_any("text", event.text)
      .site_if_known("at", event.at)
      .closed("}");
}

std::string show_wait(const Wait& wait) {
  return line()
      .text("task", wait.task)
      .text("what", wait.what)
      .object_if_any("object", wait.object)
      .text_if_any("on_task", wait.on_task)
      .texts_if_any("held_by", wait.held_by)
      .sites_if_any("stack", wait.stack)
      .closed("}");
}

std::string show_argument(const Argument& argument) {
  return line().text("type", argument.type).text("value", argument.value).closed("}");
}

std::string show_generated(const Generated& generated) {
  Fields fields = line();
  fields.text("seed", std::to_string(generated.seed)).raw("size", number(std::uint64_t{generated.size}));
  if (!generated.shrinks.empty()) {
    fields.raw("shrinks", in_one_line(generated.shrinks,
                                      [](std::uint32_t taken) { return number(std::uint64_t{taken}); }));
  }
  if (!generated.arguments.empty()) fields.raw("arguments", in_one_line(generated.arguments, show_argument));
  return fields.closed("}");
}

std::string show_settings(const Settings& settings) {
  const bool by_default = settings.scheduling_points == SchedulingPoints::suspensions;
  return Fields("{\n    ", ",\n    ")
      .raw("steps_max", number(settings.steps_max))
      .raw("time_max_ns", number(settings.time_max_ns))
      .raw("tasks_max", number(settings.tasks_max))
      .raw("step_cost_ns", number(settings.step_cost_ns))
      .raw("cancellations_max", number(std::uint64_t{settings.cancellations_max}))
      .raw("leaks_allowed", settings.leaks_allowed ? "true" : "false")
      .nanoseconds_if_any("jitter_ns", settings.jitter_ns)
      .text_if_any("scheduling_points", by_default ? "" : to_string(settings.scheduling_points))
      .number_unless("faults_max", settings.faults_max, Settings{}.faults_max)
      .texts_if_any("fault_labels", settings.fault_labels)
      .text_if_any("sweep", settings.sweep == SweepKind::none ? "" : to_string(settings.sweep))
      .texts_if_any("may_be_held", settings.may_be_held)
      .closed("\n  }");
}

std::string show_verdict(const Verdict& verdict) {
  Fields fields("{\n    ", ",\n    ");
  fields.text("kind", to_string(verdict.kind))
      .text_if_any("message", verdict.message)
      .text_if_any("task", verdict.task)
      .raw("step", number(verdict.step))
      .raw("time_ns", number(verdict.time_ns))
      .site_if_known("at", verdict.at)
      .sites_if_any("stack", verdict.stack)
      .text_if_any("shape", verdict.shape)
      .texts_if_any("cycle", verdict.cycle);
  if (!verdict.waits.empty()) fields.raw("waits", in_lines(verdict.waits, "    ", show_wait));
  return fields.closed("\n  }");
}

}  // namespace

std::string write_trace(const Trace& trace) {
  Fields fields("{\n  ", ",\n  ");
  fields.text("format", trace_format)
      .raw("version", std::to_string(trace_version))
      .text("scenario", trace.scenario)
      .text("policy", trace.policy)
      .text("seed", std::to_string(trace.seed))
      .raw("run", number(trace.run))
      .raw("settings", show_settings(trace.settings));
  if (!trace.generated.empty()) fields.raw("generated", in_lines(trace.generated, "  ", show_generated));
  if (!trace.tasks.empty()) fields.raw("tasks", in_lines(trace.tasks, "  ", show_task));
  if (!trace.objects.empty()) fields.raw("objects", in_lines(trace.objects, "  ", show_object));
  fields.raw("choices", in_lines(trace.choices, "  ", show_choice));
  if (!trace.events.empty()) fields.raw("events", in_lines(trace.events, "  ", show_event));
  fields.raw("verdict", show_verdict(trace.verdict));
  return fields.closed("\n}\n");
}

}  // namespace coweave::traces
