#include <coweave/props/ci/summary.hpp>

#include <coweave/props/ci/annotations.hpp>
#include <coweave/props/sweep/table.hpp>
#include <coweave/traces/printable.hpp>
#include <coweave/traces/site.hpp>
#include <coweave/traces/words.hpp>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sstream>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace coweave::detail {

namespace {

/// `text` on one line, with nothing in it that Markdown or HTML would take for its own.
std::string plain(std::string_view text) {
  std::string result;
  for (const char character : text) {
    if (character == '\n') {
      result += ' ';
    } else if (std::string_view("\\`*_[]|#~").find(character) != std::string_view::npos) {
      result += std::string("\\") + character;
    } else if (character == '<' || character == '>' || character == '&') {
      result += character == '<' ? "&lt;" : character == '>' ? "&gt;" : "&amp;";
    } else {
      result += character;
    }
  }
  return result;
}

/// `text` as it is, in a fence that is longer than any in it, each line `indent` columns further in.
std::string fenced(std::string_view text, const std::string& indent) {
  std::size_t longest = 2;
  std::size_t present = 0;
  for (const char character : text) {
    present = character == '`' ? present + 1 : 0;
    longest = std::max(longest, present);
  }
  const std::string fence = indent + std::string(longest + 1, '`');
  std::string result = fence + "text\n" + (text.empty() ? "" : indent);
  for (std::size_t at = 0; at < text.size(); ++at) {
    result += text[at];
    if (text[at] == '\n' && at + 1 < text.size()) result += indent;
  }
  if (!result.ends_with('\n')) result += '\n';
  return result + fence + "\n";
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// What failed, and where.
std::string outcome(const Exploration& result) {
  if (!result.finding)
    return result.marks_missed       ? "a mark was never reached"
           : result.patterns_missed  ? "a pattern never occurred"
           : !result.blocked.empty() ? "a step took too long"
                                     : "the time was up";
  const traces::Trace& trace = result.finding->trace;
  std::string text(in_words(trace.verdict.kind));
  if (const traces::Site at = place_of_failure(trace); at.known()) text += " at " + to_string(at);
  if (!result.recorded.empty()) text += ", which was found before: " + result.recorded;
  return text;
}

/// A line of an item for each of `lines`.
std::string broken_out(const std::string& lines) {
  std::istringstream stream(lines);
  std::string text;
  for (std::string line; std::getline(stream, line);)
    text += "  <br>" + plain(line.substr(line.find_first_not_of(' '))) + "\n";
  return text;
}

std::string folded(const std::string& report) {
  return "  <details><summary>The whole report</summary>\n\n" + fenced(report, "  ") + "\n  </details>\n";
}

}  // namespace

std::string in_markdown(const Exploration& result) {
  const std::string name = "**" + plain(traces::printable(result.name)) + "**";
  if (result.passed()) {
    std::string text = "- passed: " + name + ": " + traces::counted(result.runs, "run");
    if (result.exhausted) text += ", " + result.whole;
    if (result.corpus_replayed > 0)
      text += ", " + traces::counted(result.corpus_replayed, "trace") + " of the corpus";
    return text + "\n" + broken_out(result.warnings());
  }
  std::string text = "- **FAILED**: " + name + ": " + plain(outcome(result)) + "\n";
  if (result.finding && !result.finding->trace.verdict.message.empty())
    text += broken_out(first_line(result.finding->trace.verdict.message));
  return text + folded(result.report());
}

std::string in_markdown(const Sweep& result) {
  if (result.replayed && !result.failures.empty()) return in_markdown(result.failures.front());
  const std::string name = "**" + plain(traces::printable(result.name)) + "**: ";
  const std::string extent = plain(result.replayed ? "the recorded schedule" : extent_of(result));
  if (result.passed()) return "- passed: " + name + extent + "\n" + broken_out(result.warnings());
  return "- **FAILED**: " + name + extent + "\n" + broken_out(what_failed(result)) + folded(result.report());
}

void summarise(const std::string& text, const Options& options, std::vector<std::string>& notes) {
  if (options.summary.empty()) return;
  const int file = ::open(options.summary.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  const ssize_t written = file < 0 ? -1 : ::write(file, text.data(), text.size());
  const int problem = errno;
  if (file >= 0) ::close(file);
  if (written == static_cast<ssize_t>(text.size())) return;
  notes.push_back("the summary " + options.summary + " could not be written" +
                  (written < 0 ? ": " + std::generic_category().message(problem) : ", or not in full"));
}

}  // namespace coweave::detail
