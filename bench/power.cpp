/// How fast failures are found: every program under every policy, from many seeds, and the mean number of
/// runs to the first failure; beside it what was published for the same program. Prints a table, and JSON if
/// asked. What the programs are: bench/power/programs.hpp. What the figures mean: docs/performance.md.

#include <coweave/bench/power/costs.hpp>
#include <coweave/bench/power/counts.hpp>
#include <coweave/bench/power/programs.hpp>
#include <coweave/bench/power/sizes.hpp>
#include <coweave/bench/power/trials.hpp>
#include <coweave/sim/policies/policy_name.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace {

using namespace coweave;

struct Asked {
  std::uint64_t seeds = 20;
  std::uint64_t runs = 10'000;
  std::vector<std::string> programs;
  std::vector<std::string> policies = {"surw",    "urw",       "pct:3", "pos", "rf",        "random",
                                       "delay:2", "portfolio", "dpor",  "dfs", "preempt:2", "delay-bound:2"};
  std::string json;
  bool counts = false;
  bool costs = false;
  bool sizes = false;
};

/// What was published for a policy of ours, or nothing.
std::optional<double> published(const bench::Program& program, const std::string& policy) {
  if (policy == "surw") return program.published.surw;
  if (policy == "urw") return program.published.urw;
  if (policy == "pct:3") return program.published.pct3;
  if (policy == "pos") return program.published.pos;
  if (policy == "random") return program.published.random;
  return std::nullopt;
}

/// "17±11", "4358±3358 (6/20)", or "–" if no trial found it; "– of 812" if the time was up after so many
/// runs.
std::string in_words(const bench::Trials& trials) {
  if (trials.found.empty()) return trials.stopped ? fmt::format("– of {}", trials.runs) : "–";
  std::string text = fmt::format("{:.0f}±{:.0f}", trials.mean(), trials.deviation());
  if (trials.found.size() < trials.trials)
    text += fmt::format(" ({}/{})", trials.found.size(), trials.trials);
  return text;
}

/// " 812 p1": different orders, and the size of the failure made small, in deviations or preemptions.
std::string rest_in_words(const bench::Trials& trials) {
  if (!trials.size) return fmt::format(" {:>4}    ", trials.distinct);
  const bench::Size& size = *trials.size;
  return size.preemptions ? fmt::format(" {:>4} p{:<2}", trials.distinct, *size.preemptions)
                          : fmt::format(" {:>4} d{:<2}", trials.distinct, size.deviations);
}

nlohmann::ordered_json to_json(const bench::Program& program, const bench::Trials& trials) {
  nlohmann::ordered_json row;
  row["group"] = program.group;
  row["program"] = program.name;
  row["policy"] = trials.policy;
  row["trials"] = trials.trials;
  row["found"] = trials.found.size();
  row["mean"] = trials.mean();
  row["deviation"] = trials.deviation();
  row["runs_to_failure"] = trials.found;
  row["runs"] = trials.runs;
  row["steps"] = trials.steps;
  row["stopped"] = trials.stopped;
  const std::optional<double> known = published(program, trials.policy);
  row["distinct_orders"] = trials.distinct;
  row["runs_looked_at"] = trials.looked_at;
  row["shrunk"] = nullptr;
  if (const auto& size = trials.size) {
    row["shrunk"] = {{"deviations", size->deviations},
                     {"preemptions", size->preemptions ? nlohmann::ordered_json(*size->preemptions)
                                                       : nlohmann::ordered_json()},
                     {"replays", size->replays},
                     {"minimal", size->minimal}};
  }
  row["published"] = known ? nlohmann::ordered_json(*known) : nlohmann::ordered_json();
  return row;
}

std::vector<bench::Program> asked_for(const Asked& asked) {
  std::vector<bench::Program> all = bench::programs();
  const auto is_called = [](const bench::Program& program, const std::string& name) {
    return program.name == name || program.group == name;
  };
  for (const std::string& name : asked.programs) {
    if (std::none_of(all.begin(), all.end(), [&](const auto& program) { return is_called(program, name); }))
      throw std::invalid_argument("no program and no group is called '" + name + "'");
  }
  if (!asked.programs.empty()) {
    std::erase_if(all, [&](const bench::Program& program) {
      return std::none_of(asked.programs.begin(), asked.programs.end(),
                          [&](const std::string& name) { return is_called(program, name); });
    });
  }
  for (const std::string& policy : asked.policies) static_cast<void>(sim::make_policy(policy, 1));
  return all;
}

void write(const Asked& asked, const nlohmann::ordered_json& rows) {
  if (asked.json.empty()) return;
  std::ofstream file(asked.json);
  file << rows.dump(2) << '\n';
  if (!file) throw std::runtime_error(asked.json + " cannot be written");
}

