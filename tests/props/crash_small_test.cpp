#include <coweave/coweave.hpp>
#include <coweave/props/replay.hpp>
#include <coweave/props/workers/crash_trial.hpp>
#include <coweave/props/workers/isolated.hpp>
#include <coweave/sim/causality/order.hpp>
#include <coweave/sim/policies/policy_name.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;
using traces::VerdictKind;

namespace {

#ifdef __SANITIZE_ADDRESS__  // where a copy of this process takes ten times as long to make
constexpr std::uint64_t seeds = 1;
#else
constexpr std::uint64_t seeds = 3;
#endif

/// `text` in one line.
std::string unwrapped(const std::string& text) {
  std::string line;
  for (const char character : text) {
    if (character != '\n' && character != ' ')
      line += character;
    else if (!line.ends_with(' '))
      line += ' ';
  }
  return line;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// There is as much time as it takes, wherever this runs.
Options patiently(const std::string& policy, std::uint64_t seed, std::uint32_t workers = 2) {
  return {.name = "crashes",
          .policy = policy,
          .seed = seed,
          .runs = 100'000,
          .workers = workers,
          .step_wall_time_max = 2min,
          .scheduling_points = SchedulingPoints::accesses,
          .shrink_time_max = 10min};
}

enum class End { abort, throws, killed, ends_silently };

void end(End how) {
  switch (how) {
    case End::abort:
      std::abort();
    case End::throws:
      throw ValueError("lost");
    case End::killed:
      std::raise(SIGKILL);
      break;
    case End::ends_silently:
      _exit(0);
  }
}

Coro<void> add(Shared<int>& sum, int times) {
  for (int count = 0; count < times; ++count) {
    const int before = co_await sum.read();
    co_await sum.write(before + 1);
  }
}

Coro<void> bustle(Shared<int>& other, int times) {
  for (int count = 0; count < times; ++count) co_await other.update([](int& value) { ++value; });
}

/// Ends so if an update was lost, which takes one preemption; others are about all the time.
sim::Scenario losing(int tasks, int times, End how) {
  return [=]() -> Coro<void> {
    Shared<int> sum(0, "sum");
    Shared<int> other(0, "other");
    std::vector<Task<>> all;
    for (int task = 0; task < tasks; ++task) {
      all.push_back(co_await spawn(add(sum, times), {.name = "adder"}));
      all.push_back(co_await spawn(bustle(other, times), {.name = "other"}));
    }
    for (Task<>& task : all) co_await task;
    if (sum.unobserved() != tasks * times) end(how);
  };
}

/// `finding` has one preemption, which is proved to be the least, and replays.
void check_is_least(const sim::Scenario& scenario, const Exploration& result) {
  REQUIRE(result.finding);
  const Finding& found = *result.finding;
  const std::string report = unwrapped(result.report());
  INFO(report);
  CHECK(found.trace.verdict.kind == VerdictKind::crash);
  CHECK(found.preemptions == 1);
  CHECK(found.minimal);
  CHECK(contains(report, "Brought to 1 preemption in "));
  CHECK(contains(report, "that no schedule with fewer preemptions fails in this way."));
  const Exploration again = replay(scenario, found.trace);
  REQUIRE(again.finding);
  CHECK(again.finding->trace == found.trace);
}

}  // namespace

TEST_CASE("small crash: an update that is lost among many comes to one preemption") {
  for (const char* policy : {"random", "portfolio"}) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      CAPTURE(policy);
      CAPTURE(seed);
      const sim::Scenario scenario = losing(3, 6, End::abort);
      check_is_least(scenario, explore(scenario, patiently(policy, seed)));
    }
  }
}

TEST_CASE("small crash: it is what the same failure comes to that leaves its process alone") {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Exploration crashed = explore(losing(2, 2, End::abort), patiently("random", seed));
    const Exploration thrown = explore(losing(2, 2, End::throws), patiently("random", seed));
    REQUIRE(crashed.finding);
    REQUIRE(thrown.finding);
    CHECK(crashed.finding->run == thrown.finding->run);
    CHECK(crashed.finding->preemptions == thrown.finding->preemptions);
    CHECK(crashed.finding->deviations == thrown.finding->deviations);
    CHECK(crashed.finding->minimal == thrown.finding->minimal);
  }
}

