#include <coweave/coweave.hpp>
#include <coweave/sim/policies/policy_name.hpp>
#include <coweave/sim/policies/random_walk.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/sim/search/bounded_search.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;
using traces::VerdictKind;

namespace {

/// How many runs an exhaustive search takes, and how many of them fail.
struct Searched {
  std::uint64_t runs = 0;
  std::uint64_t failed = 0;
};

Searched search(const sim::Scenario& scenario, SchedulingPoints points) {
  sim::Simulation simulation(Options{.scheduling_points = points}.settings());
  sim::BoundedSearch policy;
  Searched searched;
  while (policy.begin_run(searched.runs + 1)) {
    ++searched.runs;
    searched.failed += simulation.run(scenario, policy) ? 1U : 0U;
  }
  return searched;
}

Coro<void> increment(Shared<int>& counter) {
  const int before = co_await counter.read();
  co_await counter.write(before + 1);
}

Coro<void> lost_update() {
  Shared<int> counter(0, "counter");
  const auto one = co_await spawn(increment(counter));
  const auto two = co_await spawn(increment(counter));
  co_await one;
  co_await two;
  COWEAVE_REQUIRE(counter.unobserved() == 2);
}

Coro<void> note_turns(Lock& lock, std::vector<int>& order, int who) {
  for (int round = 0; round < 2; ++round) {
    const auto guard = co_await lock.scoped();
    order.push_back(who);
  }
}

/// Two tasks that take a lock twice each, which never makes them wait.
Coro<void> polite(std::vector<int>& order) {
  order.clear();
  Lock lock;
  const auto one = create_task(note_turns(lock, order, 1));
  const auto two = create_task(note_turns(lock, order, 2));
  co_await one;
  co_await two;
}

std::size_t orders(SchedulingPoints points) {
  std::set<std::vector<int>> seen;
  std::vector<int> order;
  sim::Simulation simulation(Options{.scheduling_points = points}.settings());
  sim::BoundedSearch policy;
  for (std::uint64_t run = 1; policy.begin_run(run); ++run) {
    REQUIRE(simulation.run([&] { return polite(order); }, policy) == nullptr);
    seen.insert(order);
  }
  return seen.size();
}

Coro<void> take_both(Lock& first, Lock& second) {
  const auto one = co_await first.scoped();
  const auto two = co_await second.scoped();
}

Coro<void> opposite_order() {
  Lock a("a");
  Lock b("b");
  const auto left = co_await spawn(take_both(a, b), {.name = "left"});
  const auto right = co_await spawn(take_both(b, a), {.name = "right"});
  co_await left;
  co_await right;
}

}  // namespace

TEST_CASE("scheduling points: a race on a shared variable is seen only where accesses are points") {
  CHECK(search(lost_update, SchedulingPoints::suspensions).failed == 0);
  CHECK(search(lost_update, SchedulingPoints::awaits).failed == 0);
  const Searched accesses = search(lost_update, SchedulingPoints::accesses);
  CHECK(accesses.failed > 0);
  CHECK(accesses.failed < accesses.runs);
}

TEST_CASE("scheduling points: an await that is ready lets others run only where awaits are points") {
  CHECK(orders(SchedulingPoints::suspensions) == 2);
  CHECK(orders(SchedulingPoints::awaits) == 6);
  CHECK(orders(SchedulingPoints::accesses) == 6);
}

TEST_CASE("scheduling points: whoever would only wait for a lock is passed over, and a deadlock is found") {
  CHECK(search(opposite_order, SchedulingPoints::suspensions).failed == 0);
  const Searched searched = search(opposite_order, SchedulingPoints::accesses);
  CHECK(searched.failed > 0);
  CHECK(searched.failed < searched.runs);
  const Exploration found =
      explore(opposite_order, {.name = "opposite", .scheduling_points = SchedulingPoints::accesses});
  REQUIRE(found.finding);
  CHECK(found.finding->trace.verdict.kind == VerdictKind::deadlock);
  CHECK(found.finding->trace.verdict.shape == "cycle");
}

TEST_CASE("scheduling points: nobody is passed over whom others can see in line for a semaphore") {
  const auto scenario = []() -> Coro<void> {
    Semaphore semaphore(1);
    auto hold = [](Semaphore& permits) -> Coro<void> {
      co_await permits.acquire();
      co_await sleep(0s);
      permits.release();
      COWEAVE_REQUIRE(!permits.locked());  // not if its permit is kept for the other one
    };
    auto take = [](Semaphore& permits) -> Coro<void> {
      co_await permits.acquire();
      permits.release();
    };
    const auto one = create_task(hold(semaphore));
    const auto two = create_task(take(semaphore));
    co_await one;
    co_await two;
  };
  for (const SchedulingPoints points :
       {SchedulingPoints::suspensions, SchedulingPoints::awaits, SchedulingPoints::accesses}) {
    const Searched runs = search(scenario, points);
    CHECK(runs.failed > 0);
    CHECK(runs.failed < runs.runs);
  }
}

