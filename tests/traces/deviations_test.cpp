#include <coweave/traces/deviations.hpp>

#include <coweave/tests/traces/script.hpp>
#include <coweave/traces/render_choices.hpp>
#include <coweave/traces/render_table.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace coweave;
using namespace coweave::traces;

namespace {

/// Ann and ben take turns; of each choice it is told who was preempted.
Trace turns() {
  tests::Script script("turns", "turns.cpp");
  script.trace.settings.scheduling_points = SchedulingPoints::accesses;
  script.step("0").spawn("0.0", "ann").spawn("0.1", "ben").await("task", 0, "0.0");
  script.step("0.0", 2).note("reads");
  script.step("0.0", 2, 1).note("goes on");
  script.step("0.1", 2, 0).note("comes between");
  script.step("0.1", 2, 1).note("goes on").finish();
  script.step("0.0").finish();
  script.trace.choices[2].preempted = "0.0";
  return script.trace;
}

}  // namespace

TEST_CASE("deviations: with suspensions alone whatever is not asyncio's order is one") {
  Trace trace = turns();
  trace.settings.scheduling_points = SchedulingPoints::suspensions;
  for (Choice& choice : trace.choices) choice.preempted.clear();
  CHECK(deviations(trace) ==
        std::vector{Deviation::none, Deviation::out_of_order, Deviation::none, Deviation::out_of_order});
}

TEST_CASE("deviations: with more points whoever goes on does not deviate, and who preempts does") {
  const Trace trace = turns();
  CHECK(deviations(trace) ==
        std::vector{Deviation::none, Deviation::none, Deviation::preemption, Deviation::none});
  Trace switched = trace;
  switched.choices[1].picked = "0.1";
  CHECK(deviations(switched)[1] == Deviation::out_of_order);
}

TEST_CASE("deviations: reports tell preemptions, and of whom, and mark no step that merely goes on") {
  const Trace trace = turns();
  CHECK(render_choices(trace) ==
        "1 preemption, in 4 choices:\n"
        "  step 4: ran ben (0.1), 1st of 2 in line, while ann (0.0) could go on\n");
  const std::string table = render_table(trace);
  INFO(table);
  CHECK(table.find("*4") != std::string::npos);
  CHECK(table.find("preempts ann") != std::string::npos);
  CHECK(table.find("*3") == std::string::npos);
  CHECK(table.find("*5") == std::string::npos);
  CHECK(table.find("place in line") == std::string::npos);

  Trace mixed = trace;
  mixed.choices[1].picked = "0.1";
  CHECK(render_choices(mixed).starts_with("1 preemption and 1 step out of turn, in 4 choices:\n"));
  mixed.choices[2].preempted.clear();
  CHECK(render_choices(mixed).starts_with("No preemption and 1 step out of turn, in 4 choices:\n"));
  mixed.choices[1].taken = 0;
  CHECK(render_choices(mixed) == "No preemption, in 4 choices.\n");
}
