#include <coweave/traces/diff_traces.hpp>

#include <coweave/tests/approve.hpp>
#include <coweave/tests/traces/random_trace.hpp>
#include <coweave/tests/traces/samples.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <string>

using namespace coweave::traces;
using namespace coweave;

namespace {

/// Differences of `sample` from itself, edited.
std::string difference(const char* sample, const std::function<void(Trace&)>& edit) {
  Trace other = tests::sample(sample);
  edit(other);
  return diff_traces(tests::sample(sample), other, {"recorded.json", "replayed.json"});
}

}  // namespace

TEST_CASE("diff: equal traces are said to be equal") {
  CHECK(diff_traces(tests::sample("lost_update"), tests::sample("lost_update")) ==
        "Equal: 5 choices, 32 events, assertion.\n");
}

TEST_CASE("diff: the first difference is told as approved, for each part of a trace") {
  std::string text;
  const auto tell = [&](const std::string& what, const char* sample,
                        const std::function<void(Trace&)>& edit) {
    text += "--- " + what + "\n" + difference(sample, edit) + "\n";
  };
  tell("a setting", "lost_update", [](Trace& trace) { trace.settings.steps_max = 5; });
  tell("generated arguments", "cancellation",
       [](Trace& trace) { trace.generated[0].arguments[0].value = "[1]"; });
  tell("another choice", "lost_update", [](Trace& trace) {
    trace.choices[4].taken = 0;
    trace.choices[4].picked = "0.0";
    trace.events[24].text = "writes 120";
  });
  tell("fewer choices", "lost_update", [](Trace& trace) { trace.choices.pop_back(); });
  tell("another event", "lost_update", [](Trace& trace) { trace.events[18].text = "reads 120"; });
  tell("another name of a task", "lost_update", [](Trace& trace) { trace.tasks[1].name = "payback"; });
  tell("another object", "philosophers", [](Trace& trace) { trace.objects[2].name = "spoon"; });
  tell("another verdict", "philosophers", [](Trace& trace) { trace.verdict.waits[1].held_by = {"0.2"}; });
  tell("another origin", "lost_update", [](Trace& trace) { trace.seed = 43; });
  tell("another end", "lost_update", [](Trace& trace) {
    trace.events.resize(20);
    trace.verdict = {};
    trace.verdict.step = 9;
  });
  CHECK(tests::compare_with_approved("traces/approved/diffs.txt", text) == "");
}

TEST_CASE("diff: traces are said to be equal if they are, and only then") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Trace left = tests::random_trace(seed);
    const Trace right = tests::random_trace(seed + 1);
    CAPTURE(seed);
    REQUIRE(diff_traces(left, left).starts_with("Equal: "));
    REQUIRE_FALSE(diff_traces(left, right).starts_with("Equal: "));
  }
}
