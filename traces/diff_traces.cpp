#include <coweave/traces/diff_traces.hpp>

#include <coweave/traces/cast.hpp>
#include <coweave/traces/facts.hpp>
#include <coweave/traces/names.hpp>
#include <coweave/traces/render_choices.hpp>
#include <coweave/traces/site.hpp>
#include <coweave/traces/words.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace coweave::traces {

namespace {

constexpr std::size_t context_max = 3;  ///< what both sides have in common before they part

/// Index of the first entry that differs, nothing if none does.
template <class Entry>
std::optional<std::size_t> first_difference(const std::vector<Entry>& left, const std::vector<Entry>& right) {
  const auto [at, unused] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  const auto index = static_cast<std::size_t>(at - left.begin());
  if (index == left.size() && index == right.size()) return std::nullopt;
  return index;
}

class Comparison {
 public:
  Comparison(const Trace& left, const Trace& right, Sides sides, bool ascii)
      : left_(left), right_(right), sides_(sides), left_cast_(left, ascii), right_cast_(right, ascii) {}

  std::string tell() {
    if (left_ == right_) {
      return fmt::format("Equal: {}, {}, {}.\n", counted(left_.choices.size(), "choice"),
                         counted(left_.events.size(), "event"), in_words(left_.verdict.kind));
    }
    find();
    if (left_.verdict.kind != right_.verdict.kind) {
      text_ += "\nThey end differently:\n";
      side(sides_.left, ending(left_));
      side(sides_.right, ending(right_));
    }
    return text_;
  }

 private:
  void find() {
    if (left_.settings != right_.settings)
      return fields("The settings differ", facts(left_.settings), facts(right_.settings));
    if (const auto at = first_difference(left_.generated, right_.generated))
      return entries("generated arguments", left_.generated, right_.generated, *at);
    const auto choice = first_difference(left_.choices, right_.choices);
    const auto event = first_difference(left_.events, right_.events);
    // A choice is made before anything happens in its step.
    if (choice && (!event || step_of(left_.choices, right_.choices, *choice) <=
                                 step_of(left_.events, right_.events, *event)))
      return entries("choice", left_.choices, right_.choices, *choice);
    if (event) {
      entries("event", left_.events, right_.events, *event);
      text_ += "The choices up to there are the same: the program or its surroundings differ.\n";
      return;
    }
    if (const auto at = first_difference(left_.tasks, right_.tasks))
      return entries("task", left_.tasks, right_.tasks, *at);
    if (const auto at = first_difference(left_.objects, right_.objects))
      return entries("object", left_.objects, right_.objects, *at);
    if (left_.verdict != right_.verdict)
      return fields("What happens is the same, and the verdict differs", facts(left_.verdict),
                    facts(right_.verdict));
    fields("The runs are the same, and differ in where they come from", origin(left_), origin(right_));
  }

  template <class Entry>
  static std::uint64_t step_of(const std::vector<Entry>& left, const std::vector<Entry>& right,
                               std::size_t index) {
    const std::uint64_t never = static_cast<std::uint64_t>(-1);
    return std::min(index < left.size() ? left[index].step : never,
                    index < right.size() ? right[index].step : never);
  }

  /// Entry `index` of two lists differs, or one list ends there.
  template <class Entry>
  void entries(std::string_view what, const std::vector<Entry>& left, const std::vector<Entry>& right,
               std::size_t index) {
    text_ += fmt::format("The first difference is {} {}:\n", what, index + 1);
    for (std::size_t before = index - std::min(index, context_max); before < index; ++before)
      side("both", in_words_of(left[before], left_cast_));
    side(sides_.left, index < left.size() ? in_words_of(left[index], left_cast_) : "(ends here)");
    side(sides_.right, index < right.size() ? in_words_of(right[index], right_cast_) : "(ends here)");
    if (index < left.size() && index < right.size()) {
      const std::string names = differing(facts(left[index]), facts(right[index]));
      text_ += fmt::format("They differ in {}.\n", names);
    }
  }

  void fields(std::string_view headline, const Facts& left, const Facts& right) {
    text_ += fmt::format("{}:\n", headline);
    const std::size_t count = std::max(left.size(), right.size());
    for (std::size_t index = 0; index < count; ++index) {
      const auto [left_name, left_value] =
          index < left.size() ? left[index] : Facts::value_type{"nothing", ""};
      const auto [right_name, right_value] =
          index < right.size() ? right[index] : Facts::value_type{"nothing", ""};
      if (left_name == right_name && left_value == right_value) continue;
      side(sides_.left, fmt::format("{}: {}", left_name, shown(left_value)));
      side(sides_.right, fmt::format("{}: {}", right_name, shown(right_value)));
    }
  }

  static std::string differing(const Facts& left, const Facts& right) {
    std::vector<std::string> names;
    for (std::size_t index = 0; index < std::min(left.size(), right.size()); ++index) {
      if (left[index] != right[index]) names.push_back(left[index].first);
    }
    return names.empty() ? "their number of fields" : enumerated(names);
  }

  void side(std::string_view name, const std::string& what) {
    const std::size_t width = std::max({sides_.left.size(), sides_.right.size(), std::size_t{4}});
    text_ += fmt::format("  {:<{}}  {}\n", name, width, what);
  }

  static std::string in_words_of(const Choice& choice, const Cast& cast) {
    return fmt::format("step {}: {}", choice.step, in_words(choice, cast));
  }

  static std::string in_words_of(const Event& event, const Cast& cast) {
    std::string line = fmt::format("step {}, {}, {}: {}", event.step, time_in_words(event.time_ns),
                                   cast.full_name(event.actor), to_string(event.kind));
    if (!event.text.empty()) line += " " + cast.shown(event.text);
    if (event.object != 0) line += " " + cast.object(event.object);
    if (!event.target.empty()) line += " " + cast.full_name(event.target);
    if (event.at.known()) line += " at " + cast.shown(to_string(event.at));
    return line;
  }

  template <class Entry>
  std::string in_words_of(const Entry& entry, const Cast&) const {
    std::vector<std::string> parts;
    for (const auto& [name, value] : facts(entry)) {
      if (!value.empty() && value != unknown_site) parts.push_back(shown(name) + " " + shown(value));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
  }

  [[nodiscard]] std::string ending(const Trace& trace) const {
    const Verdict& verdict = trace.verdict;
    std::string text = fmt::format("{} at step {}", in_words(verdict.kind), verdict.step);
    if (!verdict.message.empty()) text += ": " + shown(verdict.message);
    return text;
  }

  [[nodiscard]] std::string shown(std::string_view text) const { return left_cast_.shown(text); }

  const Trace& left_;
  const Trace& right_;
  Sides sides_;
  Cast left_cast_;
  Cast right_cast_;
  std::string text_;
};

}  // namespace

std::string diff_traces(const Trace& left, const Trace& right, Sides sides, bool ascii) {
  return Comparison(left, right, sides, ascii).tell();
}

}  // namespace coweave::traces
