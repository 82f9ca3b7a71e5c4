#include <coweave/props/coverage/coverage.hpp>

#include <coweave/traces/words.hpp>

#include <fmt/format.h>

#include <cmath>

namespace coweave {

namespace {

using traces::counted;

/// "3.1 %", "0.03 %".
std::string percent(double chance) { return fmt::format("{:.2g} %", 100 * chance); }

/// "2,520 schedules", "3.1e+18 schedules", "about 10^412 schedules".
std::string about(double log10, std::string_view what) {
  if (log10 < 15) return counted(static_cast<std::uint64_t>(std::llround(std::pow(10, log10))), what);
  if (log10 < 300) return fmt::format("{:.2g} {}s", std::pow(10, log10), what);
  return fmt::format("10^{:.0f} {}s", log10, what);
}

}  // namespace

std::string Coverage::in_words(bool all) const {
  std::string text;
  if (looked_at > 0) {
    text += fmt::format("{} in the {} looked at, with {} each", counted(distinct, "different order"),
                        counted(looked_at, "run"), counted(switches / looked_at, "switch"));
    // Of a policy that does not draw its runs there is no chance to speak of.
    if (independent > 0 && seen_once == 0) text += "; each was seen more than once";
    if (independent > 0 && seen_once > 0)
      text += "; the next run is a new one with a chance of " +
              (chance_of_new() > 0.99 ? "more than 99 %" : "about " + percent(chance_of_new()));
    text += "\n";
  }
  if (schedules_log10 && !all) {
    const std::string number = about(*schedules_log10, "schedule");
    text += fmt::format("there {} about {}, estimated from these runs\n",
                        number.starts_with("1 ") ? "is" : "are", number);
  }
  if (runs_log10 && !all)
    text +=
        fmt::format("the search takes about {} in all, estimated from these\n", about(*runs_log10, "run"));
  if (chance_of_failure() < 1)
    text += fmt::format("a run fails with a chance below {}, with 95 % confidence\n",
                        percent(chance_of_failure()));
  if (!assurance.empty()) text += assurance + "\n";
  return text;
}

}  // namespace coweave