TEST_CASE("small crash: any number of workers comes to the same") {
  const Exploration one = explore(losing(2, 3, End::abort), patiently("random", 4, 1));
  const Exploration three = explore(losing(2, 3, End::abort), patiently("random", 4, 3));
  REQUIRE(one.finding);
  REQUIRE(three.finding);
  CHECK(one.report() == three.report());
}

TEST_CASE("small crash: where not even accesses are scheduling points, too") {
  const sim::Scenario scenario = []() -> Coro<void> {
    Semaphore gate(10);
    int sum = 0;
    const auto pass = [&]() -> Coro<void> {
      const int before = sum;
      co_await gate.acquire();
      sum = before + 1;
      gate.release();
    };
    std::vector<Task<>> all;
    for (int task = 0; task < 4; ++task) all.push_back(create_task(pass(), {.name = "one"}));
    for (Task<>& task : all) co_await task;
    if (sum != 4) std::abort();
  };
  Options options = patiently("random", 1);
  options.scheduling_points = SchedulingPoints::awaits;
  check_is_least(scenario, explore(scenario, options));
}

TEST_CASE("small crash: a process that ends without a word is no exception") {
  for (const End how : {End::killed, End::ends_silently}) {
    const sim::Scenario scenario = losing(2, 3, how);
    check_is_least(scenario, explore(scenario, patiently("random", 1)));
  }
}

TEST_CASE("small crash: what needs a cancellation is brought to the fewest preemptions with it") {
  // The one that is cancelled has taken an item out of the queue, and has not noted it yet.
  const sim::Scenario consumers = []() -> Coro<void> {
    Queue<int> queue;
    std::vector<int> got;
    auto consume = [&]() -> Coro<void> {
      const int item = co_await queue.get();
      co_await sleep(0s);
      got.push_back(item);
    };
    const auto one = create_task(consume(), {.name = "one"});
    const auto two = create_task(consume(), {.name = "two"});
    sim::may_cancel(one);
    co_await queue.put(1);
    co_await queue.put(2);
    const std::vector<AnyTask> both{one, two};
    co_await wait(both);
    if (got.size() + queue.qsize() != 2) std::abort();
  };
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    const Exploration result = explore(consumers, patiently("random", seed));
    REQUIRE(result.finding);
    CHECK(result.finding->trace.verdict.kind == VerdictKind::crash);
    CHECK(result.finding->preemptions == 0);
    CHECK(result.finding->minimal);
    CHECK(std::count_if(result.finding->schedule.begin(), result.finding->schedule.end(),
                        sim::is_no_switch) == 1);
  }
}

TEST_CASE("small crash: what the last step has drawn comes with it") {
  const sim::Scenario scenario = []() -> Coro<void> {
    Shared<int> sum(0, "sum");
    Shared<int> other(0, "other");
    std::vector<Task<>> all;
    for (int task = 0; task < 3; ++task) {
      all.push_back(co_await spawn(add(sum, 2), {.name = "adder"}));
      all.push_back(co_await spawn(bustle(other, 2), {.name = "other"}));
    }
    for (Task<>& task : all) co_await task;
    if (sum.unobserved() != 6 && sim::random(5, "which") == 3 && fault("worse")) std::abort();
  };
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    const Exploration result = explore(scenario, patiently("random", seed));
    REQUIRE(result.finding);
    CHECK(result.finding->trace.verdict.kind == VerdictKind::crash);
    CHECK(result.finding->preemptions == 1);
    CHECK(result.finding->minimal);  // without a preemption nothing is drawn
    const std::vector<traces::Choice>& choices = result.finding->trace.choices;
    REQUIRE(choices.size() >= 2);
    CHECK(choices[choices.size() - 2].label == "random:which");
    CHECK(choices.back().label == "fault:worse");
  }
}

TEST_CASE("small crash: what is too long for it is said to be that") {
  const sim::Scenario scenario = losing(2, 600, End::abort);
  Options options = patiently("random", 1);
  options.shrink_time_max = 50ms;
  const Exploration result = explore(scenario, options);
  REQUIRE(result.finding);
  CHECK(!result.finding->preemptions);
  CHECK(!result.finding->minimal);
  CHECK(contains(unwrapped(result.report()),
                 "note: it is too long to be brought to the fewest preemptions: more than 2,000 choices"));
}

