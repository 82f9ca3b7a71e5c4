#include <coweave/props/coverage/progress.hpp>

#include <coweave/traces/printable.hpp>
#include <coweave/traces/words.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <unistd.h>

namespace coweave::detail {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

/// "1.2 M", "340 k", "12".
std::string rate_in_words(double rate) {
  if (rate >= 1e6) return fmt::format("{:.1f} M", rate / 1e6);
  if (rate >= 1e4) return fmt::format("{:.0f} k", rate / 1e3);
  return fmt::format("{:.0f}", rate);
}

/// "3 s", "12 min", "5 h".
std::string time_in_words(double seconds) {
  if (seconds < 100) return fmt::format("{:.0f} s", seconds);
  if (seconds < 100 * 60) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.0f} h", seconds / 3600);
}

}  // namespace

Progress::Progress(const Options& options)
    : options_(options),
      shown_(options.progress),
      terminal_(isatty(STDERR_FILENO) == 1),
      next_line_(terminal_ ? 2s : 30s) {
  if (!shown_) next_look_runs_ = next_look_steps_ = never;
}

Progress::~Progress() {
  if (told_ && terminal_) std::fputs("\r\x1b[K", stderr);
}

void Progress::look(const Exploration& result, const Census& census, const sim::Policy& policy) {
  next_look_runs_ = result.runs + 1'000;
  next_look_steps_ = result.steps + 10'000;
  const std::chrono::nanoseconds now = watch_.elapsed();
  if (now < next_line_) return;
  next_line_ = now + (terminal_ ? 250ms : 30'000ms);
  const std::string text = line(result, census.coverage(policy), now);
  std::fputs(terminal_ ? ("\r\x1b[K" + text).c_str() : (text + "\n").c_str(), stderr);
  std::fflush(stderr);
  told_ = true;
}

std::string Progress::line(const Exploration& result, const Coverage& coverage,
                           std::chrono::duration<double> gone) const {
  const double rate = static_cast<double>(result.runs) / gone.count();
  std::string text = fmt::format("coweave: {}: {}, {} a second", traces::printable(result.name),
                                 traces::counted(result.runs, "run"), rate_in_words(rate));
  if (coverage.looked_at > 0)
    text += fmt::format(", {} orders, new {:.2g} %", coverage.distinct, 100 * coverage.chance_of_new());
  const std::optional<double> all = coverage.runs_log10 ? coverage.runs_log10 : coverage.schedules_log10;
  if (all && coverage.independent == 0) {
    const double share = std::pow(10, std::log10(static_cast<double>(result.runs)) - *all);
    text += *all < 300 ? fmt::format(", {:.2g} % of about {:.2g}", 100 * share, std::pow(10, *all))
                       : fmt::format(", of about 10^{:.0f}", *all);
  }
  double left = std::numeric_limits<double>::infinity();
  if (options_.runs != never) left = static_cast<double>(options_.runs - result.runs) / rate;
  if (options_.wall_time_max > 0ns)
    left = std::min(left, std::chrono::duration<double>(options_.wall_time_max).count() - gone.count());
  if (left < std::numeric_limits<double>::infinity())
    text += ", at most " + time_in_words(std::max(0.0, left)) + " left";
  return text;
}

}  // namespace coweave::detail
