#include <coweave/props/options.hpp>

#include <coweave/sim/policies/policy_name.hpp>
#include <coweave/traces/names.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string_view>

extern char** environ;

namespace coweave {

namespace {

constexpr std::array<std::string_view, 12> variables{
    "COWEAVE_SEED",      "COWEAVE_RUNS",   "COWEAVE_FOR",    "COWEAVE_WORKERS",
    "COWEAVE_POLICY",    "COWEAVE_POINTS", "COWEAVE_REPLAY", "COWEAVE_REPLAY_MODE",
    "COWEAVE_TRACE_DIR", "COWEAVE_CORPUS", "COWEAVE_REPORT", "COWEAVE_SUMMARY"};
/// Of coweave's tests and its script: left alone.
constexpr std::array<std::string_view, 2> variables_of_others{"COWEAVE_APPROVE", "COWEAVE_JOBS"};

[[noreturn]] void refuse(const std::string& name, const std::string& value, const std::string& takes) {
  throw std::invalid_argument("environment variable " + name + "='" + value + "' is wrong: it takes " +
                              takes);
}

/// A whole number, decimal or 0x…, all of `text`.
bool parse_number(std::string_view text, std::uint64_t& number) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

/// "text", "github" or "github:<folder>", a relative path.
bool parse_report(std::string_view text, Options& options) {
  constexpr std::string_view with_folder = "github:";
  if (text.starts_with(with_folder)) {
    options.github_folder = text.substr(with_folder.size());
    if (options.github_folder.empty() || options.github_folder.front() == '/') return false;
    text = "github";
  }
  options.github = text == "github";
  return options.github || text == "text";
}

/// "strict", "tolerant", "continue" or "continue:<choices>".
bool parse_mode(std::string_view text, Options& options) {
  constexpr std::string_view with_count = "continue:";
  if (text.starts_with(with_count)) {
    std::uint64_t choices = 0;
    if (!parse_number(text.substr(with_count.size()), choices)) return false;
    options.replay_mode = ReplayMode::continuing;
    options.replay_choices = choices;
    return true;
  }
  options.replay_mode = text == "tolerant"   ? ReplayMode::tolerant
                        : text == "continue" ? ReplayMode::continuing
                                             : ReplayMode::strict;
  return text == "strict" || text == "tolerant" || text == "continue";
}

void refuse_unknown_variables() {
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    if (!name.starts_with("COWEAVE_")) continue;
    bool known =
        std::find(variables_of_others.begin(), variables_of_others.end(), name) != variables_of_others.end();
    std::string list;
    for (const std::string_view variable : variables) {
      known = known || variable == name;
      list += (list.empty() ? "" : ", ") + std::string(variable);
    }
    if (!known)
      throw std::invalid_argument("environment variable " + std::string(name) +
                                  " is none of coweave's, which are " + list);
  }
}

}  // namespace

traces::Settings Options::settings() const {
  traces::Settings settings;
  settings.steps_max = steps_max;
  settings.time_max_ns = virtual_time_max.count();
  settings.tasks_max = tasks_max;
  settings.step_cost_ns = step_cost.count();
  const bool by_policy = jitter == std::chrono::nanoseconds::zero() && sim::wants_jitter(policy);
  settings.jitter_ns = by_policy ? sim::jitter_by_default.count() : jitter.count();
  settings.cancellations_max = cancellations_max;
  settings.leaks_allowed = leaks_allowed;
  settings.scheduling_points = scheduling_points;
  settings.faults_max = faults_max;
  settings.fault_labels = fault_labels;
  return settings;
}

std::chrono::nanoseconds parse_duration(const std::string& text) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  std::uint64_t factor = 0;
  if (unit == "ms") factor = 1'000'000;
  if (unit == "s") factor = 1'000'000'000;
  if (unit == "m") factor = 60'000'000'000;
  if (unit == "h") factor = 3'600'000'000'000;
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (error != std::errc() || factor == 0 || count == 0 || count > most / factor)
    throw std::invalid_argument(
        "'" + text + "' is not a duration: write a positive whole number and ms, s, m or h, such as 30s");
  return std::chrono::nanoseconds(static_cast<std::int64_t>(count * factor));
}

