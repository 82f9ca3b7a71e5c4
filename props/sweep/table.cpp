#include <coweave/props/sweep/table.hpp>

#include <coweave/props/coverage/marks.hpp>
#include <coweave/props/monitors/expected.hpp>
#include <coweave/props/remarks.hpp>
#include <coweave/props/sweep/sweep.hpp>
#include <coweave/traces/names.hpp>
#include <coweave/traces/printable.hpp>
#include <coweave/traces/site.hpp>
#include <coweave/traces/text_width.hpp>
#include <coweave/traces/words.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace coweave {

namespace {

using detail::indented;
using detail::remarks;
using traces::counted;

/// A line of the table: places that differ in nothing but the number of the visit.
struct Line {
  std::string task;
  std::string at;
  std::string what;
  std::set<std::uint64_t> visits;
  std::array<bool, sweep_windows> tried{};
  std::array<std::set<std::size_t>, sweep_windows> failures;

  [[nodiscard]] std::string cell(std::size_t window) const {
    if (!tried[window]) return "";
    if (failures[window].empty()) return "·";
    std::string letters;
    for (const std::size_t failure : failures[window])
      letters += (letters.empty() ? "" : " ") + detail::failure_letter(failure);
    return letters;
  }
};

std::vector<Line> lines_of(const Sweep& sweep) {
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> index_of;
  std::vector<Line> lines;
  for (const SweepEntry& entry : sweep.entries) {
    const SweepPlace& place = sweep.places[entry.place];
    const std::string who = place.task == "~" ? "~" : place.task + " " + traces::printable(place.name);
    const std::string at = traces::printable(traces::to_string(place.at));
    const auto [known, is_new] = index_of.try_emplace({who, at, place.what}, lines.size());
    if (is_new) lines.push_back({who, at, traces::printable(place.what), {}, {}, {}});
    Line& line = lines[known->second];
    const auto window = static_cast<std::size_t>(entry.window);
    line.visits.insert(place.visit);
    line.tried[window] = true;
    if (entry.failure) line.failures[window].insert(*entry.failure);
  }
  return lines;
}

using Row = std::vector<std::string>;

std::string laid_out(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t column = 0; column < row.size(); ++column)
      widths[column] = std::max(widths[column], traces::width_of(row[column]));
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column)
      line += (column == 0 ? "  " : "   ") + traces::padded(row[column], widths[column]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

const char* what_is_listed(SweepKind kind) noexcept {
  switch (kind) {
    case SweepKind::exceptions:
      return "fault";
    case SweepKind::allocations:
      return "memory";
    default:
      return "waits for";
  }
}

/// "A: deadlock, in 3 places\n".
std::string legend(const Sweep& sweep, std::size_t failure) {
  const traces::Trace& trace = sweep.failures[failure].finding->trace;
  std::string text =
      "  " + detail::failure_letter(failure) + "  " + std::string(traces::in_words(trace.verdict.kind));
  const bool is_unprovoked =
      std::find(sweep.unprovoked.begin(), sweep.unprovoked.end(), failure) != sweep.unprovoked.end();
  if (is_unprovoked) text += ", without any injection";
  if (trace.verdict.at.known()) text += " at " + traces::printable(traces::to_string(trace.verdict.at));
  const std::string message = trace.verdict.message.substr(0, trace.verdict.message.find('\n'));
  if (!message.empty()) text += ": " + traces::printable(message);
  return text + "\n";
}

}  // namespace

std::string Sweep::table() const {
  const std::vector<Line> lines = lines_of(*this);
  if (lines.empty()) return {};
  std::vector<std::size_t> windows;
  for (std::size_t window = 0; window < sweep_windows; ++window) {
    if (std::any_of(lines.begin(), lines.end(), [&](const Line& line) { return line.tried[window]; }))
      windows.push_back(window);
  }
  std::vector<Row> rows{{"task", "at", what_is_listed(kind)}};
  for (const std::size_t window : windows)
    rows.front().emplace_back(to_string(static_cast<SweepWindow>(window)));
  for (const Line& line : lines) {
    Row row{line.task, line.at, line.what};
    if (line.visits.size() > 1) row.back() += " (" + std::to_string(line.visits.size()) + " times)";
    for (const std::size_t window : windows) row.push_back(line.cell(window));
    rows.push_back(std::move(row));
  }
  return laid_out(rows);
}

std::string Sweep::report() const {
  const std::string shown = traces::printable(name);
  if (replayed) {
    if (!failures.empty()) return failures.front().report();
    if (!blocked.empty()) return "FAILED: " + shown + ": " + blocked + "\n" + remarks(notes);
    return "passed: " + shown + ": the recorded schedule no longer fails\n" + remarks(notes);
  }
  const std::string remarked = indented(detail::in_words(races) + detail::in_words(marks) +
                                        detail::in_words(patterns) + detail::in_words(names)) +
                               remarks(notes);
  if (passed()) return "passed: " + shown + ": " + detail::extent_of(*this) + "\n" + remarked;
  std::string text = "FAILED: " + shown + ": " + detail::extent_of(*this) + "\n" + remarked;
  for (const std::string& why : {blocked, unfinished}) {
    if (!why.empty()) text += "  " + why + "\n";
  }
  if (const std::string lines = table(); !lines.empty()) text += "\n" + lines;
  if (!failures.empty()) text += "\n";
  for (std::size_t failure = 0; failure < failures.size(); ++failure) text += legend(*this, failure);
  for (std::size_t failure = 0; failure < failures.size(); ++failure)
    text += "\n" + detail::failure_letter(failure) + ": " + failures[failure].report();
  return text;
}

std::string Sweep::warnings() const { return passed() ? detail::warnings(*this) : ""; }

namespace detail {

std::string extent_of(const Sweep& sweep) {
  const bool of_awaits = sweep.kind == SweepKind::cancellation || sweep.kind == SweepKind::timeouts;
  std::string text = "a sweep over " + std::string(traces::to_string(sweep.kind)) + ": " +
                     counted(sweep.places.size(), of_awaits ? "await" : "place") + ", " +
                     counted(sweep.runs, "run");
  if (sweep.failures.empty()) return text;
  std::set<std::uint64_t> failed;
  for (const SweepEntry& entry : sweep.entries) {
    if (entry.failure) failed.insert(entry.run);
  }
  return text + ", of which " + std::to_string(failed.size() + sweep.unprovoked.size()) + " failed, in " +
         counted(sweep.failures.size(), "way");
}

std::string what_failed(const Sweep& sweep) {
  std::string text;
  for (const std::string& why : {sweep.blocked, sweep.unfinished}) {
    if (!why.empty()) text += why + "\n";
  }
  if (sweep.marks_missed) text += never_held(sweep.marks);
  if (sweep.patterns_missed) text += in_words(sweep.patterns);
  for (std::size_t failure = 0; failure < sweep.failures.size(); ++failure) text += legend(sweep, failure);
  return text;
}

std::string failure_letter(std::size_t index) {
  std::string letters;
  for (std::size_t rest = index + 1; rest > 0; rest = (rest - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>('A' + (rest - 1) % 26));
  return letters;
}

}  // namespace detail
}  // namespace coweave
