#include <coweave/props/explore.hpp>

#include <fstream>
#include <iterator>

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

std::string place(const traces::Site& site) {
  return site.known() ? site.file + ":" + std::to_string(site.line) : std::string("?");
}

std::string places(const std::vector<traces::Site>& stack) {
  std::string text;
  for (const traces::Site& site : stack) text += (text.empty() ? " at " : " < ") + place(site);
  return text;
}

const char* kind_name(traces::VerdictKind kind) {
  using traces::VerdictKind;
  switch (kind) {
    case VerdictKind::passed:
      return "passed";
    case VerdictKind::assertion:
      return "assertion";
    case VerdictKind::exception:
      return "exception";
    case VerdictKind::deadlock:
      return "deadlock";
    case VerdictKind::livelock:
      return "livelock";
    case VerdictKind::leaked_task:
      return "leaked task";
    case VerdictKind::never_awaited:
      return "coroutine never awaited";
    case VerdictKind::never_retrieved:
      return "exception never retrieved";
    case VerdictKind::nondeterminism:
      return "nondeterminism";
    case VerdictKind::task_bound:
      return "too many tasks";
  }
  return "?";
}

std::string name_of(const traces::Trace& trace, const std::string& id) {
  for (const traces::Task& task : trace.tasks) {
    if (task.id == id) return "'" + task.name + "'";
  }
  return id;
}

/// The verdict with its evidence, in words.
std::string verdict_text(const traces::Trace& trace) {
  const traces::Verdict& verdict = trace.verdict;
  std::string text = std::string(kind_name(verdict.kind)) + " at step " + std::to_string(verdict.step) +
                     ": " + verdict.message + "\n";
  if (verdict.at.known()) text += "  at " + place(verdict.at) + "\n";
  for (const traces::Wait& wait : verdict.waits) {
    text += "  " + name_of(trace, wait.task) + " waits for " + wait.what;
    for (const std::string& holder : wait.held_by) text += ", held by " + name_of(trace, holder);
    text += places(wait.stack) + "\n";
  }
  return text;
}

/// The choices that make the difference, in words.
std::string deviation_text(const traces::Trace& trace) {
  std::string text;
  for (const traces::Choice& choice : trace.choices) {
    if (choice.taken == 0) continue;
    text += "  step " + std::to_string(choice.step) + ": ";
    if (choice.label == "next") {
      text += name_of(trace, choice.picked) + " runs although " + count(choice.taken, "other", "others") +
              " came before\n";
    } else if (choice.label == "cancel") {
      text += "a cancellation of " + name_of(trace, choice.picked) + " is injected\n";
    } else {
      text += choice.label + " gives " + std::to_string(choice.taken) + "\n";
    }
  }
  return text;
}

/// How this process was started, quoted for a shell.
std::string this_command() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::string text;
  std::string word;
  for (const char byte : bytes) {
    if (byte != '\0') {
      word += byte == '\'' ? std::string("'\\''") : std::string(1, byte);
      continue;
    }
    const bool plain = !word.empty() && word.find_first_not_of(
                                            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                            "0123456789_-+=./:,@%") == std::string::npos;
    text += (text.empty() ? "" : " ") + (plain ? word : "'" + word + "'");
    word.clear();
  }
  return text.empty() ? "<the same program>" : text;
}

}  // namespace

std::string Exploration::report() const {
  std::string remarks;
  for (const std::string& note : notes) remarks += "  note: " + note + "\n";
  const std::string inputs = cases > 0 ? count(cases, "input", "inputs") + ", " : "";
  if (passed()) {
    if (replayed) return "passed: " + name + ": the recorded schedule no longer fails\n" + remarks;
    return "passed: " + name + ": " + inputs + count(runs, "run", "runs") + ", " +
           count(steps, "step", "steps") + (exhausted ? ", every schedule" : "") + "\n" + remarks;
  }
  if (!finding) return "FAILED: " + name + ": " + blocked + "\n" + remarks;
  const traces::Trace& trace = finding->trace;
  std::string text = "FAILED: " + name + ": ";
  text += replayed ? "the trace was replayed\n"
                   : inputs + "run " + std::to_string(finding->run) + " of policy " + trace.policy +
                         " with seed " + std::to_string(trace.seed) + "\n";
  text += remarks;
  for (const traces::Generated& generated : trace.generated) {
    for (const traces::Argument& argument : generated.arguments)
      text += "  with " + argument.type + " " + argument.value + "\n";
  }
  if (!replayed) text += how_small(*finding) + ".\n";
  text += deviation_text(trace) + "\n" + verdict_text(trace);
  if (!finding->hint.empty()) text += "  " + finding->hint + "\n";
  if (replayed) return text;
  if (!finding->trace_path.empty()) {
    text += "\nReplay it:\n  COWEAVE_REPLAY=" + finding->trace_path + " " + this_command() + "\n";
  } else {
    text +=
        "\nFind it again, and keep its trace:\n  COWEAVE_TRACE_DIR=traces COWEAVE_POLICY=" + trace.policy +
        " COWEAVE_SEED=" + std::to_string(trace.seed) + " " + this_command() + "\n";
  }
  return text;
}

}  // namespace coweave
