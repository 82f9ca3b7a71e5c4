#include <coweave/traces/check_trace.hpp>

#include <coweave/tests/traces/samples.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <string>

using namespace coweave::traces;
using namespace coweave;

namespace {

struct Fault {
  const char* sample;
  std::function<void(Trace&)> put;
  const char* place;
  const char* message;
};

void check_faults(std::initializer_list<Fault> faults) {
  for (const Fault& fault : faults) {
    Trace trace = tests::sample(fault.sample);
    fault.put(trace);
    const auto error = check_trace(trace);
    CAPTURE(fault.place);
    CAPTURE(fault.message);
    REQUIRE(error);
    CHECK(error->kind == ReadError::Kind::document);
    CHECK(error->place == fault.place);
    CHECK(error->message == fault.message);
  }
}

}  // namespace

TEST_CASE("check_trace: every sample is a good trace") {
  for (const tests::Sample& sample : tests::samples()) {
    CAPTURE(sample.name);
    const auto error = check_trace(sample.trace);
    CHECK((error ? to_string(*error) : "") == "");
  }
}

TEST_CASE("check_trace: the numbers of the header lie in their ranges") {
  check_faults({
      {"passed", [](Trace& trace) { trace.run = 0; }, "/run", "runs count from 1"},
      {"passed", [](Trace& trace) { trace.settings.steps_max = 0; }, "/settings/steps_max", "at least 1"},
      {"passed", [](Trace& trace) { trace.settings.time_max_ns = 0; }, "/settings/time_max_ns", "at least 1"},
      {"passed", [](Trace& trace) { trace.settings.tasks_max = 0; }, "/settings/tasks_max", "at least 1"},
      {"passed", [](Trace& trace) { trace.settings.step_cost_ns = -1; }, "/settings/step_cost_ns",
       "at least 0"},
      {"cancellation", [](Trace& trace) { trace.generated.push_back(trace.generated[0]); }, "/generated",
       "at most one entry"},
  });
}

TEST_CASE("check_trace: tasks are paths, each after the one that spawned it, each once") {
  check_faults({
      {"lost_update", [](Trace& trace) { trace.tasks[1].id = "0.01"; }, "/tasks/1/id",
       "'0.01' is no task; a task is a path from the root, such as 0.2.0"},
      {"lost_update", [](Trace& trace) { trace.tasks[1].id = "0.7.1"; }, "/tasks/1/id",
       "'0.7.1' stands before the task that spawned it, or without it"},
      {"lost_update", [](Trace& trace) { trace.tasks[2].id = "0.0"; }, "/tasks/2/id",
       "'0.0' stands here twice"},
      {"lost_update", [](Trace& trace) { trace.tasks[2].id = "0"; }, "/tasks/2/id",
       "the root is the first task, and there is one"},
      {"lost_update", [](Trace& trace) { trace.tasks[1].spawned = {"/abs/bank.cpp", 3}; }, "/tasks/1/spawned",
       "no site: the file is relative to the project and not empty, and lines count from 1"},
      {"lost_update", [](Trace& trace) { trace.tasks[1].spawned = {"bank.cpp", 0}; }, "/tasks/1/spawned",
       "no site: the file is relative to the project and not empty, and lines count from 1"},
  });
}

TEST_CASE("check_trace: objects are numbered in order and have a kind") {
  check_faults({
      {"philosophers", [](Trace& trace) { trace.objects[1].id = 3; }, "/objects/1/id",
       "objects are numbered from 1 in order: expected 2, found 3"},
      {"philosophers", [](Trace& trace) { trace.objects[0].kind = ""; }, "/objects/0/kind",
       "empty; say what it is, such as Lock"},
  });
}