/// Said before anything is measured, and not an hour later.
void require_writable(const std::string& path) {
  if (!path.empty() && !std::ofstream(path, std::ios::app))
    throw std::runtime_error(path + " cannot be written");
}

void measure(const Asked& asked) {
  const std::vector<bench::Program> programs = asked_for(asked);
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  fmt::print(
      "Mean runs to the first failure ± deviation, of {} trials of at most {} runs (of a systematic search, "
      "which draws nothing, one, for at most {} s); in brackets: published. "
      "Then the different orders among the first 1,000 runs of seed 1, and the deviations (d) or "
      "preemptions (p) of the first failure made small\n\n",
      asked.seeds, asked.runs, bench::search_time_max.count());
  fmt::print("{:<14}", "program");
  for (const std::string& policy : asked.policies) fmt::print(" | {:>34}", policy);
  fmt::print("\n");
  for (const bench::Program& program : programs) {
    fmt::print("{:<14}", program.name);
    for (const std::string& policy : asked.policies) {
      const bench::Trials trials = bench::try_out(program, policy, asked.seeds, asked.runs);
      std::string text = in_words(trials);
      if (const auto known = published(program, policy)) text += fmt::format(" [{:.0f}]", *known);
      text += rest_in_words(trials);
      fmt::print(" | {:>34}", text);
      std::fflush(stdout);
      rows.push_back(to_json(program, trials));
    }
    fmt::print("\n");
  }
  write(asked, rows);
}

nlohmann::ordered_json print_sizes(const bench::Program& program, const Asked& asked) {
  const bench::Sizes sizes = bench::sizes_of(program, "portfolio", asked.seeds, asked.runs);
  bench::print_sizes(program, sizes);
  nlohmann::ordered_json row;
  row["program"] = program.name;
  row["policy"] = "portfolio";
  row["published_preemptions"] = sizes.published;
  row["found"] = sizes.replays.size();
  row["preemptions"] = sizes.preemptions;
  row["deviations"] = sizes.deviations;
  row["replays"] = sizes.replays;
  row["minimal"] = sizes.minimal;
  row["fewest_first"] = nullptr;
  if (sizes.searched)
    row["fewest_first"] = {{"schedules", *sizes.searched}, {"preemptions", sizes.searched_preemptions}};
  return row;
}

void measure_sizes(const Asked& asked) {
  std::vector<bench::Program> programs = asked_for(asked);
  std::erase_if(programs, [](const bench::Program& program) { return program.group != "kernels"; });
  if (programs.empty()) throw std::invalid_argument("--sizes is of kernels, and none of them was asked for");
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  bench::print_sizes_title("portfolio", asked.seeds);
  for (const bench::Program& program : programs) rows.push_back(print_sizes(program, asked));
  write(asked, rows);
}

}  // namespace

int main(int count, char** arguments) {
  Asked asked;
  CLI::App app("Runs to the first failure, for every program and policy.");
  const auto at_least_1 = [](const std::string& text) {
    const bool is_number = text.find_first_not_of("0123456789") == std::string::npos;
    return std::string(is_number && text.find_first_not_of('0') != std::string::npos ? ""
                                                                                     : "must be at least 1");
  };
  CLI::Option* seeds = app.add_option("--seeds", asked.seeds, "trials for each program and policy");
  seeds->capture_default_str()->check(at_least_1);
  CLI::Option* runs = app.add_option("--runs", asked.runs, "runs of a trial, at most");
  runs->capture_default_str()->check(at_least_1);
  CLI::Option* programs =
      app.add_option("--programs", asked.programs, "only these, or groups: kernels, historic");
  programs->delimiter(',');
  CLI::Option* policies = app.add_option("--policies", asked.policies, "only these");
  policies->delimiter(',')->capture_default_str();
  CLI::Option* json = app.add_option("--json", asked.json, "a file for the figures");
  CLI::Option* counts = app.add_flag("--counts", asked.counts,
                                     "instead: numbers of executions of exhaustive search, and its times");
  CLI::Option* costs =
      app.add_flag("--costs", asked.costs, "instead: what a decision costs under each of --policies");
  CLI::Option* sizes =
      app.add_flag("--sizes", asked.sizes, "instead: how small what the portfolio finds becomes");
  for (CLI::Option* unheeded : {seeds, runs, programs, json, policies, costs, sizes})
    counts->excludes(unheeded);
  for (CLI::Option* unheeded : {seeds, runs, programs, json, sizes}) costs->excludes(unheeded);
  sizes->excludes(policies);
  CLI11_PARSE(app, count, arguments);
  try {
    require_writable(asked.json);
    if (asked.counts) return bench::compare_counts() ? 0 : 1;
    asked.sizes ? measure_sizes(asked) : asked.costs ? bench::print_costs(asked.policies) : measure(asked);
  } catch (const std::exception& error) {
    fmt::print(stderr, "power: {}\n", error.what());
    return 2;
  }
  return 0;
}
