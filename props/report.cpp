#include <coweave/props/counterexample/why.hpp>
#include <coweave/props/explore.hpp>
#include <coweave/props/remarks.hpp>
#include <coweave/sim/policies/policy_name.hpp>
#include <coweave/traces/names.hpp>
#include <coweave/traces/printable.hpp>
#include <coweave/traces/render_choices.hpp>
#include <coweave/traces/render_table.hpp>
#include <coweave/traces/render_verdict.hpp>
#include <coweave/traces/terminal.hpp>
#include <coweave/traces/text_width.hpp>
#include <coweave/traces/words.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

namespace coweave {

namespace {

using detail::indented;
using detail::remarks;
using traces::counted;

/// Fits the terminal, or a log; of a long run the middle is left out.
traces::RenderOptions look() {
  traces::RenderOptions options;
  options.width = std::clamp(traces::terminal_columns().value_or(100), 60, 160);
  options.steps_max = 60;
  return options;
}

std::string paragraph(const std::string& text) {
  return traces::paragraph(text, {look().columns(), 0, 2, 10});
}

/// `text` as one word of a shell.
std::string shell_word(const std::string& text) {
  const bool plain = !text.empty() && text.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-+=./:,@%") == std::string::npos;
  if (plain) return text;
  std::string word = "'";
  for (const char character : text)
    word += character == '\'' ? std::string("'\\''") : std::string(1, character);
  return word + "'";
}

/// How this process was started, for a shell.
std::string this_command() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string text;
  for (std::string word; std::getline(file, word, '\0');)
    text += (text.empty() ? "" : " ") + shell_word(word);
  return text.empty() ? "<the same program>" : text;
}

/// The settings of the environment that shape a search, for a shell.
std::string search_settings() {
  std::string text;
  for (const char* name : {"COWEAVE_POINTS", "COWEAVE_RUNS", "COWEAVE_FOR", "COWEAVE_WORKERS",
                           "COWEAVE_REPLAY", "COWEAVE_REPLAY_MODE"}) {
    if (const char* value = std::getenv(name)) text += std::string(name) + "=" + shell_word(value) + " ";
  }
  return text;
}

std::string inputs_of(const Exploration& exploration) {
  return exploration.cases > 0 ? counted(exploration.cases, "input") + ", " : "";
}

/// The same, and no line is too long.
std::string wrapped(const std::string& lines) {
  std::istringstream stream(lines);
  std::string text;
  for (std::string line; std::getline(stream, line);)
    text += traces::paragraph(line, {look().columns(), 2, 2, 10});
  return text;
}

std::string how_much(const Exploration& exploration) {
  std::string text = inputs_of(exploration) + counted(exploration.runs, "run");
  if (exploration.given_up > 0) text += " (" + counted(exploration.given_up, "repetition") + " given up)";
  text += ", " + counted(exploration.steps, "step");
  return exploration.exhausted ? text + ", " + exploration.whole : text;
}

std::string headline(const Exploration& exploration, const traces::Trace& trace) {
  const std::string text =
      "FAILED: " + traces::printable(exploration.name) + ": " + std::string(in_words(trace.verdict.kind));
  if (!exploration.recorded.empty())
    return text + ", as " + exploration.recorded + " of the corpus was replayed";
  if (exploration.replayed) return text + ", as the recorded schedule was replayed";
  if (trace.settings.sweep != traces::SweepKind::none) {
    const std::string of_policy = trace.policy == "fifo" ? ""
                                                         : " around policy " + trace.policy + " with seed " +
                                                               std::to_string(trace.seed);
    return text + ", found by run " + std::to_string(exploration.finding->run) + " of a sweep over " +
           std::string(to_string(trace.settings.sweep)) + of_policy;
  }
  return text + ", found by run " + std::to_string(exploration.finding->run) + " of policy " + trace.policy +
         " with seed " + std::to_string(trace.seed) +
         (exploration.cases > 0 ? ", with input " + std::to_string(exploration.cases) : "");
}

/// How the counterexample became small, and whether it can be smaller; empty if there is nothing to say.
std::string how_small(const Finding& finding) {
  const bool in_order = sim::wants_jitter(finding.trace.policy);
  std::string text;
  if (finding.preemptions) {
    text = "Brought to " +
           (*finding.preemptions == 0 ? "no preemption" : counted(*finding.preemptions, "preemption")) +
           " in " + counted(finding.shrink_runs_to_it, "run");
  } else if (finding.trace.settings.scheduling_points != traces::SchedulingPoints::suspensions && !in_order) {
    if (finding.deviations_found == finding.deviations) return "";
    return paragraph("Brought nearer to the order of arrival in " + counted(finding.shrink_runs, "run") +
                     ".");
  } else if (finding.deviations_found > finding.deviations) {
    text = "Shrunk from " + counted(finding.deviations_found, "deviation") + " in " +
           counted(finding.shrink_runs, "run");
  }
  const std::size_t size = finding.preemptions.value_or(finding.deviations);
  const auto& choices = finding.trace.choices;
  const bool switches_alone = std::all_of(
      choices.begin(), choices.end(), [](const traces::Choice& choice) { return choice.label == "next"; });
  const bool injected = std::any_of(finding.schedule.begin(), finding.schedule.end(), sim::is_no_switch);
  const std::uint64_t more = finding.preemptions ? finding.shrink_runs - finding.shrink_runs_to_it : 0;
  if (more > 0 && size > 0) {
    text += "; " + counted(more, "more run");
    text += !finding.minimal ? " made it no smaller" : more == 1 ? " shows that no" : " show that no";
  } else if (finding.minimal && size > 0) {
    text += text.empty() ? "No" : "; no";
  }
  if (finding.minimal && size > 0)
    text += std::string(" schedule ") + (in_order ? "in asyncio's own order " : "") + "with fewer " +
            (!finding.preemptions ? "deviations"
             : switches_alone     ? "preemptions"
             : injected           ? "preemptions and no more injected"
                                  : "preemptions and nothing injected") +
            " fails in this way";
  return text.empty() ? "" : paragraph(text + ".");
}

std::string how_to_go_on(const Finding& finding) {
  std::string text;
  if (!finding.trace_path.empty()) {
    const std::string path = shell_word(finding.trace_path);
    text = "\nLook at it again:\n  coweave show " + path + "\n";
    if (!finding.picture_path.empty())
      text += "\nLook at the calls:\n  " + shell_word(finding.picture_path) + "\n";
    if (finding.trace.verdict.kind != traces::VerdictKind::nondeterminism)
      return text + "\nReplay it:\n  COWEAVE_REPLAY=" + path + " " + this_command() + "\n";
  }
  if (finding.trace.settings.sweep != traces::SweepKind::none)
    return text + "\nFind it again, and keep its trace:\n  COWEAVE_TRACE_DIR=traces " + this_command() + "\n";
  return text + "\nFind it again, and keep its trace:\n  COWEAVE_TRACE_DIR=traces COWEAVE_POLICY=" +
         shell_word(finding.trace.policy) + " COWEAVE_SEED=" + std::to_string(finding.trace.seed) + " " +
         search_settings() + this_command() + "\n";
}

/// That a trace of the corpus fails again.
std::string how_to_replay(const std::string& path) {
  return "\nLook at what was recorded:\n  coweave show " + shell_word(path) +
         "\nReplay it:\n  COWEAVE_REPLAY=" + shell_word(path) + " COWEAVE_REPLAY_MODE=tolerant " +
         this_command() + "\n";
}

/// That the corpus was replayed.
std::string corpus_line(const Exploration& exploration) {
  if (exploration.corpus_replayed == 0) return "";
  return "  " + detail::corpus_in_words(exploration.corpus_replayed, exploration.corpus_in_part) + "\n";
}

std::string failure_report(const Exploration& exploration, const Finding& finding) {
  const traces::Trace& trace = finding.trace;
  std::string text = paragraph(headline(exploration, trace)) + remarks(exploration.notes);
  const traces::Cast cast(trace, false);
  for (const traces::Generated& generated : trace.generated) {
    for (const traces::Argument& argument : generated.arguments)
      text += traces::paragraph("with " + cast.shown(argument.type) + " " + cast.shown(argument.value),
                                {look().columns(), 2, 2, 10});
  }
  text += render_choices(trace, look());
  if (!exploration.replayed) text += how_small(finding);
  text += "\n" + render_table(trace, look()) + "\n" + render_verdict(trace, look());
  if (!finding.hint.empty())
    text += traces::paragraph(cast.shown(finding.hint), {look().columns(), 2, 2, 10});
  if (const std::string why = detail::why_in_words(finding, look().columns()); !why.empty())
    text += "\n" + why;
  if (!exploration.replayed) text += how_to_go_on(finding);
  if (!exploration.recorded.empty()) text += how_to_replay(exploration.recorded);
  return text;
}

}  // namespace

std::string Exploration::warnings() const { return passed() ? detail::warnings(*this) : ""; }

std::string Exploration::report() const {
  if (finding) return failure_report(*this, *finding);
  const std::string shown = traces::printable(name);
  if (!blocked.empty()) return "FAILED: " + shown + ": " + blocked + "\n" + remarks(notes);
  if (!unfinished.empty()) return "FAILED: " + shown + ": " + unfinished + "\n" + remarks(notes);
  if (replayed) return "passed: " + shown + ": the recorded schedule no longer fails\n" + remarks(notes);
  return (marks_missed      ? "FAILED: " + shown + ": not every mark held in "
          : patterns_missed ? "FAILED: " + shown + ": not every pattern occurred in "
                            : "passed: " + shown + ": ") +
         how_much(*this) + "\n" + corpus_line(*this) + indented(coverage.in_words(exhausted)) +
         indented(detail::in_words(marks)) + indented(detail::in_words(faults)) +
         wrapped(detail::in_words(races)) + indented(detail::in_words(patterns) + detail::in_words(names)) +
         remarks(notes);
}

}  // namespace coweave
