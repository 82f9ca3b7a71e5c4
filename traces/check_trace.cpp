#include <coweave/traces/check_trace.hpp>

#include <coweave/traces/identity.hpp>
#include <coweave/traces/invalid.hpp>
#include <coweave/traces/names.hpp>
#include <coweave/traces/printable.hpp>
#include <coweave/traces/site.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace coweave::traces {

namespace {

[[noreturn]] void refuse(const std::string& place, std::string_view key, std::string message) {
  throw Invalid(key.empty() ? place : pointer(place, key), std::move(message));
}

void require(bool condition, const std::string& place, std::string_view key, const char* message) {
  if (!condition) refuse(place, key, message);
}

bool is_label(std::string_view label) {
  const std::string_view kind = label.substr(0, label.find(':'));
  return !kind.empty() && std::all_of(kind.begin(), kind.end(), [](char character) {
    return (character >= 'a' && character <= 'z') || character == '_';
  });
}

class Checker {
 public:
  explicit Checker(const Trace& trace) : trace_(trace) {}

  void check() {
    header();
    tasks();
    objects();
    choices();
    events();
    verdict();
  }

 private:
  void header() const {
    const Settings& settings = trace_.settings;
    require(trace_.run >= 1, "/run", "", "runs count from 1");
    require(settings.steps_max >= 1, "/settings/steps_max", "", "at least 1");
    require(settings.time_max_ns >= 1, "/settings/time_max_ns", "", "at least 1");
    require(settings.tasks_max >= 1, "/settings/tasks_max", "", "at least 1");
    require(settings.step_cost_ns >= 0, "/settings/step_cost_ns", "", "at least 0");
    require(settings.jitter_ns >= 0, "/settings/jitter_ns", "", "at least 0");
    require(trace_.generated.size() <= 1, "/generated", "", "at most one entry");
  }

  void tasks() {
    for (std::size_t index = 0; index < trace_.tasks.size(); ++index) {
      const Task& task = trace_.tasks[index];
      const std::string place = pointer("/tasks", index);
      if (!is_task_identity(task.id))
        refuse(place, "id", quoted(task.id) + " is no task; a task is a path from the root, such as 0.2.0");
      const std::string_view parent = parent_of(task.id);
      if (!(parent.empty() ? index == 0 : tasks_.contains(parent)))
        refuse(place, "id",
               parent.empty() ? "the root is the first task, and there is one"
                              : quoted(task.id) + " stands before the task that spawned it, or without it");
      if (!tasks_.insert(task.id).second) refuse(place, "id", quoted(task.id) + " stands here twice");
      site(task.spawned, place, "spawned");
    }
  }

  void objects() const {
    for (std::size_t index = 0; index < trace_.objects.size(); ++index) {
      const Object& object = trace_.objects[index];
      const std::string place = pointer("/objects", index);
      if (object.id != index + 1)
        refuse(
            place, "id",
            fmt::format("objects are numbered from 1 in order: expected {}, found {}", index + 1, object.id));
      require(!object.kind.empty(), place, "kind", "empty; say what it is, such as Lock");
    }
  }

  void choices() const {
    std::uint64_t step_before = 1;
    for (std::size_t index = 0; index < trace_.choices.size(); ++index) {
      const Choice& choice = trace_.choices[index];
      const std::string place = pointer("/choices", index);
      if (choice.step < step_before)
        refuse(place, "step",
               fmt::format("step {}, but steps never decrease and this one is at least {}", choice.step,
                           step_before));
      step_before = choice.step;
      if (!is_label(choice.label))
        refuse(place, "label",
               quoted(choice.label) + " is no label; expected next, cancel, or random: or fault: and a name");
      if (choice.options < 2)
        refuse(place, "options",
               fmt::format("{} options leave nothing to choose; at least 2", choice.options));
      if (choice.taken >= choice.options)
        refuse(place, "taken",
               fmt::format("option {} of {}; the options are 0 to {}", choice.taken, choice.options,
                           choice.options - 1));
      if (!choice.picked.empty()) actor(choice.picked, place, "picked");
      if (!choice.preempted.empty()) {
        require(choice.label == "next", place, "preempted", "only who runs next can preempt somebody");
        task(choice.preempted, place, "preempted");
      }
      const bool is_fault = choice.label.starts_with("fault:");
      if (is_fault && choice.options != 2)
        refuse(place, "options",
               fmt::format("{} options of a fault; there are 2, it happens or not", choice.options));
      require(is_fault || !choice.at.known(), place, "at", "only a fault has a place of its own");
      site(choice.at, place, "at");
    }
  }

  void events() const {
    require(trace_.events.empty() || !trace_.tasks.empty(), "/events", "",
            "events without tasks; a trace lists its tasks if it lists its events");
    const Event first{};
    const Event* before = &first;
    for (std::size_t index = 0; index < trace_.events.size(); ++index) {
      const Event& event = trace_.events[index];
      const std::string place = pointer("/events", index);
      if (event.step < before->step)
        refuse(place, "step",
               fmt::format("step {} after step {}; steps never decrease", event.step, before->step));
      if (event.time_ns < before->time_ns)
        refuse(place, "time_ns",
               fmt::format("{} ns after {} ns; time never runs backwards", event.time_ns, before->time_ns));
      before = &event;
      actor(event.actor, place, "actor");
      object(event.object, place);
      if (!event.target.empty()) actor(event.target, place, "target");
      site(event.at, place, "at");
      parts(event, place);
    }
  }

