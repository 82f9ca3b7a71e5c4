#include <coweave/props/ci/annotations.hpp>

#include <coweave/props/counterexample/why.hpp>
#include <coweave/traces/cast.hpp>
#include <coweave/traces/render_verdict.hpp>
#include <coweave/traces/site.hpp>
#include <coweave/traces/words.hpp>

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace coweave::detail {

namespace {

/// `text` as the message of a command, or as a property of one, where more characters have a meaning.
std::string escaped(std::string_view text, bool property) {
  std::string result;
  for (const char character : text) {
    switch (character) {
      case '%':
        result += "%25";
        break;
      case '\r':
        result += "%0D";
        break;
      case '\n':
        result += "%0A";
        break;
      case ':':
        result += property ? "%3A" : ":";
        break;
      case ',':
        result += property ? "%2C" : ",";
        break;
      default:
        result += character;
    }
  }
  return result;
}

class Annotations {
 public:
  Annotations(const Exploration& result, const std::string& folder)
      : result_(result), folder_(folder.empty() || folder.back() == '/' ? folder : folder + "/") {}

  std::string all() {
    if (result_.finding) {
      failure(*result_.finding);
    } else if (!result_.blocked.empty()) {
      add("error", {}, "blocked", result_.blocked);
    } else if (!result_.unfinished.empty()) {
      add("error", {}, "not finished", result_.unfinished);
    } else {
      marks(result_.marks_missed ? "error" : "warning");
      patterns(result_.patterns_missed ? "error" : "warning");
      names();
      races();
    }
    return text_;
  }

 private:
  void failure(const Finding& finding) {
    const traces::Trace& trace = finding.trace;
    const std::string what(in_words(trace.verdict.kind));
    std::string message = render_verdict(trace);
    if (!finding.trace_path.empty()) message += "The trace is " + finding.trace_path + "\n";
    if (!result_.recorded.empty()) message += "It was recorded in " + result_.recorded + "\n";
    const traces::Site at = place_of_failure(trace);
    add("error", at, what, message);
    waits(trace, at);
    injections(trace, what);
    if (finding.neighbour) {
      const std::string sentences = why_in_words(finding, message_columns);
      add("notice", place_before(trace, finding.neighbour->before), what + ", what decides", sentences);
      const Neighbour& neighbour = *finding.neighbour;
      const std::uint64_t step = neighbour.newcomer.empty() ? neighbour.step : neighbour.before;
      add("notice", place_before(trace, step, neighbour.newcomer), what + ", what decides", sentences);
    }
  }

  /// Of a deadlock: where the others of the cycle stand.
  void waits(const traces::Trace& trace, const traces::Site& told) {
    const traces::Cast cast(trace, false);
    for (const traces::Wait& wait : trace.verdict.waits) {
      if (wait.stack.empty() || wait.stack.front() == told) continue;
      const bool concerned = std::find(trace.verdict.cycle.begin(), trace.verdict.cycle.end(), wait.task) !=
                             trace.verdict.cycle.end();
      if (concerned)
        add("notice", wait.stack.front(), "deadlock",
            cast.full_name(wait.task) + " waits here for " + cast.shown(wait.what));
    }
  }

  /// Where cancellations and faults were injected: a cancellation at the await of who was cancelled.
  void injections(const traces::Trace& trace, const std::string& what) {
    const traces::Cast cast(trace, false);
    for (auto event = trace.events.begin(); event != trace.events.end(); ++event) {
      if (event->kind != traces::EventKind::inject) continue;
      traces::Site at = event->at;
      for (auto earlier = event; !at.known() && earlier != trace.events.begin();) {
        --earlier;
        if (earlier->actor == event->target && earlier->kind == traces::EventKind::await) at = earlier->at;
      }
      const std::string target = event->target.empty() ? "" : " into " + cast.full_name(event->target);
      constexpr std::string_view fault = "fault:";
      const std::string injected = event->text.starts_with(fault)
                                       ? "the fault '" + cast.shown(event->text.substr(fault.size())) + "'"
                                       : "a cancellation";
      if (at.known())
        add("notice", at, what + ", what was injected", injected + " was injected here" + target);
    }
  }

  void marks(std::string_view command) {
    for (const Mark& mark : result_.marks) {
      if (mark.held > 0) continue;
      add(command, mark.at, "never reached",
          "'" + mark.label + "' never held, seen " + traces::counted(mark.seen, "time") + " in " +
              traces::counted(result_.runs, "run"));
    }
  }

  void patterns(std::string_view command) {
    for (const ExpectedPattern& pattern : result_.patterns) {
      if (pattern.occurred) continue;
      add(command, pattern.at, "never occurred",
          "'" + pattern.text + "' of the monitor '" + pattern.monitor + "' occurred in none of " +
              traces::counted(result_.runs, "run"));
    }
  }

  void names() {
    for (const ExpectedName& name : result_.names) {
      if (!name.seen)
        add("warning", {}, "never seen",
            name.name + ", which " + name.option + " names, was seen in none of " +
                traces::counted(result_.runs, "run"));
    }
  }

  /// Those that are noted, at the last of their accesses.
  void races() {
    for (const NotedRace& race : result_.races)
      add("warning", race.at, "race", race.what + ", " + traces::counted(race.times, "time"));
  }

  void add(std::string_view command, const traces::Site& at, const std::string& what, std::string message) {
    while (!message.empty() && message.back() == '\n') message.pop_back();
    text_ += "::" + std::string(command) + " ";
    if (at.known())
      text_ += "file=" + escaped(folder_ + at.file, true) + ",line=" + std::to_string(at.line) + ",";
    text_ += "title=" + escaped(result_.name + ": " + what, true) + "::" + escaped(message, false) + "\n";
  }

  static constexpr std::size_t message_columns = 10'000;  // a sentence is a line

  const Exploration& result_;
  std::string folder_;
  std::string text_;
};

}  // namespace

traces::Site place_of_failure(const traces::Trace& trace) {
  const traces::Verdict& verdict = trace.verdict;
  if (verdict.at.known()) return verdict.at;
  if (!verdict.stack.empty()) return verdict.stack.front();
  // Something that did not occur is nowhere.
  if (verdict.kind == traces::VerdictKind::invariant && verdict.task.empty()) return {};
  const std::string& task = !verdict.cycle.empty() ? verdict.cycle.front() : verdict.task;
  for (const traces::Wait& wait : verdict.waits) {
    if (!wait.stack.empty() && (task.empty() || wait.task == task)) return wait.stack.front();
  }
  traces::Site last;
  traces::Site last_of_task;
  for (const traces::Event& event : trace.events) {
    if (!event.at.known()) continue;
    last = event.at;
    if (event.kind == traces::EventKind::await && event.actor == task) last_of_task = event.at;
  }
  return last_of_task.known() ? last_of_task : last;
}

std::string annotations(const Exploration& result, const std::string& folder) {
  return Annotations(result, folder).all();
}

void annotate(const Exploration& result, const Options& options) {
  if (!options.github) return;
  const std::string text = annotations(result, options.github_folder);
  if (!text.empty()) std::fputs(("\n" + text).c_str(), stderr);  // a command begins its line
}

}  // namespace coweave::detail
