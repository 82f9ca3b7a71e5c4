#include <coweave/coweave.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;
using traces::VerdictKind;

namespace {

/// What has changed in the program since its trace was recorded.
enum class Edit {
  none,
  newcomer,   ///< a third task, spawned last, that takes many steps
  more_work,  ///< the task that is overtaken has a step more at its end
  no_bonus,   ///< the task that overtakes is gone
  late,       ///< the task that is overtaken comes much later, so there is nobody to overtake
  fixed,
};

Coro<void> deposit(int& balance, int amount, Lock* lock) {
  if (lock) co_await lock->acquire();
  const int read = balance;
  co_await sleep(0s);
  balance = read + amount;
  if (lock) lock->release();
}

Coro<void> steps(int count) {
  for (int step = 0; step < count; ++step) co_await sleep(0s);
}

Coro<void> refund(int& balance, Edit edit, Lock* lock) {
  if (edit == Edit::late) co_await sleep(1s);
  co_await deposit(balance, 20, lock);
  if (edit == Edit::more_work) co_await steps(1);
}

Coro<void> bonus(int& balance, Lock* lock) {
  co_await steps(2);
  co_await deposit(balance, 50, lock);
}

/// Two deposits that lose one of them if the bonus overtakes the refund.
Coro<void> accounts(Edit edit) {
  int balance = 100;
  Lock mutex("account");
  Lock* lock = edit == Edit::fixed ? &mutex : nullptr;
  std::vector<Task<>> tasks;
  tasks.push_back(create_task(refund(balance, edit, lock), {.name = "refund"}));
  if (edit != Edit::no_bonus) tasks.push_back(create_task(bonus(balance, lock), {.name = "bonus"}));
  if (edit == Edit::newcomer) tasks.push_back(create_task(steps(5), {.name = "newcomer"}));
  for (const Task<>& task : tasks) co_await task;
  const int expected = edit == Edit::no_bonus ? 120 : 170;
  COWEAVE_REQUIRE(balance == expected);
}

sim::Scenario accounts_after(Edit edit) {
  return [edit] { return accounts(edit); };
}

const traces::Trace& recorded() {
  static const Exploration found = explore(accounts_after(Edit::none), {.name = "accounts"});
  return found.finding.value().trace;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Three draws that fail if they are all the highest.
Coro<void> draws(bool fails) {
  co_await sleep(0s);
  const std::uint32_t a = sim::random(2, "a");
  const std::uint32_t b = sim::random(3, "b");
  co_await sleep(0s);
  const std::uint32_t c = sim::random(5, "c");
  COWEAVE_REQUIRE(!(fails && a == 1 && b == 2 && c == 4));
}

}  // namespace

TEST_CASE("replay: a strict one of the same program gives the same bytes") {
  const Exploration result = replay(accounts_after(Edit::none), recorded());
  REQUIRE(result.finding);
  CHECK(traces::write_trace(result.finding->trace) == traces::write_trace(recorded()));
  CHECK(result.replayed);
  CHECK(result.notes.empty());
}

TEST_CASE("replay: a strict one says what was expected, what stands there, and where both came from") {
  const Exploration result = replay(accounts_after(Edit::newcomer), recorded());
  REQUIRE(result.finding);
  const traces::Verdict& verdict = result.finding->trace.verdict;
  CHECK(verdict.kind == VerdictKind::nondeterminism);
  CHECK(contains(verdict.message, "at choice 1 of "));
  CHECK(contains(verdict.message,
                 "the trace has 'next' in step 2, option 0 of 2: 0.0 'refund' (spawned at "
                 "tests/props/replay_test.cpp:"));
  CHECK(contains(verdict.message, "; the program has 'next' in step 2 with 3 options: 0 is 0.0 'refund'"));
  CHECK(contains(verdict.message, "; 2 is 0.2 'newcomer' (spawned at tests/props/replay_test.cpp:"));
}

TEST_CASE("replay: a strict one stops before the step that differs") {
  int steps_run = 0;
  const auto counting = [&steps_run](int tasks) {
    return [&steps_run, tasks]() -> Coro<void> {
      auto step = [](int& count) -> Coro<void> {
        ++count;
        co_return;
      };
      std::vector<Task<>> all;
      for (int task = 0; task < tasks; ++task) all.push_back(create_task(step(steps_run)));
      for (const Task<>& task : all) co_await task;
      COWEAVE_REQUIRE(tasks == 0);
    };
  };
  const Exploration found = explore(counting(2), {.name = "counting", .policy = "fifo"});
  REQUIRE(found.finding);
  steps_run = 0;
  CHECK(replay(counting(3), found.finding->trace).finding->trace.verdict.kind == VerdictKind::nondeterminism);
  CHECK(steps_run == 0);
}

TEST_CASE("replay: a strict one tells a choice that the trace does not have") {
  const Exploration found = explore([] { return draws(true); }, {.name = "draws", .policy = "exhaustive"});
  REQUIRE(found.finding);
  traces::Trace shorter = found.finding->trace;
  shorter.choices.pop_back();
  const Exploration result = replay([] { return draws(true); }, shorter);
  REQUIRE(result.finding);
  CHECK(result.finding->trace.verdict.message ==
        "the run does not follow the trace: the trace ends after 2 choices; the program has 'random:c' in "
        "step 3 "
        "with 5 options");
}

TEST_CASE("replay: a strict one tells a run that ends before its trace") {
  const auto no_draws = []() -> Coro<void> { co_await sleep(0s); };
  const Exploration found = explore([] { return draws(true); }, {.name = "draws", .policy = "exhaustive"});
  REQUIRE(found.finding);
  const Exploration result = replay(no_draws, found.finding->trace);
  REQUIRE(result.finding);
  CHECK(result.finding->trace.verdict.message ==
        "the run does not follow the trace: at choice 1 of 3 the trace has 'random:a' in step 2, option 1 of "
        "2; "
        "the program's run ended before, in step 2, and passed");
}

TEST_CASE("replay: a strict one tells a number that is drawn under another label") {
  const auto relabelled = []() -> Coro<void> {
    co_await sleep(0s);
    sim::random(2, "other");
    co_await sleep(0s);
  };
  const Exploration found = explore([] { return draws(true); }, {.name = "draws", .policy = "exhaustive"});
  REQUIRE(found.finding);
  const Exploration result = replay(relabelled, found.finding->trace);
  REQUIRE(result.finding);
  CHECK(contains(result.finding->trace.verdict.message, "the program has 'random:other' in step 2"));
}

TEST_CASE("replay: a tolerant one of the same program gives the same bytes and skips nothing") {
  const Exploration result = replay(accounts_after(Edit::none), recorded(), ReplayMode::tolerant);
  REQUIRE(result.finding);
  CHECK(traces::write_trace(result.finding->trace) == traces::write_trace(recorded()));
  CHECK(result.notes.empty());
}

TEST_CASE("replay: a tolerant one finds the failure again in an edited program") {
  for (const Edit edit : {Edit::newcomer, Edit::more_work}) {
    CAPTURE(static_cast<int>(edit));
    const Exploration result = replay(accounts_after(edit), recorded(), ReplayMode::tolerant);
    REQUIRE(result.finding);
    CHECK(result.finding->trace.verdict.kind == VerdictKind::assertion);
    CHECK(result.notes.empty());
  }
}

TEST_CASE("replay: a tolerant one says what it skipped because a task is gone") {
  const Exploration result = replay(accounts_after(Edit::no_bonus), recorded(), ReplayMode::tolerant);
  CHECK(result.passed());
  REQUIRE(result.notes.size() == 2);
  CHECK(contains(result.notes[0], "skipped choice "));
  CHECK(contains(result.notes[0], "0.1 'bonus' (spawned at tests/props/replay_test.cpp:"));
  CHECK(contains(result.notes[0], ": it did not come to that turn"));
  CHECK(contains(result.report(), result.notes[0]));
}

TEST_CASE("replay: a tolerant one says what it skipped because nobody is there to be overtaken") {
  const Exploration result = replay(accounts_after(Edit::late), recorded(), ReplayMode::tolerant);
  CHECK(result.passed());
  REQUIRE(result.notes.size() == 2);
  CHECK(contains(result.notes[0], "0.1 'bonus'"));
  CHECK(contains(result.notes[0], ": there was nobody to overtake"));
}

TEST_CASE("replay: a tolerant one shows that a fix survives the schedule that failed") {
  CHECK(replay(accounts_after(Edit::fixed), recorded(), ReplayMode::tolerant).passed());
}

TEST_CASE("replay: a tolerant one of an endless run judges a fix by the bound of the options") {
  const auto polls = [](int rounds) -> sim::Scenario { return [rounds] { return steps(rounds); }; };
  const Exploration found = explore(polls(1'000'000'000), {.name = "polls"});
  REQUIRE(found.finding);
  const traces::Trace& trace = found.finding->trace;
  REQUIRE(trace.verdict.kind == VerdictKind::livelock);
  REQUIRE(trace.settings.steps_max == 1'000);
  const Exploration again = replay(polls(1'000'000'000), trace, ReplayMode::tolerant);
  REQUIRE(again.finding);
  CHECK(again.finding->trace == trace);
  CHECK(replay(polls(5'000), trace, ReplayMode::tolerant).passed());
  CHECK_FALSE(replay(polls(5'000), trace, ReplayMode::tolerant, {.steps_max = 4'000}).passed());
}

TEST_CASE("replay: a tolerant one injects a cancellation in the same place of an edited program") {
  const auto scenario = [](bool edited) {
    return [edited]() -> Coro<void> {
      int done = 0;
      auto work = [](int& count) -> Coro<void> {
        for (int step = 0; step < 5; ++step) {
          co_await sleep(1ms);
          ++count;
        }
      };
      if (edited) create_task(steps(2), {.name = "newcomer"});
      const auto task = create_task(work(done), {.name = "worker"});
      sim::may_cancel(task);
      try {
        co_await task;
      } catch (const CancelledError&) {
        COWEAVE_REQUIRE(done != 3);
      }
    };
  };
  const Exploration found = explore(scenario(false), {.name = "cancelled", .policy = "exhaustive"});
  REQUIRE(found.finding);
  REQUIRE(found.finding->deviations == 1);
  traces::Trace trace = found.finding->trace;
  const Exploration same = replay(scenario(false), trace, ReplayMode::tolerant);
  REQUIRE(same.finding);
  CHECK(traces::write_trace(same.finding->trace) == traces::write_trace(trace));
  // In the edited program the worker is 0.1.
  for (traces::Choice& choice : trace.choices) {
    if (choice.taken != 0) choice.picked = "0.1";
  }
  for (traces::Task& task : trace.tasks) {
    if (task.id == "0.0") task.id = "0.1";
  }
  for (traces::Event& event : trace.events) {
    if (event.actor.starts_with("0.0")) event.actor.replace(0, 3, "0.1");
  }
  const Exploration edited = replay(scenario(true), trace, ReplayMode::tolerant);
  REQUIRE(edited.finding);
  CHECK(edited.finding->trace.verdict.kind == VerdictKind::assertion);
  CHECK(edited.notes.empty());
}

TEST_CASE("replay: a tolerant one says that a task can no longer be cancelled") {
  const auto scenario = [](bool edited) {
    return [edited]() -> Coro<void> {
      const auto task = create_task(steps(3), {.name = "worker"});
      if (!edited) sim::may_cancel(task);
      try {
        co_await task;
      } catch (const CancelledError&) {
        COWEAVE_REQUIRE(false);
      }
    };
  };
  const Exploration found = explore(scenario(false), {.name = "cancelled"});
  REQUIRE(found.finding);
  const Exploration result = replay(scenario(true), found.finding->trace, ReplayMode::tolerant);
  CHECK(result.passed());
  REQUIRE(result.notes.size() == 1);
  CHECK(contains(result.notes[0], "'cancel' in step "));
  CHECK(contains(result.notes[0], "0.0 'worker'"));
  CHECK(contains(result.notes[0], ": from there on the task could not be cancelled"));
}

TEST_CASE("replay: a tolerant one finds numbers by label, and says which are no longer drawn or too high") {
  const auto edited = []() -> Coro<void> {
    co_await sleep(0s);
    const std::uint32_t fresh = sim::random(9, "new");
    const std::uint32_t b = sim::random(2, "b");
    co_await sleep(0s);
    const std::uint32_t c = sim::random(7, "c");
    COWEAVE_REQUIRE(!(fresh == 0 && b == 0 && c == 4));
  };
  const Exploration found = explore([] { return draws(true); }, {.name = "draws", .policy = "exhaustive"});
  REQUIRE(found.finding);
  const Exploration result = replay(edited, found.finding->trace, ReplayMode::tolerant);
  CHECK(!result.passed());
  CHECK(result.notes ==
        std::vector<std::string>{
            "skipped choice 1 of the trace, 'random:a' in step 2, 1 of 2: the program did not draw it",
            "skipped choice 2 of the trace, 'random:b' in step 2, 2 of 3: the program draws from fewer "
            "numbers now"});
}

TEST_CASE("replay: a tolerant one of a trace without events is refused") {
  traces::Trace bare = recorded();
  bare.events.clear();
  CHECK_THROWS_AS(replay(accounts_after(Edit::none), bare, ReplayMode::tolerant), std::invalid_argument);
  CHECK(!replay(accounts_after(Edit::none), bare).passed());
}

TEST_CASE("replay: a continuing one explores what lies behind the first choices of a trace") {
  const Exploration found = explore([] { return draws(true); }, {.name = "draws", .policy = "exhaustive"});
  REQUIRE(found.finding);
  const auto continued = [&](bool fails, std::size_t choices) {
    return replay([fails] { return draws(fails); }, found.finding->trace, ReplayMode::continuing,
                  {.policy = "exhaustive", .replay_choices = choices});
  };
  // Of 2 x 3 x 5 schedules, those are left that begin as the trace.
  CHECK(continued(false, 0).runs == 30);
  CHECK(continued(false, 1).runs == 15);
  CHECK(continued(false, 2).runs == 5);
  CHECK(continued(false, 2).exhausted);
  CHECK(continued(false, 3).runs == 1);
  const Exploration again = continued(true, 2);
  REQUIRE(again.finding);
  CHECK(again.finding->run == 5);
  CHECK(again.finding->trace.choices == found.finding->trace.choices);
  REQUIRE(again.notes.size() == 1);
  CHECK(again.notes[0] == "every run begins with 2 choices of the trace");
}

TEST_CASE("replay: a continuing one goes on where an edited program leaves the trace, and says so") {
  const auto edited = []() -> Coro<void> {
    co_await sleep(0s);
    const std::uint32_t a = sim::random(2, "a");
    const std::uint32_t b = sim::random(4, "b");
    co_await sleep(0s);
    COWEAVE_REQUIRE(!(a == 1 && b == 3));
  };
  const Exploration found = explore([] { return draws(true); }, {.name = "draws", .policy = "exhaustive"});
  REQUIRE(found.finding);
  const Exploration result =
      replay(edited, found.finding->trace, ReplayMode::continuing, {.policy = "exhaustive"});
  REQUIRE(result.finding);
  CHECK(result.finding->run == 4);
  REQUIRE(result.notes.size() == 2);
  CHECK(result.notes[0] == "every run begins with 1 choices of the trace");
  CHECK(contains(result.notes[1], "the trace was followed for 1 choices only: at choice 2 of 3"));
}

TEST_CASE(
    "replay: a continuing one takes policy, seed and runs from the options, and bounds from the trace") {
  Options options{.name = "accounts", .policy = "fifo"};
  options.steps_max = 1;  // of the program; the trace was recorded under more
  options.replay_choices = 0;
  const Exploration fifo = replay(accounts_after(Edit::none), recorded(), ReplayMode::continuing, options);
  CHECK(fifo.passed());
  CHECK(fifo.runs == 1);
  options.policy = "random";
  options.runs = 1'000;
  const Exploration random = replay(accounts_after(Edit::none), recorded(), ReplayMode::continuing, options);
  REQUIRE(random.finding);
  CHECK(random.finding->trace.verdict.kind == VerdictKind::assertion);
}
