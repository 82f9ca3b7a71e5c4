#include <coweave/traces/story.hpp>

#include <coweave/traces/deviations.hpp>
#include <coweave/traces/identity.hpp>
#include <coweave/traces/text_width.hpp>
#include <coweave/traces/words.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace coweave::traces {

namespace {

/// What is known of a task between two of its steps.
struct Sleeper {
  bool has_run = false;
  bool gave_way = false;
  std::string awaits;  ///< a task
  std::string woken_by;
  std::string cancelled_by;
};

class Teller {
 public:
  Teller(const Trace& trace, const Cast& cast) : trace_(trace), cast_(cast), deviations_(deviations(trace)) {}

  std::vector<Scene> tell() {
    for (const Event& event : trace_.events) {
      if (event.kind == EventKind::run) {
        begin_step(event);
        continue;
      }
      if (scenes_.empty() || event.actor != scenes_.back().actor || event.step != scenes_.back().step)
        begin_scene(event);
      hear(event);
      previous_ = event.kind;
    }
    end_scene();
    std::erase_if(scenes_, [](const Scene& scene) { return !scene.is_step && scene.lines.empty(); });
    return std::move(scenes_);
  }

 private:
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

  void begin_scene(const Event& event) {
    end_scene();
    scenes_.push_back({event.step, event.time_ns, event.actor, false, false, false, {}});
    previous_.reset();
    carrier_ = finish_ = nowhere;
    failure_.clear();
  }

  void begin_step(const Event& event) {
    begin_scene(event);
    scenes_.back().is_step = true;
    const std::string_view role = role_of(event.actor);
    std::string text = role.empty() ? reason_to_run(std::string(owner_of(event.actor))) : role_in_words(role);
    std::vector<std::string> drawn;
    for (; next_choice_ < trace_.choices.size() && trace_.choices[next_choice_].step <= event.step;
         ++next_choice_) {
      const Choice& choice = trace_.choices[next_choice_];
      if (choice.step != event.step) continue;
      const bool is_fault = choice.label.starts_with("fault:");
      const bool told_by_injection = choice.label == "cancel" || choice.label == "expire" || is_fault;
      const bool deviates = deviations_[next_choice_] != Deviation::none && !told_by_injection;
      scenes_.back().deviates |= deviates;
      if (choice.label == "next" && deviates) {
        if (choice.taken != 0) text += " " + place_in_line(choice);
        if (!choice.preempted.empty()) text += ", preempts " + cast_.name(choice.preempted);
      }
      if (choice.label == "late") {
        if (choice.taken != 0) text += ", late";
      } else if (choice.label == "late:thread") {
        if (choice.taken != 0) drawn.push_back("a body begins late");
      } else if (choice.label != "next" && !told_by_injection) {
        const std::string_view label = choice.label;
        drawn.push_back(fmt::format("draw {} of 0..{} for '{}'", choice.taken, choice.options - 1,
                                    cast_.shown(label.substr(label.find(':') + 1))));
      }
    }
    add(event, Mark::begin, std::move(text));
    if (!role.empty()) carrier_ = 0;
    for (std::string& draw : drawn) add(event, Mark::act, std::move(draw));
  }

  std::string place_in_line(const Choice& choice) {
    scenes_.back().tells_place = true;
    return with_hard_spaces(
        fmt::format("({} of {})", ordinal(choice.taken + std::uint64_t{1}), choice.options));
  }

  std::string reason_to_run(const std::string& task) {
    const Sleeper sleeper = std::exchange(sleepers_[task], {true, false, {}, {}, {}});
    const std::string text = sleeper.has_run ? "resume" : "start";
    if (sleeper.cancelled_by == "~") return text + ", cancelled";
    if (!sleeper.cancelled_by.empty()) return text + ", cancelled by " + cast_.name(sleeper.cancelled_by);
    if (!sleeper.has_run || sleeper.gave_way || sleeper.woken_by.empty()) return text;
    const bool by_itself = owner_of(sleeper.woken_by) == task;
    return text + ", woken by " +
           (by_itself ? "its " + role_in_words(role_of(sleeper.woken_by)) : cast_.name(sleeper.woken_by));
  }