TEST_CASE("small crash: no proof is claimed where numbers were not tried") {
  const sim::Scenario scenario = []() -> Coro<void> {
    Shared<int> sum(0, "sum");
    const bool luck = sim::random(100, "luck") == 42;
    const auto one = co_await spawn(add(sum, 1));
    const auto two = co_await spawn(add(sum, 1));
    co_await one;
    co_await two;
    if (sum.unobserved() != 2 || luck) std::abort();
  };
  const Exploration result = explore(scenario, patiently("random", 1));
  REQUIRE(result.finding);
  CHECK(result.finding->preemptions == 1);
  CHECK(!result.finding->minimal);
  CHECK(contains(result.report(), "it is not proved that no schedule with fewer preemptions"));
}

TEST_CASE("small crash: another one, with fewer preemptions, neither takes its place nor hides the proof") {
  const auto write = [](Shared<int>& value) -> Coro<void> {
    co_await value.write(1);
    co_await value.write(2);
  };
  const auto read_twice = [](Shared<int>& value) -> Coro<void> {
    const int first = co_await value.read();
    const int second = co_await value.read();
    if (first == 1 && second == 2) std::abort();  // two preemptions
  };
  const auto read_once = [](Shared<int>& value) -> Coro<void> {
    if (co_await value.read() == 1) std::abort();  // one
  };
  const sim::Scenario scenario = [&]() -> Coro<void> {
    Shared<int> value(0, "value");
    std::vector<Task<>> all;
    all.push_back(co_await spawn(write(value), {.name = "writer"}));
    all.push_back(co_await spawn(read_twice(value), {.name = "twice"}));
    all.push_back(co_await spawn(read_once(value), {.name = "once"}));
    for (Task<>& task : all) co_await task;
  };
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    Options options = patiently("random", seed);
    const Exploration small = explore(scenario, options);
    options.shrink_time_max = 0s;
    const Exploration found = explore(scenario, options);
    REQUIRE(small.finding);
    REQUIRE(found.finding);
    CHECK(small.finding->signature == found.finding->signature);
    CHECK(small.finding->trace.verdict.task == found.finding->trace.verdict.task);
    const bool twice = small.finding->trace.verdict.task == "0.1";
    CHECK(small.finding->preemptions == (twice ? 2 : 1));
    CHECK(small.finding->minimal);
    seen.insert(*small.finding->preemptions);
  }
  CHECK(seen == std::set<std::uint64_t>{1, 2});
}

TEST_CASE("small crash: others do not hide the proof that no deviation fewer will do either") {
  using Word = std::shared_ptr<std::string>;  // whoever is left when one throws still has it
  const auto append = [](Word word, char letter, bool crashes) -> Coro<void> {
    co_await sleep(0s);
    *word += letter;
    if (*word != "b") co_return;
    if (crashes) _exit(7);
    throw ValueError("b");
  };
  const auto scenario = [&](bool crashes) -> sim::Scenario {
    return [&append, crashes]() -> Coro<void> {
      const auto word = std::make_shared<std::string>();
      std::vector<Task<>> all;
      for (const char letter : {'a', 'b', 'c', 'd'})
        all.push_back(create_task(append(word, letter, crashes)));
      for (Task<>& task : all) co_await task;
      if (*word == "dcba" || *word == "cdba") end(crashes ? End::abort : End::throws);
    };
  };
  std::set<std::size_t> seen;
  for (const std::uint64_t seed : {6U, 7U}) {
    CAPTURE(seed);
    Options options = patiently("random", seed);
    options.scheduling_points = SchedulingPoints::suspensions;
    const Exploration crashed = explore(scenario(true), options);
    const Exploration thrown = explore(scenario(false), options);
    REQUIRE(crashed.finding);
    REQUIRE(thrown.finding);
    CHECK(crashed.finding->run == thrown.finding->run);
    CHECK(crashed.finding->deviations == thrown.finding->deviations);
    CHECK(crashed.finding->minimal);
    CHECK(thrown.finding->minimal);
    seen.insert(crashed.finding->deviations);
  }
  CHECK(seen == std::set<std::size_t>{1, 3});
}

