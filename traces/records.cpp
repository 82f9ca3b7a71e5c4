#include <coweave/traces/records.hpp>

#include <coweave/traces/invalid.hpp>
#include <coweave/traces/limits.hpp>
#include <coweave/traces/names.hpp>
#include <coweave/traces/printable.hpp>
#include <coweave/traces/site.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <limits>
#include <span>

namespace coweave::traces {

namespace {

constexpr std::uint64_t uint32_max = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t uint64_max = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t int64_max = std::numeric_limits<std::int64_t>::max();

[[noreturn]] void refuse_kind(const std::string& place, std::string_view expected, const Value& found) {
  throw Invalid(place, fmt::format("expected {}, found {}", expected, describe(found.kind)));
}

/// A decimal number without sign or leading zeros.
std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9' || (text.size() > 1 && text.front() == '0'))
    return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string one_of(std::span<const std::string_view> names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

/// The members of an object that may have the keys `known` and no others.
class Members {
 public:
  Members(const Value& value, const std::string& place, std::initializer_list<std::string_view> known)
      : value_(value), place_(place) {
    if (value.kind != Value::Kind::object) refuse_kind(place, "an object", value);
    for (const auto& [key, member] : value.members) {
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      throw Invalid(pointer(place, key), fmt::format("unknown key; the keys here are {}", one_of(known)));
    }
  }

  [[nodiscard]] std::string place(std::string_view key) const { return pointer(place_, key); }

  [[nodiscard]] const Value& required(std::string_view key) const {
    if (const Value* value = value_.find(key)) return *value;
    throw Invalid(place_, fmt::format("the key '{}' is missing", key));
  }

  [[nodiscard]] std::string text(std::string_view key) const { return read_text(required(key), place(key)); }

  /// Empty if the key is not there.
  [[nodiscard]] std::string text_if_any(std::string_view key) const {
    const Value* value = value_.find(key);
    if (!value) return {};
    std::string text = read_text(*value, place(key));
    if (text.empty()) throw Invalid(place(key), "empty; leave the key out instead");
    return text;
  }

  [[nodiscard]] std::uint64_t number(std::string_view key, std::uint64_t max) const {
    return read_number(required(key), place(key), max);
  }
  [[nodiscard]] std::uint32_t number32(std::string_view key) const {
    return static_cast<std::uint32_t>(number(key, uint32_max));
  }
  [[nodiscard]] std::int64_t nanoseconds(std::string_view key) const {
    return static_cast<std::int64_t>(number(key, int64_max));
  }

  /// 0 if the key is not there.
  [[nodiscard]] std::uint32_t object_if_any(std::string_view key) const {
    if (!value_.find(key)) return 0;
    const std::uint32_t id = number32(key);
    if (id == 0) throw Invalid(place(key), "objects count from 1; leave the key out if there is none");
    return id;
  }

  [[nodiscard]] bool truth(std::string_view key) const {
    const Value& value = required(key);
    if (value.kind != Value::Kind::boolean) refuse_kind(place(key), "true or false", value);
    return value.boolean;
  }

  [[nodiscard]] Site site_if_known(std::string_view key) const {
    if (!value_.find(key)) return {};
    const Site site = to_site(*value_.find(key), place(key));
    if (!site.known()) throw Invalid(place(key), "not known; leave the key out instead");
    return site;
  }

  /// Empty if the key is not there; otherwise there is at least one entry.
  template <class Read>
  [[nodiscard]] auto list_if_any(std::string_view key, Read read) const {
    std::vector<decltype(read(Value{}, std::string()))> result;
    const Value* value = value_.find(key);
    if (!value) return result;
    if (value->kind != Value::Kind::list) refuse_kind(place(key), "a list", *value);
    if (value->items.empty()) throw Invalid(place(key), "empty; leave the key out instead");
    for (const Value& item : value->items) result.push_back(read(item, pointer(place(key), result.size())));
    return result;
  }

  [[nodiscard]] static Site to_site(const Value& value, const std::string& place) {
    const std::string text = read_text(value, place);
    if (const auto site = parse_site(text)) return *site;
    throw Invalid(place,
                  fmt::format("{} is no site; write file:line, the file relative to the project and the "
                              "line from 1, such as src/bank.cpp:12",
                              quoted(text)));
  }

 private:
  const Value& value_;
  const std::string& place_;
};

Wait read_wait(const Value& value, const std::string& place) {
  const Members members(value, place, {"task", "what", "object", "on_task", "held_by", "stack"});
  Wait wait;
  wait.task = members.text("task");
  wait.what = members.text("what");
  wait.object = members.object_if_any("object");
  wait.on_task = members.text_if_any("on_task");
  wait.held_by = members.list_if_any("held_by", read_text);
  wait.stack = members.list_if_any("stack", Members::to_site);
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

std::string read_text(const Value& value, const std::string& place) {
  if (value.kind != Value::Kind::text) refuse_kind(place, "a text", value);
  return value.text;
}

std::uint64_t read_seed(const Value& value, const std::string& place) {
  if (value.kind != Value::Kind::text) refuse_kind(place, "a decimal number as a text", value);
  if (const auto seed = parse_decimal(value.text)) return *seed;
  throw Invalid(place, fmt::format("{} is no seed; a seed is a decimal number from 0 to {}",
                                   quoted(value.text), uint64_max));
}

std::uint64_t read_number(const Value& value, const std::string& place, std::uint64_t max) {
  const std::uint64_t number_max_here = std::min(max, number_max);
  if (value.kind == Value::Kind::natural) {
    if (value.natural <= number_max_here) return value.natural;
    if (value.natural <= max)
      throw Invalid(place, fmt::format("{} is more than 2^53 - 1; write it as a text", value.natural));
    throw Invalid(place, fmt::format("{} is more than {}", value.natural, max));
  }
  if (value.kind != Value::Kind::text || max == number_max_here)
    refuse_kind(place, fmt::format("a whole number from 0 to {}", max), value);
  const auto number = parse_decimal(value.text);
  if (!number || *number > max) {
    throw Invalid(place, fmt::format("{} is no whole number from 0 to {} without leading zeros",
                                     quoted(value.text), max));
  }
  if (*number <= number_max)
    throw Invalid(place, "not more than 2^53 - 1; write it as a number, not as a text");
  return *number;
}

Settings read_settings(const Value& value, const std::string& place) {
  const Members members(
      value, place,
      {"steps_max", "time_max_ns", "tasks_max", "step_cost_ns", "cancellations_max", "leaks_allowed"});
  Settings settings;
  settings.steps_max = members.number("steps_max", uint64_max);
  settings.time_max_ns = members.nanoseconds("time_max_ns");
  settings.tasks_max = members.number("tasks_max", uint64_max);
  settings.step_cost_ns = members.nanoseconds("step_cost_ns");
  settings.cancellations_max = members.number32("cancellations_max");
  settings.leaks_allowed = members.truth("leaks_allowed");
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
  const Members members(value, place, {"step", "label", "options", "taken", "picked"});
  Choice choice;
  choice.step = members.number("step", uint64_max);
  choice.label = members.text("label");
  choice.options = members.number32("options");
  choice.taken = members.number32("taken");
  choice.picked = members.text_if_any("picked");
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
  verdict.stack = members.list_if_any("stack", Members::to_site);
  verdict.shape = members.text_if_any("shape");
  verdict.cycle = members.list_if_any("cycle", read_text);
  verdict.waits = members.list_if_any("waits", read_wait);
  return verdict;
}

}  // namespace coweave::traces