  void hear(const Event& event) {
    if (event.kind != EventKind::spawn && event.kind != EventKind::wake) tell_spawned();
    if (event.kind != EventKind::operation && event.kind != EventKind::wake) carrier_ = nowhere;
    switch (event.kind) {
      case EventKind::run:
        break;
      case EventKind::operation:
        operation(event);
        break;
      case EventKind::await:
        await(event);
        break;
      case EventKind::wake:
        wake(event);
        break;
      case EventKind::spawn:
        spawn(event);
        break;
      case EventKind::cancel:
        cancel(event);
        break;
      case EventKind::inject:
        inject(event);
        break;
      case EventKind::note:
        add(event, Mark::act, "\"" + cast_.shown(event.text) + "\"");
        break;
      case EventKind::finish:
        finish(event);
        break;
      case EventKind::clock:
        break;  // told by the time of the next scene
      case EventKind::fail:
        fail(event);
        break;
    }
  }

  void operation(const Event& event) {
    // Cancelling a task cancels what it awaits: told by the cancellation.
    if (previous_ == EventKind::cancel && event.text == "cancel") return;
    const std::string& kind = trace_.objects[event.object - 1].kind;
    const bool is_lock = kind == "Lock" || kind == "Condition.lock";
    if (cast_.is_inner(event.object) && !is_lock) return;
    carrier_ = add(event, Mark::act, cast_.shown(event.text) + " " + cast_.short_object(event.object));
    if (!is_lock) return;
    if (event.text == "acquire") holders_[event.object] = owner_of(event.actor);
    if (event.text == "release") holders_.erase(event.object);
  }

  void await(const Event& event) {
    Sleeper& sleeper = sleepers_[std::string(owner_of(event.actor))];
    sleeper.gave_way = event.text == "give way";
    sleeper.awaits = event.target;
    std::string text = cast_.shown(event.text);
    const auto with_manner = [&](const std::string& what, std::string_view plain) {
      return "await " + what + (text.empty() || text == plain ? "" : " (" + text + ")");
    };
    if (event.object != 0) {
      const bool is_future = text == "future" || cast_.is_inner(event.object);
      text = is_future ? "await " + cast_.short_object(event.object)
                       : with_manner(cast_.short_object(event.object), "acquire");
      const auto holder = holders_.find(event.object);
      if (holder != holders_.end()) text += ", held by " + cast_.name(holder->second);
    } else if (!event.target.empty()) {
      text = with_manner(cast_.name(event.target), "task");
    } else if (!sleeper.gave_way && !text.starts_with("sleep")) {
      text = "await " + (text.empty() ? "something" : text);
    }
    add(event, Mark::stop, std::move(text));
  }

  /// Who is woken stands with the operation or the end of the task that wakes.
  void wake(const Event& event) {
    Sleeper& sleeper = sleepers_[event.target];
    sleeper.woken_by = event.actor;
    if (event.actor == "~") return;  // told when it runs
    if (event.target == spawned_last_ && !spawned_.empty()) return;
    tell_spawned();
    if (event.target == cancelled_last_) return;
    const std::string_view role = role_of(event.target);
    const bool hears_of_the_end =
        sleeper.awaits == event.actor || role.starts_with("done") || role.starts_with("g");  // gather, group
    std::string target = cast_.name(event.target);
    const bool is_role = !role_of(event.actor).empty();
    if (is_role && carrier_ == 0 && event.target == owner_of(event.actor)) return;  // what else is it for
    if (!hears_of_the_end || is_role) {
      if (carrier_ == nowhere) carrier_ = add(event, Mark::act, "");
      woken_[carrier_].push_back(std::move(target));
    } else if (finish_ != nowhere) {
      woken_[finish_].push_back(std::move(target));
    } else {
      woken_by_the_end_.push_back(std::move(target));
    }
  }

  void spawn(const Event& event) {
    if (event.actor == "~") return;  // the root
    if (!spawned_.empty() && spawned_at_.at != event.at) tell_spawned();
    spawned_last_ = event.target;
    spawned_.push_back(cast_.name(event.target));
    spawned_at_ = event;
  }

  /// Tasks spawned at one place one after another make one line.
  void tell_spawned() {
    if (spawned_.empty()) return;
    constexpr std::size_t named_max = 4;
    const std::vector<std::string> names = std::exchange(spawned_, {});
    add(spawned_at_, Mark::act,
        names.size() <= named_max
            ? fmt::format("spawn {}", fmt::join(names, ", "))
            : fmt::format("spawn {} to {} ({})", names.front(), names.back(), counted(names.size(), "task")));
  }

  void cancel(const Event& event) {
    if (previous_ == EventKind::inject) return;
    cancelled_last_ = event.target;
    sleepers_[event.target].cancelled_by = event.actor;
    if (event.actor == "~") {
      add(event, Mark::alert, "cancelled by the loop", event.target);
    } else {
      add(event, Mark::act, "cancel " + cast_.name(event.target));
    }
  }