TEST_CASE("small crash: what decides is told, and which decisions do not matter") {
  const sim::Scenario scenario = []() -> Coro<void> {
    std::string word;
    std::string other;
    const auto append = [](std::string& text, char letter) -> Coro<void> {
      co_await sleep(0s);
      text += letter;
    };
    const auto a = create_task(append(word, 'a'), {.name = "a"});
    const auto b = create_task(append(word, 'b'), {.name = "b"});
    const auto c = create_task(append(other, 'c'), {.name = "c"});
    co_await a;
    co_await b;
    co_await c;
    if (word == "ba") std::abort();
  };
  Options options = patiently("random", 1);
  options.scheduling_points = SchedulingPoints::suspensions;
  const Exploration result = explore(scenario, options);
  REQUIRE(result.finding);
  const std::string report = unwrapped(result.report());
  INFO(report);
  REQUIRE(result.finding->neighbour);
  CHECK(result.finding->neighbour->alone);
  CHECK(
      contains(report, "What decides: it passes if a (0.0) goes on from tests/props/crash_small_test.cpp:"));
  CHECK(contains(report, "before b (0.1) goes on from tests/props/crash_small_test.cpp:"));
  REQUIRE(result.finding->decisions);
  CHECK(!result.finding->decisions->irrelevant.empty());
  CHECK(result.finding->decisions->irrelevant.size() < result.finding->decisions->all);
}

TEST_CASE("small crash: whoever its end kept from going on is let in, and a number that decides is told") {
  const sim::Scenario halves = []() -> Coro<void> {
    Shared<int> a(0, "a");
    Shared<int> b(0, "b");
    const auto set = [](Shared<int>& first, Shared<int>& second) -> Coro<void> {
      co_await first.write(1);
      co_await second.write(1);
    };
    const auto check = [](Shared<int>& first, Shared<int>& second) -> Coro<void> {
      const int one = co_await first.read();
      const int other = co_await second.read();
      if (one != other) std::abort();
    };
    const auto setter = co_await spawn(set(a, b), {.name = "setter"});
    const auto checker = co_await spawn(check(a, b), {.name = "checker"});
    co_await setter;
    co_await checker;
  };
  const Exploration half = explore(halves, patiently("random", 1));
  REQUIRE(half.finding);
  CHECK(half.finding->preemptions == 1);
  CHECK(half.finding->minimal);
  REQUIRE(half.finding->neighbour);
  CHECK(half.finding->neighbour->newcomer == "0.0");

  const sim::Scenario numbers = []() -> Coro<void> {
    if (sim::random(4, "which") == 3) std::abort();
    co_return;
  };
  const Exploration drawn = explore(numbers, patiently("random", 1));
  REQUIRE(drawn.finding);
  REQUIRE(drawn.finding->otherwise);
  CHECK(contains(unwrapped(drawn.report()),
                 "What decides, at step 1: it drew 3 of 0..3 for 'which'. It passes if it drew 0 of 0..3 "
                 "for 'which'."));
}

namespace {

/// Draws 0 in each run, but 2 in the second, and then 1 if it was asked and told of that; whether it has left
/// something out is told after some run.
class Drawing final : public sim::Policy {
 public:
  explicit Drawing(std::uint64_t leaves_out) : leaves_out_(leaves_out) {}

  [[nodiscard]] std::string_view name() const override { return "drawing"; }
  bool begin_run(std::uint64_t run) override {
    run_ = run;
    return run <= 5;
  }
  std::uint32_t pick(const sim::ChoicePoint& point) override {
    if (point.kind != sim::ChoiceKind::random) return 0;
    if (run_ == leaves_out_) left_out_ = true;
    asked_ = asked_ || run_ == 2;
    return run_ == 2 ? 2 : run_ == 4 && asked_ && told_ ? 1 : 0;
  }
  void end_run(std::span<const sim::Choice> schedule) override {
    told_ = told_ || (run_ == 2 && schedule.size() == 1 && schedule[0].taken == 2);
  }
  [[nodiscard]] bool left_out() const noexcept override { return left_out_; }

 private:
  std::uint64_t leaves_out_;
  std::uint64_t run_ = 0;
  bool asked_ = false;
  bool told_ = false;
  bool left_out_ = false;
};

}  // namespace