TEST_CASE("check_trace: a choice takes one of at least two options, and steps do not decrease") {
  check_faults({
      {"lost_update", [](Trace& trace) { trace.choices[0].step = 0; }, "/choices/0/step",
       "step 0, but steps never decrease and this one is at least 1"},
      {"lost_update", [](Trace& trace) { trace.choices[3].step = 1; }, "/choices/3/step",
       "step 1, but steps never decrease and this one is at least 4"},
      {"lost_update", [](Trace& trace) { trace.choices[0].label = "Next"; }, "/choices/0/label",
       "'Next' is no label; expected next, cancel, or random: or fault: and a name"},
      {"lost_update", [](Trace& trace) { trace.choices[0].options = 1; }, "/choices/0/options",
       "1 options leave nothing to choose; at least 2"},
      {"lost_update", [](Trace& trace) { trace.choices[0].taken = 2; }, "/choices/0/taken",
       "option 2 of 2; the options are 0 to 1"},
      {"lost_update", [](Trace& trace) { trace.choices[0].at = {"bank.cpp", 3}; }, "/choices/0/at",
       "only a fault has a place of its own"},
      {"lost_update",
       [](Trace& trace) {
         trace.choices[0].label = "fault:disk full";
         trace.choices[0].options = 3;
       },
       "/choices/0/options", "3 options of a fault; there are 2, it happens or not"},
      {"lost_update",
       [](Trace& trace) {
         trace.choices[0].label = "fault:disk full";
         trace.choices[0].at = {"/abs/bank.cpp", 3};
       },
       "/choices/0/at", "no site: the file is relative to the project and not empty, and lines count from 1"},
      {"lost_update", [](Trace& trace) { trace.choices[0].picked = "bob"; }, "/choices/0/picked",
       "'bob' is no identity; expected a task such as 0.1, what runs for it such as 0.1!timer, or ~ for the "
       "loop"},
      {"lost_update", [](Trace& trace) { trace.choices[0].picked = "0.5!timer"; }, "/choices/0/picked",
       "no entry of tasks has the id '0.5'"},
      {"lost_update", [](Trace& trace) { trace.choices[0].preempted = "0.0!timer"; }, "/choices/0/preempted",
       "'0.0!timer' is no task; a task is a path from the root, such as 0.2.0"},
      {"lost_update",
       [](Trace& trace) {
         trace.choices[0].label = "late";
         trace.choices[0].preempted = "0.0";
       },
       "/choices/0/preempted", "only who runs next can preempt somebody"},
  });
}

TEST_CASE("check_trace: events refer to what there is, and neither steps nor time run backwards") {
  check_faults({
      {"lost_update", [](Trace& trace) { trace.tasks.clear(); }, "/events",
       "events without tasks; a trace lists its tasks if it lists its events"},
      {"lost_update", [](Trace& trace) { trace.events[1].step = 2; }, "/events/2/step",
       "step 1 after step 2; steps never decrease"},
      {"lost_update", [](Trace& trace) { trace.events[1].time_ns = 7; }, "/events/2/time_ns",
       "0 ns after 7 ns; time never runs backwards"},
      {"lost_update", [](Trace& trace) { trace.events[0].time_ns = -7; }, "/events/0/time_ns",
       "-7 ns after 0 ns; time never runs backwards"},
      {"lost_update", [](Trace& trace) { trace.events[0].actor = ""; }, "/events/0/actor",
       "'' is no identity; expected a task such as 0.1, what runs for it such as 0.1!timer, or ~ for the "
       "loop"},
      {"lost_update", [](Trace& trace) { trace.events[0].target = "0.9"; }, "/events/0/target",
       "no entry of tasks has the id '0.9'"},
      {"philosophers", [](Trace& trace) { trace.events[3].object = 4; }, "/events/3/object",
       "no entry of objects has the id 4"},
      {"lost_update", [](Trace& trace) { trace.events[0].at = {"", 3}; }, "/events/0/at",
       "no site: the file is relative to the project and not empty, and lines count from 1"},
  });
}

