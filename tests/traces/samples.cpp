#include <coweave/tests/traces/samples.hpp>

#include <coweave/tests/traces/script.hpp>

#include <array>
#include <stdexcept>

namespace coweave::tests {

using traces::Trace;
using traces::VerdictKind;

Trace lost_update() {
  Script script("two deposits", "examples/bank.cpp");
  script.step("0").at(41).spawn("0.0", "refund").at(42).spawn("0.1", "bonus").at(43).await("task", 0, "0.0");
  script.step("0.0", 2).at(12).await("give way").wake("0.0");
  script.step("0.1", 2).at(12).await("give way").wake("0.1");
  script.step("0.0", 2).at(13).note("reads 100").at(17).await("give way");
  script.step("0.1", 2).at(13).note("reads 100").at(17).await("give way");
  script.step("0.1", 2, 1).at(18).note("writes 150").finish();
  script.step("0.0").at(18).note("writes 120").wake("0").finish();
  script.step("0").at(44).await("task", 0, "0.1");
  script.step("0").at(46);
  const std::string message = "COWEAVE_REQUIRE(account.balance() == 170), with 120 == 170";
  script.fail(VerdictKind::assertion, message).finish("raised coweave::AssertionFailed: " + message);
  script.trace.verdict.stack = {{"examples/bank.cpp", 46}, {"examples/main.cpp", 9}};
  return script.trace;
}

Trace philosophers() {
  Script script("dinner", "examples/philosophers.cpp");
  const std::array<std::string, 3> names{"Aristotle", "Bacon", "Confucius"};
  std::array<std::uint32_t, 3> forks{};
  script.step("0").at(37);
  for (std::size_t seat = 0; seat < 3; ++seat) script.spawn("0." + std::to_string(seat), names[seat]);
  script.at(39).await("gather");
  for (std::uint32_t seat = 0; seat < 3; ++seat) {
    forks[seat] = script.object("Lock", "fork " + std::to_string(seat));
    script.step("0." + std::to_string(seat), 3 - seat / 2, seat == 2 ? 1 : 0);
    script.operation("acquire", forks[seat]).at(22).await("give way");
  }
  for (std::uint32_t seat = 0; seat < 3; ++seat) {
    script.step("0." + std::to_string(seat), seat < 2 ? 3 - seat : 1);
    script.at(23).await("acquire", forks[(seat + 1) % 3]);
  }
  script.fail(VerdictKind::deadlock,
              "'Aristotle' waits for Lock 'fork 1' held by 'Bacon', 'Bacon' waits for Lock 'fork 2' held by "
              "'Confucius', 'Confucius' waits for Lock 'fork 0' held by 'Aristotle'",
              true);
  script.trace.verdict.shape = "cycle";
  script.trace.verdict.cycle = {"0.0", "0.1", "0.2"};
  script.wait("0", "gather of tasks 'Aristotle', 'Bacon', 'Confucius'", 39);
  for (std::uint32_t seat = 0; seat < 3; ++seat) {
    const std::uint32_t right = (seat + 1) % 3;
    traces::Wait& wait = script.wait("0." + std::to_string(seat), "Lock 'fork " + std::to_string(right) + "'",
                                     23, forks[right], "0." + std::to_string(right));
    wait.stack.push_back({"examples/philosophers.cpp", 31});
  }
  return script.trace;
}

namespace {

/// Spawns `count` workers, who each take a job and give way.
void hire(Script& script, std::uint32_t count, std::uint32_t jobs) {
  script.step("0").at(50);
  for (std::uint32_t worker = 0; worker < count; ++worker)
    script.spawn("0." + std::to_string(worker), "worker-" + std::to_string(worker));
  script.at(51).await("gather");
  for (std::uint32_t worker = 0; worker < count; ++worker) {
    script.step("0." + std::to_string(worker), count - worker);
    script.operation("get", jobs).at(20).await("give way");
  }
}

}  // namespace

Trace crowd() {
  Script script("workshop", "examples/workshop.cpp");
  const std::uint32_t jobs = script.object("Queue", "jobs");
  hire(script, 30, jobs);
  for (std::uint32_t round = 1; round <= 40; ++round) {
    script.clock(round * 2'500'000).wake("0.7!timer");
    script.step("0.7!timer").wake("0.7").step("0.7").at(24).await("sleep");
  }
  script.step("0.12").at(28).note("job 12 is empty").operation("task_done", jobs);
  script.wake("0!gather").finish("raised std::invalid_argument: empty job").step("0!gather").wake("0");
  script.step("0").at(51).fail(VerdictKind::exception, "std::invalid_argument: empty job");
  script.finish("raised std::invalid_argument: empty job");
  return script.trace;
}

Trace cycle_in_a_crowd() {
  Script script("workshop", "examples/workshop.cpp");
  const std::uint32_t jobs = script.object("Queue", "jobs");
  const std::uint32_t saw = script.object("Lock", "saw");
  const std::uint32_t vice = script.object("Lock", "vice");
  hire(script, 30, jobs);
  script.step("0.4", 30).operation("acquire", saw).at(24).await("give way");
  script.step("0.9", 30, 4).operation("acquire", vice).at(26).await("acquire", saw);
  script.step("0.4", 28, 27).at(25).await("acquire", vice);
  script.fail(VerdictKind::deadlock,
              "'worker-4' waits for Lock 'vice' held by 'worker-9', 'worker-9' waits for "
              "Lock 'saw' held by 'worker-4'",
              true);
  script.trace.verdict.shape = "cycle";
  script.trace.verdict.cycle = {"0.4", "0.9"};
  script.wait("0.4", "Lock 'vice'", 25, vice, "0.9");
  script.wait("0.9", "Lock 'saw'", 26, saw, "0.4");
  return script.trace;
}

Trace market() {
  Script script("market", "examples/market.cpp");
  const std::uint32_t scale = script.object("Lock", "the scale");
  script.step("0").at(9);
  for (std::uint32_t trader = 0; trader < 14; ++trader) script.spawn("0." + std::to_string(trader), "trader");
  script.at(10).await("task group");
  for (std::uint32_t trader = 0; trader < 14; ++trader) {
    const std::string task = "0." + std::to_string(trader);
    script.step(task).at(20 + trader).note("sells " + std::to_string(3 * trader));
    if (trader == 0) {
      script.operation("acquire", scale).at(40).await("sleep");
    } else {
      script.await("acquire", scale);
    }
  }
  script.step("0.0").operation("release", scale).wake("0.1").wake("0!group").finish();
  script.step("0.1").operation("acquire", scale).at(41);
  script.fail(VerdictKind::assertion, "COWEAVE_REQUIRE(price > 0)");
  return script.trace;
}

Trace cancellation() {
  Script script("connection pool", "examples/pool.cpp");
  script.trace.generated = {{18'446'744'073'709'551'615U, 12, {0, 3, 1}, {{"std::vector<int>", "[1, 2]"}}}};
  script.trace.settings.step_cost_ns = 1'000;
  const std::uint32_t pool = script.object("Queue", "pool");
  const std::uint32_t joined = script.object("Queue.join", "pool");
  const std::uint32_t answers = script.object("Queue", "answers");
  script.step("0").operation("clear", joined).operation("put", pool).at(63).spawn("0.0", "alice");
  script.at(66).await("task", 0, "0.0");
  script.step("0.0").operation("get", pool).draw("latency", 10, 7).at(18).note("sends GET alice").at(22);
  script.await("get", answers).clock(1'000'000).wake("0.0!call#1");
  script.step("0.0!call#1", 2, 1).operation("put", answers).wake("0.0").inject_cancel("0.0");
  script.step("0.0").operation("put", pool).wake("0").finish("cancelled");
  script.step("~!call#1").note("tick");
  script.step("0").at(69).note("alice went away").at(71).spawn("0.1", "bob").at(72).await("task", 0, "0.1");
  script.step("0.1").operation("get", pool).operation("get", answers).at(23).note("reads 'value of alice'");
  script.wake("0").finish().step("0").at(73);
  script.fail(VerdictKind::assertion, "COWEAVE_REQUIRE(answer == \"value of bob\")");
  return script.trace;
}

Trace livelock() {
  Script script("poll", "examples/poll.cpp");
  script.trace.settings.steps_max = 1'000;
  script.step("0").at(5).spawn("0.0", "poller").at(6).await("sleep");
  for (int round = 0; round < 999; ++round) script.step("0.0").at(11).await("give way");
  script.fail(VerdictKind::livelock, "the bound on steps was reached: 1000", true);
  return script.trace;
}

Trace rude() {
  Script script("rude: \"quotes\" \\ and \x01", "src/überweisung.cpp");
  script.step("0")
      .at(3)
      .spawn("0.0", "task\nwith\ttwo lines \x1b[31mred")
      .at(4)
      .spawn("0.1", "銀行の口座を管理するタスク");
  script.spawn("0.2", "").at(5).await("give way");
  const std::uint32_t lock = script.object("Lock", "</script><b>");
  script.step("0.0", 3).operation("acquire", lock).at(7).note("a very long line: " + std::string(300, 'x'));
  script.note("right to left \u202E and back").at(8).await("give way");
  script.step("0.1", 3).at(7).await("acquire", lock);
  script.step("0.2", 2).at(7).note("ends with a backslash \\").finish("raised what\nover\nlines");
  script.step("0").at(9).fail(VerdictKind::exception, "first line\nsecond line: \u001b]0;title\u0007");
  return script.trace;
}

Trace choices_alone() {
  Trace trace = lost_update();
  trace.tasks.clear();
  trace.events.clear();
  trace.verdict = {};
  trace.verdict.kind = VerdictKind::exception;
  trace.verdict.message = "the process crashed";
  trace.verdict.step = 9;
  return trace;
}

Trace passed() {
  Script script("nothing happens", "examples/nothing.cpp");
  script.step("0").finish();
  script.trace.verdict.step = 1;
  return script.trace;
}

std::span<const Sample> samples() {
  static const std::array<Sample, 10> all = {{{"lost_update", lost_update()},
                                              {"philosophers", philosophers()},
                                              {"crowd", crowd()},
                                              {"cycle_in_a_crowd", cycle_in_a_crowd()},
                                              {"market", market()},
                                              {"cancellation", cancellation()},
                                              {"livelock", livelock()},
                                              {"rude", rude()},
                                              {"choices_alone", choices_alone()},
                                              {"passed", passed()}}};
  return all;
}

const Trace& sample(const std::string& name) {
  for (const Sample& candidate : samples()) {
    if (name == candidate.name) return candidate.trace;
  }
  throw std::invalid_argument("no sample is called " + name);
}

}  // namespace coweave::tests
