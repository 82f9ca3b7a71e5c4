#include <coweave/props/explore.hpp>
#include <coweave/traces/table.hpp>
#include <coweave/traces/verdict_text.hpp>

namespace coweave {

namespace {

std::string count(std::uint64_t number, const char* one, const char* many) {
  return std::to_string(number) + " " + (number == 1 ? one : many);
}

std::string how_small(const Finding& finding) {
  std::string text = count(finding.deviations, "deviation", "deviations") + " from asyncio's order";
  if (finding.deviations_found > finding.deviations)
    text += ", shrunk from " + std::to_string(finding.deviations_found) + " in " +
            count(finding.shrink_runs, "run", "runs");
  if (finding.minimal) text += "; no schedule with fewer fails so";
  return text;
}

}  // namespace

std::string Exploration::report() const {
  const std::string inputs = cases > 0 ? count(cases, "input", "inputs") + ", " : "";
  if (passed()) {
    if (replayed) return "passed: " + name + ": the recorded schedule no longer fails\n";
    return "passed: " + name + ": " + inputs + count(runs, "run", "runs") + ", " + count(steps, "step", "steps") +
           (exhausted ? ", every schedule" : "") + "\n";
  }
  const traces::Trace& trace = finding->trace;
  std::string text = "FAILED: " + name + ": ";
  text += replayed ? "the trace was replayed\n"
                   : inputs + "run " + std::to_string(finding->run) + " of policy " + trace.policy + " with seed " +
                         std::to_string(trace.seed) + "\n";
  for (const traces::Generated& generated : trace.generated) {
    for (const traces::Argument& argument : generated.arguments)
      text += "  with " + argument.type + " " + argument.value + "\n";
  }
  if (!replayed) text += how_small(*finding) + ".\n";
  text += "\n" + traces::render_table(trace) + "\n" + traces::render_verdict(trace);
  if (!finding->hint.empty()) text += finding->hint + "\n";
  if (!finding->trace_path.empty()) {
    text += "\nReplay it with: COWEAVE_REPLAY=" + finding->trace_path + " and the same program.\n";
  } else if (!replayed) {
    text += "\nTo keep its trace, set COWEAVE_TRACE_DIR; to find it again: COWEAVE_SEED=" +
            std::to_string(trace.seed) + " COWEAVE_POLICY=" + trace.policy + "\n";
  }
  return text;
}

}  // namespace coweave