std::string duration_text(std::chrono::nanoseconds duration) {
  struct Unit {
    const char* name;
    std::int64_t size_ns;
  };
  constexpr std::array<Unit, 5> units{{{"h", 3'600'000'000'000},
                                       {"m", 60'000'000'000},
                                       {"s", 1'000'000'000},
                                       {"ms", 1'000'000},
                                       {"us", 1'000}}};
  for (const Unit& unit : units) {
    if (duration.count() != 0 && duration.count() % unit.size_ns == 0)
      return std::to_string(duration.count() / unit.size_ns) + unit.name;
  }
  return std::to_string(duration.count()) + "ns";
}

Options with_environment(Options options) {
  refuse_unknown_variables();
  const auto value_of = [](const char* name) { return std::getenv(name); };
  if (const char* value = value_of("COWEAVE_SEED"); value && !parse_number(value, options.seed))
    refuse("COWEAVE_SEED", value, "a whole number below 2^64, decimal or 0x…");
  const char* runs = value_of("COWEAVE_RUNS");
  if (runs && (!parse_number(runs, options.runs) || options.runs == 0))
    refuse("COWEAVE_RUNS", runs, "a whole number from 1");
  if (const char* value = value_of("COWEAVE_FOR")) {
    try {
      options.wall_time_max = parse_duration(value);
    } catch (const std::invalid_argument&) {
      refuse("COWEAVE_FOR", value, "a positive whole number and ms, s, m or h, such as 30s");
    }
    if (!runs) options.runs = std::numeric_limits<std::uint64_t>::max();
  }
  if (const char* value = value_of("COWEAVE_WORKERS")) {
    std::uint64_t workers = 0;
    if (!parse_number(value, workers) || workers > workers_max)
      refuse("COWEAVE_WORKERS", value, "a whole number from 0 to " + std::to_string(workers_max));
    options.workers = static_cast<std::uint32_t>(workers);
  }
  if (const char* value = value_of("COWEAVE_POLICY")) {
    try {
      static_cast<void>(sim::make_policy(value, 0));
    } catch (const std::invalid_argument& error) {
      refuse("COWEAVE_POLICY", value, std::string("the name of a policy; ") + error.what());
    }
    options.policy = value;
  }
  if (const char* value = value_of("COWEAVE_POINTS")) {
    const auto points = traces::scheduling_points(value);
    if (!points) refuse("COWEAVE_POINTS", value, "suspensions, awaits or accesses");
    options.scheduling_points = *points;
  }
  if (const char* value = value_of("COWEAVE_REPLAY")) {
    if (*value == '\0') refuse("COWEAVE_REPLAY", value, "the path of a trace");
    options.replay = value;
  }
  if (const char* value = value_of("COWEAVE_REPLAY_MODE")) {
    if (!parse_mode(value, options))
      refuse("COWEAVE_REPLAY_MODE", value,
             "strict, tolerant, continue, or continue:12 for the first 12 choices of the trace");
    if (options.replay.empty())
      refuse("COWEAVE_REPLAY_MODE", value, "effect on a trace only; name one with COWEAVE_REPLAY");
  }
  if (const char* value = value_of("COWEAVE_TRACE_DIR")) {
    if (*value == '\0') refuse("COWEAVE_TRACE_DIR", value, "the path of a directory");
    options.trace_dir = value;
  }
  if (const char* value = value_of("COWEAVE_CORPUS")) {
    if (*value == '\0') refuse("COWEAVE_CORPUS", value, "the path of a folder, or none");
    options.corpus = value;
  }
  if (const char* value = value_of("COWEAVE_REPORT")) {
    if (!parse_report(value, options))
      refuse("COWEAVE_REPORT", value,
             "text, github, or github:services/shop if that is the folder of the project in its repository");
    const char* summary = value_of("GITHUB_STEP_SUMMARY");
    if (options.github && summary) options.summary = summary;
  }
  if (const char* value = value_of("COWEAVE_SUMMARY")) {
    if (*value == '\0') refuse("COWEAVE_SUMMARY", value, "the path of a file");
    options.summary = value;
  }
  return options;
}

}  // namespace coweave
