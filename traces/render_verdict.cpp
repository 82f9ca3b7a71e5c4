#include <coweave/traces/render_verdict.hpp>

#include <coweave/traces/cast.hpp>
#include <coweave/traces/site.hpp>
#include <coweave/traces/text_width.hpp>
#include <coweave/traces/words.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace coweave::traces {

namespace {

constexpr std::size_t waits_max = 20;
constexpr std::size_t stack_max = 20;
constexpr std::size_t lines_max = 30;

class Writer {
 public:
  Writer(const Trace& trace, const RenderOptions& options)
      : verdict_(trace.verdict), options_(options), cast_(trace, options.ascii) {}

  std::string write() {
    headline();
    if (verdict_.kind == VerdictKind::passed) return text_;
    message(verdict_.cycle.empty() ? verdict_.message : cycle_in_words());
    place();
    waits();
    return text_;
  }

 private:
  void headline() {
    const bool passed = verdict_.kind == VerdictKind::passed;
    std::string line = passed ? "passed" : fmt::format("FAILED: {}", in_words(verdict_.kind));
    line += passed ? ": " + counted(verdict_.step, "step") : fmt::format(" at step {}", verdict_.step);
    if (verdict_.time_ns != 0)
      line += fmt::format(", after {} of virtual time", time_in_words(verdict_.time_ns));
    if (!verdict_.task.empty()) line += ", in " + cast_.full_name(verdict_.task);
    std::string told = paragraph(line, {options_.columns(), 0, 2, 4, options_.ellipsis()});
    if (options_.color) {
      told.pop_back();
      told = fmt::format("\x1b[{}m{}\x1b[0m\n", passed ? "32" : "1;31", told);
    }
    text_ += told;
  }

  void say(std::string_view line, std::size_t margin, std::size_t indent = 4, std::size_t lines = 6) {
    text_ += paragraph(line, {options_.columns(), margin, indent, lines, options_.ellipsis()});
  }

  /// The program's own lines stay lines.
  void message(std::string_view message) {
    for (std::size_t lines = 0; !message.empty() && lines < lines_max; ++lines) {
      const std::size_t end = std::min(message.find('\n'), message.size());
      if (end == 0) {
        text_ += "\n";
      } else {
        say(cast_.shown(message.substr(0, end)), 2, 0, lines_max);
      }
      message.remove_prefix(std::min(end + 1, message.size()));
    }
    if (!message.empty()) say(options_.ellipsis(), 2);
  }

  void place() {
    if (verdict_.at.known() && !told_by_message(verdict_.at)) say("at " + shown(verdict_.at), 2);
    const bool is_told = !verdict_.stack.empty() && verdict_.stack.front() == verdict_.at;
    stack({verdict_.stack.begin() + (is_told ? 1 : 0), verdict_.stack.end()}, "awaited at", 2);
    if (const Task* task = cast_.task(verdict_.task); task && task->spawned.known())
      say("spawned at " + shown(task->spawned), 2);
  }

  /// Whether a line of the message says that this is where something was.
  [[nodiscard]] bool told_by_message(const Site& site) const {
    return (verdict_.message + "\n").find("\n  at " + to_string(site) + "\n") != std::string::npos;
  }

  void stack(const std::vector<Site>& sites, std::string_view word, std::size_t margin) {
    const std::string blank(word.size(), ' ');
    for (std::size_t index = 0; index < sites.size(); ++index) {
      if (index == stack_max) {
        say(fmt::format("{} and {} more", blank, sites.size() - index), margin);
        return;
      }
      say(fmt::format("{} {}", index == 0 ? word : blank, shown(sites[index])), margin);
    }
  }

  /// What a task waits for, and who could end that.
  [[nodiscard]] std::string what(const Wait& wait) const {
    if (wait.object != 0) return cast_.object(wait.object);
    if (!wait.on_task.empty()) return cast_.name(wait.on_task);
    return cast_.shown(wait.what);
  }

  [[nodiscard]] const Wait* wait_of(const std::string& task) const {
    const auto found = std::find_if(verdict_.waits.begin(), verdict_.waits.end(),
                                    [&](const Wait& wait) { return wait.task == task; });
    return found == verdict_.waits.end() ? nullptr : &*found;
  }

  /// "plato waits for Lock 'a', held by kant, who waits for Lock 'b', held by plato: a cycle."
  [[nodiscard]] std::string cycle_in_words() const {
    std::string sentence = cast_.name(verdict_.cycle.front());
    for (std::size_t index = 0; index < verdict_.cycle.size(); ++index) {
      const Wait* wait = wait_of(verdict_.cycle[index]);
      if (!wait) return verdict_.message;
      const std::string& next = verdict_.cycle[(index + 1) % verdict_.cycle.size()];
      if (index > 0) sentence += ", who";
      sentence += " waits for " + what(*wait);
      if (wait->on_task != next) sentence += ", held by " + cast_.name(next);
    }
    return sentence + (verdict_.cycle.size() == 1 ? " itself." : ": a cycle.");
  }

  void waits() {
    std::vector<const Wait*> order;
    for (const std::string& task : verdict_.cycle) order.push_back(wait_of(task));
    for (const Wait& wait : verdict_.waits) {
      if (std::find(order.begin(), order.end(), &wait) == order.end()) order.push_back(&wait);
    }
    std::erase(order, nullptr);
    for (std::size_t index = 0; index < order.size(); ++index) {
      if (index == waits_max) {
        text_ += fmt::format("\n  and {} that wait\n", counted(order.size() - waits_max, "more task"));
        return;
      }
      if (index == verdict_.cycle.size() && index > 0) text_ += "\n  Held up by them:\n";
      wait(*order[index]);
    }
  }

  void wait(const Wait& wait) {
    std::string line = cast_.full_name(wait.task) + " waits for " + what(wait);
    std::vector<std::string> holders;
    for (const std::string& holder : wait.held_by)
      holders.push_back(holder == wait.task ? "itself" : cast_.full_name(holder));
    if (!holders.empty()) line += ", held by " + enumerated(holders);
    text_ += "\n";
    say(line, 2);
    stack(wait.stack, "at     ", 4);
    if (const Task* task = cast_.task(wait.task); task && task->spawned.known())
      say("spawned " + shown(task->spawned), 4);
  }

  [[nodiscard]] std::string shown(const Site& site) const { return cast_.shown(to_string(site)); }

  const Verdict& verdict_;
  const RenderOptions& options_;
  Cast cast_;
  std::string text_;
};

}  // namespace

std::string render_verdict(const Trace& trace, const RenderOptions& options) {
  return Writer(trace, options).write();
}

}  // namespace coweave::traces