TEST_CASE("check_trace: an event has what its kind cannot do without") {
  const auto with_kind = [](EventKind kind) {
    return [kind](Trace& trace) { trace.events[2] = {1, 0, "0", kind, 0, "", "", {}}; };
  };
  check_faults({
      {"philosophers", with_kind(EventKind::operation), "/events/2", "an operation needs an 'object'"},
      {"philosophers", with_kind(EventKind::spawn), "/events/2", "a spawn needs a task as its 'target'"},
      {"philosophers", with_kind(EventKind::wake), "/events/2", "an event of kind wake needs a 'target'"},
      {"philosophers", with_kind(EventKind::cancel), "/events/2", "an event of kind cancel needs a 'target'"},
      {"philosophers", with_kind(EventKind::inject), "/events/2", "an event of kind inject needs a 'target'"},
      {"philosophers",
       [](Trace& trace) { trace.events[2] = {1, 0, "0", EventKind::operation, 1, "", "", {}}; }, "/events/2",
       "an operation needs a 'text' that says which"},
      {"philosophers",
       [](Trace& trace) { trace.events[2] = {1, 0, "0", EventKind::spawn, 0, "0!timer", "", {}}; },
       "/events/2/target", "a spawn needs a task as its 'target'"},
  });
}

TEST_CASE("check_trace: a verdict has the evidence of its kind and no other") {
  check_faults({
      {"passed", [](Trace& trace) { trace.verdict.message = "well"; }, "/verdict",
       "a run that passed has no message, place or evidence"},
      {"passed", [](Trace& trace) { trace.verdict.time_ns = -1; }, "/verdict/time_ns", "at least 0"},
      {"lost_update", [](Trace& trace) { trace.verdict.task = "~"; }, "/verdict/task",
       "'~' is no task; a task is a path from the root, such as 0.2.0"},
      {"lost_update", [](Trace& trace) { trace.verdict.shape = "cycle"; }, "/verdict/shape",
       "only a deadlock has a shape"},
      {"philosophers", [](Trace& trace) { trace.verdict.shape = "knot"; }, "/verdict/shape",
       "'knot' is none of cycle, lost_wakeup, nobody_can_wake"},
      {"philosophers", [](Trace& trace) { trace.verdict.shape = "lost_wakeup"; }, "/verdict/cycle",
       "a deadlock has the 'cycle' of its tasks if its shape is cycle, and only then"},
      {"philosophers", [](Trace& trace) { trace.verdict.cycle.clear(); }, "/verdict",
       "a deadlock has the 'cycle' of its tasks if its shape is cycle, and only then"},
      {"lost_update", [](Trace& trace) { trace.verdict.stack[1].file = "/x"; }, "/verdict/stack/1",
       "no site: the file is relative to the project and not empty, and lines count from 1"},
  });
}

TEST_CASE("check_trace: the wait-for graph is of tasks and objects that there are") {
  check_faults({
      {"philosophers", [](Trace& trace) { trace.verdict.waits[2].task = "0.0"; }, "/verdict/waits/2/task",
       "'0.0' waits twice"},
      {"philosophers", [](Trace& trace) { trace.verdict.waits[1].what = ""; }, "/verdict/waits/1/what",
       "empty; say what it waits for"},
      {"philosophers", [](Trace& trace) { trace.verdict.waits[1].object = 9; }, "/verdict/waits/1/object",
       "no entry of objects has the id 9"},
      {"philosophers", [](Trace& trace) { trace.verdict.waits[1].on_task = "0.9"; },
       "/verdict/waits/1/on_task", "no entry of tasks has the id '0.9'"},
      {"philosophers", [](Trace& trace) { trace.verdict.waits[1].held_by[0] = "0!timer"; },
       "/verdict/waits/1/held_by/0", "'0!timer' is no task; a task is a path from the root, such as 0.2.0"},
      {"philosophers", [](Trace& trace) { trace.verdict.waits[1].stack[1] = {"", 1}; },
       "/verdict/waits/1/stack/1",
       "no site: the file is relative to the project and not empty, and lines count from 1"},
      {"philosophers", [](Trace& trace) { trace.verdict.waits.erase(trace.verdict.waits.begin() + 2); },
       "/verdict/cycle/1", "'0.1' has no entry among the waits"},
  });
}
