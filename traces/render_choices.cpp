#include <coweave/traces/render_choices.hpp>

#include <coweave/traces/deviations.hpp>
#include <coweave/traces/site.hpp>
#include <coweave/traces/text_width.hpp>
#include <coweave/traces/words.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace coweave::traces {

namespace {

constexpr std::size_t shown_max = 50;

std::size_t count_of(const std::vector<Deviation>& kinds, Deviation kind) {
  return static_cast<std::size_t>(std::count(kinds.begin(), kinds.end(), kind));
}

/// With more scheduling points than asyncio's own: "2 preemptions, 1 step out of turn and 1 cancellation".
std::string size_in_words(const Trace& trace, const std::vector<Deviation>& kinds) {
  const std::size_t preemptions = count_of(kinds, Deviation::preemption);
  std::vector<std::string> parts{preemptions == 0 ? "No preemption" : counted(preemptions, "preemption")};
  constexpr struct {
    std::string_view label;
    std::string_view what;
    std::string_view how;
  } others[] = {
      {"next", "step", " out of turn"}, {"cancel", "cancellation", ""}, {"expire", "time-out", ""},
      {"fault", "fault", ""},           {"late", "delay", ""},          {"random", "number", " above 0"}};
  for (const auto& [label, what, how] : others) {
    std::size_t count = 0;
    for (std::size_t index = 0; index < kinds.size(); ++index) {
      const std::string_view own = trace.choices[index].label;
      if (kinds[index] == Deviation::out_of_order && own.substr(0, own.find(':')) == label) ++count;
    }
    if (count > 0) parts.push_back(counted(count, what) + std::string(how));
  }
  return enumerated(parts);
}

}  // namespace

std::string in_words(const Choice& choice, const Cast& cast) {
  if (choice.label == "next") {
    const std::string who = choice.picked.empty() ? "somebody" : cast.full_name(choice.picked);
    const std::string ran = fmt::format("ran {}, {} of {} in line", who,
                                        ordinal(choice.taken + std::uint64_t{1}), choice.options);
    return choice.preempted.empty() ? ran
                                    : ran + ", while " + cast.full_name(choice.preempted) + " could go on";
  }
  if (choice.label == "cancel") {
    if (choice.taken == 0) return "injected no cancellation";
    return "injected a cancellation into " +
           (choice.picked.empty() ? "a task" : cast.full_name(choice.picked));
  }
  if (choice.label == "expire") {
    if (choice.taken == 0) return "let no time run out";
    return "let a time run out: " + (choice.picked.empty() ? "somebody's" : cast.full_name(choice.picked));
  }
  if (choice.label == "late" || choice.label.starts_with("late:"))
    return choice.taken == 0
               ? std::string("was on time")
               : fmt::format("was late, by {} of {} amounts", ordinal(choice.taken), choice.options - 1);
  const std::string_view label = choice.label;
  if (label.starts_with("fault:")) {
    const std::string what = "'" + cast.shown(label.substr(label.find(':') + 1)) + "'";
    const std::string where = choice.at.known() ? " at " + cast.shown(to_string(choice.at)) : "";
    return (choice.taken == 0 ? "injected no fault " : "injected the fault ") + what + where;
  }
  std::string text = fmt::format("drew {} of 0..{} for '{}'", choice.taken, choice.options - 1,
                                 cast.shown(label.substr(label.find(':') + 1)));
  if (!choice.picked.empty()) text += ": " + cast.full_name(choice.picked);
  return text;
}

std::string render_choices(const Trace& trace, const RenderOptions& options) {
  const Cast cast(trace, options.ascii);
  const std::vector<Deviation> kinds = deviations(trace);
  const auto others = count_of(kinds, Deviation::out_of_order);
  const auto preemptions = count_of(kinds, Deviation::preemption);
  const std::size_t count = others + preemptions;
  const Page page{options.columns(), 0, 2, 4, options.ellipsis()};
  std::string text = paragraph(fmt::format("{}, in {}{}",
                                           trace.settings.scheduling_points == SchedulingPoints::suspensions
                                               ? (count == 0 ? "No deviation" : counted(count, "deviation")) +
                                                     " from asyncio's own order"
                                               : size_in_words(trace, kinds),
                                           counted(trace.choices.size(), "choice"), count == 0 ? "." : ":"),
                               page);
  if (count == 0) return text;
  const std::size_t digits = std::to_string(trace.choices.back().step).size();
  std::size_t shown = 0;
  for (std::size_t index = 0; index < kinds.size(); ++index) {
    if (kinds[index] == Deviation::none) continue;
    const Choice& choice = trace.choices[index];
    if (shown++ == shown_max) return text + fmt::format("  and {} more\n", count - shown_max);
    text += paragraph(fmt::format("step {:>{}}: {}", choice.step, digits, in_words(choice, cast)),
                      {page.width, 2, digits + 7, 4, page.ellipsis});
  }
  return text;
}

}  // namespace coweave::traces