TEST_CASE("scheduling points: a failure replays under the points of its trace") {
  const Options options{.name = "lost update", .scheduling_points = SchedulingPoints::accesses};
  const Exploration found = explore(lost_update, options);
  REQUIRE(found.finding);
  CHECK(found.finding->trace.settings.scheduling_points == SchedulingPoints::accesses);
  const Exploration again = replay(lost_update, found.finding->trace, ReplayMode::strict, {});
  REQUIRE(again.finding);
  CHECK(again.finding->trace.verdict == found.finding->trace.verdict);
  CHECK(again.finding->trace.events == found.finding->trace.events);
}

TEST_CASE(
    "scheduling points: a request to cancel reaches a task at its turn, and nothing of the await happens") {
  const auto scenario = []() -> Coro<void> {
    Lock lock;
    Shared<int> value(0, "value");
    auto body = [](Lock& taken, Shared<int>& written) -> Coro<void> {
      const auto guard = co_await taken.scoped();
      co_await written.write(1);
    };
    const auto task = create_task(body(lock, value));
    co_await sleep(0s);  // it stands before the lock now
    task.cancel();
    bool cancelled = false;
    try {
      co_await task;
    } catch (const CancelledError&) {
      cancelled = true;
    }
    COWEAVE_REQUIRE(cancelled);
    COWEAVE_REQUIRE(!lock.locked());
    COWEAVE_REQUIRE(value.unobserved() == 0);
  };
  sim::Simulation simulation(Options{.scheduling_points = SchedulingPoints::accesses}.settings());
  sim::Fifo policy;
  policy.begin_run(1);
  CHECK(simulation.run(scenario, policy) == nullptr);
}

TEST_CASE("scheduling points: a spawn that is cancelled at its turn creates nothing") {
  const auto scenario = []() -> Coro<void> {
    int started = 0;
    auto child = [](int& count) -> Coro<void> {
      ++count;
      co_return;
    };
    auto parent = [](auto& make, int& count) -> Coro<void> { co_await spawn(make(count)); };
    const auto task = create_task(parent(child, started));
    co_await sleep(0s);  // it stands before the spawn now
    task.cancel();
    co_await gather(return_exceptions, task);
    COWEAVE_REQUIRE(started == 0);
  };
  sim::Simulation simulation(Options{.scheduling_points = SchedulingPoints::accesses}.settings());
  sim::Fifo policy;
  policy.begin_run(1);
  CHECK(simulation.run(scenario, policy) == nullptr);
}

TEST_CASE("scheduling points: what an await throws comes out of it, although it took a turn") {
  const auto scenario = []() -> Coro<void> {
    Queue<int> queue;
    queue.shutdown();
    bool thrown = false;
    try {
      co_await queue.get();
    } catch (const QueueShutDown&) {
      thrown = true;
    }
    COWEAVE_REQUIRE(thrown);
  };
  for (const SchedulingPoints points : {SchedulingPoints::awaits, SchedulingPoints::accesses})
    CHECK(search(scenario, points).failed == 0);
}

TEST_CASE("scheduling points: a run that ends while tasks stand at their turns leaves nothing behind") {
  const auto scenario = []() -> Coro<void> {
    Lock lock;
    auto body = [](Lock& taken) -> Coro<void> { const auto guard = co_await taken.scoped(); };
    create_task(body(lock));
    co_await sleep(0s);
    COWEAVE_REQUIRE(false);
  };
  sim::Simulation simulation(Options{.scheduling_points = SchedulingPoints::awaits}.settings());
  sim::Fifo policy;
  for (int run = 0; run < 3; ++run) {
    policy.begin_run(1);
    const sim::Failure* failure = simulation.run(scenario, policy);
    REQUIRE(failure);
    CHECK(failure->kind == VerdictKind::assertion);
  }
}

TEST_CASE("scheduling points: every primitive keeps its promise when each await takes a turn") {
  const auto scenario = []() -> Coro<void> {
    Queue<int> queue(1);
    Semaphore semaphore(1);
    Event event;
    Barrier barrier(2);
    Condition condition;
    int sum = 0;
    auto producer = [](Queue<int>& to, Semaphore& permits, Event& go, Barrier& meet) -> Coro<void> {
      for (int item = 1; item <= 3; ++item) {
        const auto permit = co_await permits.scoped();
        co_await to.put(item);
      }
      go.set();
      co_await meet.wait();
    };
    auto consumer = [](Queue<int>& from, Event& go, Barrier& meet, Condition& changed,
                       int& total) -> Coro<void> {
      for (int item = 1; item <= 3; ++item) total += co_await from.get();
      co_await go.wait();
      co_await meet.wait();
      const auto guard = co_await changed.scoped();
      changed.notify_all();
    };
    auto waiter = [](Condition& changed, int& total) -> Coro<void> {
      const auto guard = co_await changed.scoped();
      co_await changed.wait_for([&] { return total == 6; });
    };
    const auto one = create_task(producer(queue, semaphore, event, barrier));
    const auto two = create_task(consumer(queue, event, barrier, condition, sum));
    const auto three = create_task(waiter(condition, sum));
    co_await gather(one, two);
    co_await wait_for(three, 1s);
  };
  for (const SchedulingPoints points : {SchedulingPoints::awaits, SchedulingPoints::accesses}) {
    for (const char* policy : {"random", "pos", "surw"}) {
      const Exploration explored = explore(
          scenario, {.name = "primitives", .policy = policy, .runs = 300, .scheduling_points = points});
      CHECK_MESSAGE(explored.passed(), explored.report());
    }
  }
}