  /// What an event of its kind cannot do without.
  static void parts(const Event& event, const std::string& place) {
    switch (event.kind) {
      case EventKind::operation:
        require(event.object != 0, place, "", "an operation needs an 'object'");
        require(!event.text.empty(), place, "", "an operation needs a 'text' that says which");
        break;
      case EventKind::spawn:
        require(is_task_identity(event.target), place, event.target.empty() ? "" : "target",
                "a spawn needs a task as its 'target'");
        break;
      case EventKind::wake:
      case EventKind::cancel:
      case EventKind::inject:
        if (event.target.empty())
          refuse(place, "", fmt::format("an event of kind {} needs a 'target'", to_string(event.kind)));
        break;
      case EventKind::run:
      case EventKind::await:
      case EventKind::note:
      case EventKind::finish:
      case EventKind::clock:
      case EventKind::fail:
        break;
    }
  }

  void verdict() const {
    const Verdict& verdict = trace_.verdict;
    const std::string place = "/verdict";
    if (verdict.kind == VerdictKind::passed) {
      const bool has_evidence = !verdict.message.empty() || !verdict.task.empty() || verdict.at.known() ||
                                !verdict.stack.empty() || !verdict.shape.empty() || !verdict.cycle.empty() ||
                                !verdict.waits.empty();
      require(!has_evidence, place, "", "a run that passed has no message, place or evidence");
    }
    require(verdict.time_ns >= 0, place, "time_ns", "at least 0");
    if (!verdict.task.empty()) task(verdict.task, place, "task");
    site(verdict.at, place, "at");
    sites(verdict.stack, place);
    const auto shapes = deadlock_shape_names();
    require(verdict.shape.empty() || verdict.kind == VerdictKind::deadlock, place, "shape",
            "only a deadlock has a shape");
    if (!(verdict.shape.empty() || std::find(shapes.begin(), shapes.end(), verdict.shape) != shapes.end()))
      refuse(place, "shape", quoted(verdict.shape) + " is none of cycle, lost_wakeup, nobody_can_wake");
    require(verdict.cycle.empty() == (verdict.shape != "cycle"), place, verdict.cycle.empty() ? "" : "cycle",
            "a deadlock has the 'cycle' of its tasks if its shape is cycle, and only then");
    waits();
  }

  void waits() const {
    std::set<std::string_view> waiting;
    for (std::size_t index = 0; index < trace_.verdict.waits.size(); ++index) {
      const Wait& wait = trace_.verdict.waits[index];
      const std::string place = pointer("/verdict/waits", index);
      task(wait.task, place, "task");
      if (!waiting.insert(wait.task).second) refuse(place, "task", quoted(wait.task) + " waits twice");
      require(!wait.what.empty(), place, "what", "empty; say what it waits for");
      object(wait.object, place);
      if (!wait.on_task.empty()) task(wait.on_task, place, "on_task");
      for (std::size_t holder = 0; holder < wait.held_by.size(); ++holder)
        task(wait.held_by[holder], pointer(pointer(place, "held_by"), holder), "");
      sites(wait.stack, place);
    }
    for (std::size_t index = 0; index < trace_.verdict.cycle.size(); ++index) {
      const std::string& member = trace_.verdict.cycle[index];
      if (!waiting.contains(member))
        refuse(pointer("/verdict/cycle", index), "", quoted(member) + " has no entry among the waits");
    }
  }

  void actor(const std::string& identity, const std::string& place, std::string_view key) const {
    if (!is_identity(identity))
      refuse(place, key,
             quoted(identity) +
                 " is no identity; expected a task such as 0.1, what runs for it such as "
                 "0.1!timer, or ~ for the loop");
    listed(owner_of(identity), place, key);
  }

  void task(const std::string& identity, const std::string& place, std::string_view key) const {
    if (!is_task_identity(identity))
      refuse(place, key, quoted(identity) + " is no task; a task is a path from the root, such as 0.2.0");
    listed(identity, place, key);
  }

  void listed(std::string_view owner, const std::string& place, std::string_view key) const {
    if (!(owner == "~" || trace_.tasks.empty() || tasks_.contains(owner)))
      refuse(place, key, "no entry of tasks has the id " + quoted(owner));
  }

  void object(std::uint32_t id, const std::string& place) const {
    if (id > trace_.objects.size())
      refuse(place, "object", fmt::format("no entry of objects has the id {}", id));
  }

  static void site(const Site& site, const std::string& place, std::string_view key) {
    require(site == Site{} || parse_site(to_string(site)) == site, place, key,
            "no site: the file is relative to the project and not empty, and lines count from 1");
  }

  static void sites(const std::vector<Site>& stack, const std::string& place) {
    for (std::size_t index = 0; index < stack.size(); ++index)
      site(stack[index], pointer(pointer(place, "stack"), index), "");
  }

  const Trace& trace_;
  std::set<std::string_view> tasks_;
};

}  // namespace

std::optional<ReadError> check_trace(const Trace& trace) {
  try {
    Checker(trace).check();
    return std::nullopt;
  } catch (const Invalid& invalid) {
    return invalid.error;
  }
}

}  // namespace coweave::traces