TEST_CASE("small crash: a search passes by another one, and tells what it left out") {
  const sim::Scenario scenario = []() -> Coro<void> {
    co_await sleep(0s);
    switch (sim::random(3, "which")) {
      case 1:
        std::abort();
      case 2:
        std::exit(3);
      default:
        break;
    }
  };
  const Options options = patiently("random", 1);
  detail::Isolated isolated(scenario, options.settings(), options);
  const auto crash_of = [&](std::uint32_t number) {
    return isolated.follow({sim::Choice(sim::ChoiceKind::random, 3, number)});
  };
  const auto search = [&](const detail::Attempt& crash, std::uint64_t leaves_out, std::uint64_t runs_max) {
    detail::CrashTrial trial(isolated, crash);
    Drawing policy(leaves_out);
    return trial.search(
        {policy, [&](std::uint64_t run) { return run > runs_max; }, [&] { return !policy.left_out(); }});
  };
  const detail::Attempt aborts = crash_of(1);
  const detail::Attempt exits = crash_of(2);
  CHECK(aborts.ending.in_words() == "was ended by SIGABRT");
  CHECK(exits.ending.in_words() == "ended with exit status 3");
  struct Case {
    const detail::Attempt& crash;
    std::uint64_t leaves_out;
    std::uint64_t runs_max;
    Searched expected;
  };
  const Case cases[] = {
      {aborts, 5, 9, {4, true, true}},   {aborts, 4, 9, {4, true, false}}, {aborts, 1, 9, {4, true, false}},
      {aborts, 9, 3, {3, false, false}}, {exits, 9, 9, {2, true, true}},   {exits, 2, 9, {2, true, false}},
      {exits, 9, 1, {1, false, false}},  {exits, 9, 0, {0, false, false}},
  };
  for (const Case& one : cases) {
    CAPTURE(one.crash.ending.in_words());
    CAPTURE(one.leaves_out);
    CAPTURE(one.runs_max);
    const Searched searched = search(one.crash, one.leaves_out, one.runs_max);
    CHECK(searched.runs == one.expected.runs);
    CHECK(searched.found == one.expected.found);
    CHECK(searched.complete == one.expected.complete);
  }
}

TEST_CASE("small crash: the order of its steps is that of the same failure in this process") {
  const auto scenario = [](End how) -> sim::Scenario {
    return [how]() -> Coro<void> {
      Shared<int> sum(0, "sum");
      const auto pause = [](Shared<int>& shared) -> Coro<void> {
        co_await sleep(1ms * sim::random(3, "pause"));
        co_await add(shared, 1);
      };
      std::vector<Task<>> all;
      for (int task = 0; task < 3; ++task) all.push_back(co_await spawn(pause(sum), {.name = "adder"}));
      sim::may_cancel(all[1]);
      const std::vector<AnyTask> adders(all.begin(), all.end());
      co_await wait(adders);
      if (sum.unobserved() != 3 && sim::random(2, "which") == 1 && !fault("spared")) end(how);
    };
  };
  Options options = patiently("random", 1);
  options.jitter = 2ms;
  const sim::Scenario aborting = scenario(End::abort);
  detail::Isolated isolated(aborting, options.settings(), options);
  std::uint64_t found = 0;
  std::set<std::string> kinds;
  for (std::uint64_t seed = 1; seed <= 100 && found < 10; ++seed) {
    CAPTURE(seed);
    const std::unique_ptr<sim::Policy> random = sim::make_policy("random", seed);
    sim::Simulation here(options.settings());
    sim::TakeDownOrder look(*random);
    look.begin_run(1);
    if (!here.run(scenario(End::throws), look)) continue;
    ++found;
    const std::unique_ptr<sim::Policy> same = sim::make_policy("random", seed);
    const detail::Attempt crash = isolated.run(*same);
    REQUIRE(crash.crashed());
    CHECK(crash.schedule == here.schedule());
    const sim::Order order = isolated.order_of(crash);
    REQUIRE(order.size() == look.order().size());
    for (std::size_t step = 0; step < order.size(); ++step) {
      CAPTURE(step);
      const sim::OrderedStep& one = order[step];
      const sim::OrderedStep& other = look.order()[step];
      CHECK(one.actor == other.actor);
      CHECK(one.others == other.others);
      CHECK(one.numbers == other.numbers);
      CHECK(one.cancelled == other.cancelled);
      CHECK(one.late == other.late);
      CHECK(one.preempts == other.preempts);
      CHECK(one.is_out_of_order == other.is_out_of_order);
      const bool last = step + 1 == order.size();
      CHECK(one.operations == (last ? std::vector{sim::Operation{}} : other.operations));
      if (!last) CHECK(one.woken == other.woken);
      if (!one.numbers.empty()) kinds.insert(last ? "numbers of the last" : "numbers");
      if (one.cancelled != 0) kinds.insert("cancelled");
      if (!one.late.empty()) kinds.insert("late");
      if (!one.woken.empty()) kinds.insert("woken");
      if (one.preempts) kinds.insert("preempts");
      if (one.is_out_of_order) kinds.insert("out of order");
    }
  }
  CHECK(found == 10);
  CHECK(kinds.size() == 7);
}