  void inject(const Event& event) {
    scenes_.back().deviates = true;
    const std::string_view text = event.text;
    if (text.starts_with("fault:")) {
      add(event, Mark::alert, "fault '" + cast_.shown(text.substr(text.find(':') + 1)) + "' injected",
          event.target);
      return;
    }
    if (text == "timeout") return add_injected_timeout(event);
    sleepers_[event.target].cancelled_by = event.actor;
    const std::string what = text == "cancel" ? "cancellation" : cast_.shown(text);
    add(event, Mark::alert, what + " injected", event.target);
  }

  void add_injected_timeout(const Event& event) {
    add(event, Mark::alert, "its time is up, injected", std::string(owner_of(event.target)));
  }

  void finish(const Event& event) {
    if (!failure_.empty() && event.text.ends_with(failure_)) return;  // the failure says so
    const bool is_good = event.text == "returned";
    finish_ = add(event, is_good ? Mark::end : Mark::alert,
                  is_good              ? "return"
                  : event.text.empty() ? "end"
                                       : cast_.shown(event.text));
    woken_[finish_] = std::exchange(woken_by_the_end_, {});
  }

  void fail(const Event& event) {
    failure_ = event.text;
    std::string text = fmt::format("FAILED: {}", in_words(trace_.verdict.kind));
    if (trace_.verdict.kind == VerdictKind::deadlock && !trace_.verdict.shape.empty()) {
      text += fmt::format(", {}", shape_in_words(trace_.verdict.shape));  // the verdict tells who and where
    } else if (!event.text.empty()) {
      std::string_view told = event.text;
      if (trace_.verdict.kind == VerdictKind::non_linearizable ||
          trace_.verdict.kind == VerdictKind::invariant || trace_.verdict.kind == VerdictKind::nondeterminism)
        told = told.substr(0, told.find('\n'));  // the verdict has the rest
      text += ": " + cast_.shown(told);
    }
    add(event, Mark::failure, std::move(text));
  }

  /// Index of the new line in its scene.
  std::size_t add(const Event& event, Mark mark, std::string text) {
    return add(event, mark, std::move(text), event.actor);
  }
  std::size_t add(const Event& event, Mark mark, std::string text, std::string_view owner) {
    scenes_.back().lines.push_back({std::string(owner_of(owner)), mark, std::move(text), event.at});
    woken_.emplace_back();
    return woken_.size() - 1;
  }

  void end_scene() {
    tell_spawned();
    if (scenes_.empty()) return;
    std::vector<Line>& lines = scenes_.back().lines;
    for (std::size_t index = 0; index < lines.size(); ++index) {
      if (woken_[index].empty()) continue;
      const std::string_view separator = lines[index].text.empty() ? "" : ", ";
      lines[index].text += fmt::format("{}wake {}", separator, fmt::join(woken_[index], ", "));
    }
    woken_.clear();
    if (!woken_by_the_end_.empty()) {  // the event of the end is missing
      lines.push_back({std::string(owner_of(scenes_.back().actor)),
                       Mark::act,
                       fmt::format("wake {}", fmt::join(std::exchange(woken_by_the_end_, {}), ", ")),
                       {}});
    }
    // "resume" alone says nothing that the next line does not show.
    if (lines.size() > 1 && lines[0].text == "resume" && lines[1].mark <= Mark::stop) {
      lines.erase(lines.begin());
      if (lines[0].mark == Mark::act) lines[0].mark = Mark::begin;
    }
  }

  const Trace& trace_;
  const Cast& cast_;
  const std::vector<Deviation> deviations_;  ///< of the choices
  std::vector<Scene> scenes_;

  // Of the present scene.
  std::optional<EventKind> previous_;            ///< the event before
  std::vector<std::vector<std::string>> woken_;  ///< who is woken by what a line tells, by line
  std::vector<std::string> woken_by_the_end_;    ///< told with the end of the task, which comes later
  std::size_t carrier_ = nowhere;                ///< the line that tells who is woken now
  std::size_t finish_ = nowhere;                 ///< the line that tells the end of the task
  std::string failure_;
  std::vector<std::string> spawned_;  ///< names not told yet
  Event spawned_at_;
  std::string spawned_last_;
  std::string cancelled_last_;

  // Of the run up to now.
  std::size_t next_choice_ = 0;
  std::map<std::string, Sleeper> sleepers_;
  std::map<std::uint32_t, std::string> holders_;  ///< of locks
};

}  // namespace

std::vector<Scene> tell(const Trace& trace, const Cast& cast) { return Teller(trace, cast).tell(); }

}  // namespace coweave::traces
