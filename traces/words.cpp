#include <coweave/traces/words.hpp>

#include <fmt/format.h>

#include <array>
#include <utility>

namespace coweave::traces {

std::string time_in_words(std::int64_t time_ns) {
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 3> units = {
      {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}}};
  if (time_ns == 0) return "0 s";
  for (const auto& [unit_ns, name] : units) {
    if (time_ns < unit_ns) continue;
    std::string fraction = std::to_string(unit_ns + time_ns % unit_ns).substr(1);
    while (fraction.ends_with('0')) fraction.pop_back();
    return fmt::format("{}{}{} {}", time_ns / unit_ns, fraction.empty() ? "" : ".", fraction, name);
  }
  return fmt::format("{} ns", time_ns);
}

std::string ordinal(std::uint64_t number) {
  const bool is_teen = number % 100 >= 11 && number % 100 <= 13;
  std::string_view ending = "th";
  if (!is_teen && number % 10 == 1) ending = "st";
  if (!is_teen && number % 10 == 2) ending = "nd";
  if (!is_teen && number % 10 == 3) ending = "rd";
  return fmt::format("{}{}", number, ending);
}

std::string counted(std::uint64_t count, std::string_view what) {
  std::string digits = std::to_string(count);
  for (std::size_t end = digits.size(); end > 3; end -= 3) digits.insert(end - 3, 1, ',');
  const std::string_view ending = count == 1 ? "" : what.ends_with("ch") ? "es" : "s";
  return fmt::format("{} {}{}", digits, what, ending);
}

std::string enumerated(const std::vector<std::string>& parts) {
  std::string result;
  for (std::size_t index = 0; index < parts.size(); ++index) {
    if (index > 0) result += index + 1 == parts.size() ? " and " : ", ";
    result += parts[index];
  }
  return result;
}

std::string_view in_words(VerdictKind kind) noexcept {
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
    case VerdictKind::non_linearizable:
      return "not linearizable";
    case VerdictKind::invariant:
      return "invariant broken";
    case VerdictKind::crash:
      return "crash";
    case VerdictKind::still_held:
      return "still held at the end";
  }
  return "failure";
}

std::string_view shape_in_words(std::string_view shape) noexcept {
  if (shape == "cycle") return "a cycle";
  if (shape == "lost_wakeup") return "a lost wake-up";
  if (shape == "nobody_can_wake") return "nobody can wake them";
  return shape;
}

}  // namespace coweave::traces
