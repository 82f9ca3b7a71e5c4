#include <coweave/sim/search/dpor.hpp>

#include <coweave/bench/power/traced_programs.hpp>
#include <coweave/coweave.hpp>
#include <coweave/sim/causality/fingerprint.hpp>

#include <doctest/doctest.h>

#include <set>
#include <utility>

using namespace coweave;
using namespace coweave::traced;
using namespace std::chrono_literals;

namespace {

/// Dpor, with an ear for the steps.
class Listening final : public sim::Policy {
 public:
  [[nodiscard]] std::string_view name() const override { return dpor_.name(); }
  bool begin_run(std::uint64_t run) override {
    fingerprint_.begin_run();
    return dpor_.begin_run(run);
  }
  std::uint32_t pick(const sim::ChoicePoint& point) override { return dpor_.pick(point); }
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  void stepped(const sim::Step& step) override {
    fingerprint_.add(step);
    dpor_.stepped(step);
  }
  void end_run(std::span<const sim::Choice> schedule) override {
    if (dpor_.gave_up()) {
      ++given_up_;
    } else {
      ++complete_;
      seen_.insert(fingerprint_.value());
    }
    dpor_.end_run(schedule);
  }

  [[nodiscard]] std::size_t complete() const { return complete_; }
  [[nodiscard]] std::size_t distinct() const { return seen_.size(); }
  [[nodiscard]] std::size_t given_up() const { return given_up_; }

 private:
  sim::Dpor dpor_;
  sim::Fingerprint fingerprint_;
  std::set<std::uint64_t> seen_;
  std::size_t complete_ = 0;
  std::size_t given_up_ = 0;
};

/// How many complete runs it takes; each must be another trace.
std::size_t runs_of(const sim::Scenario& scenario) {
  sim::Simulation simulation(Options{.scheduling_points = SchedulingPoints::accesses}.settings());
  Listening policy;
  for (std::uint64_t run = 1; policy.begin_run(run); ++run)
    REQUIRE(simulation.run(scenario, policy) == nullptr);
  CHECK(policy.distinct() == policy.complete());
  INFO(policy.given_up(), " runs were given up");
  return policy.complete();
}

}  // namespace

TEST_CASE("dpor: n readers and a writer take 2^n runs") {
  CHECK(runs_of(program(0, 3, 1, read_or_write)) == 4);
  CHECK(runs_of(program(0, 9, 1, read_or_write)) == 256);
}

TEST_CASE("dpor: n updates of each of m variables take n!^m runs") {
  CHECK(runs_of(program(0, 2, 1, bump_each<1>)) == 2);
  CHECK(runs_of(program(0, 4, 1, bump_each<1>)) == 24);
  CHECK(runs_of(program(0, 6, 1, bump_each<1>)) == 720);
  CHECK(runs_of(program(0, 2, 2, bump_each<2>)) == 4);
  CHECK(runs_of(program(0, 3, 2, bump_each<2>)) == 36);
  CHECK(runs_of(program(0, 4, 2, bump_each<2>)) == 576);
  CHECK(runs_of(program(0, 3, 3, bump_each<3>)) == 216);
}

TEST_CASE("dpor: plain increments take 4, 36 and 576 runs") {
  CHECK(runs_of(program(0, 2, 1, read_then_write)) == 4);
  CHECK(runs_of(program(0, 3, 1, read_then_write)) == 36);
  CHECK(runs_of(program(0, 4, 1, read_then_write)) == 576);
}

TEST_CASE("dpor: n increments under a lock take n! runs") {
  CHECK(runs_of(program(0, 2, 1, write_under_lock)) == 2);
  CHECK(runs_of(program(0, 3, 1, write_under_lock)) == 6);
  CHECK(runs_of(program(0, 5, 1, write_under_lock)) == 120);
  CHECK(runs_of(program(0, 4, 2, write_two_under_lock)) == 24);
}

TEST_CASE("dpor: a compare-and-swap that fails is a read") {
  CHECK(runs_of(program(0, 3, 1, swap_from_0)) == 3);
  CHECK(runs_of(program(0, 5, 1, swap_from_0)) == 5);
  CHECK(runs_of(program(1, 4, 1, swap_from_last)) == 14);
  CHECK(runs_of(program(1, 6, 1, swap_from_last)) == 144);
  CHECK(runs_of(program(0, 2, 1, swap_and_store)) == 6);
  CHECK(runs_of(program(0, 3, 1, swap_and_store)) == 66);
  CHECK(runs_of(program(0, 4, 1, swap_and_store)) == 1'200);
}

TEST_CASE("dpor: lastzero takes (n + 3) 2^(n - 2) runs") {
  CHECK(runs_of(program(0, 2, 2, last_zero<1>)) == 2);
  CHECK(runs_of(program(0, 3, 3, last_zero<2>)) == 5);
  CHECK(runs_of(program(0, 4, 4, last_zero<3>)) == 12);
  CHECK(runs_of(program(0, 5, 5, last_zero<4>)) == 28);
  CHECK(runs_of(program(0, 6, 6, last_zero<5>)) == 64);
}

TEST_CASE("dpor: eleven tasks that put words into a table never collide, and twelve do in 8 ways") {
  CHECK(runs_of(program(0, 11, 128, index_words)) == 1);
  CHECK(runs_of(program(0, 12, 128, index_words)) == 8);
}

TEST_CASE("dpor: exploring says what was proved, and what not") {
  const Exploration passed =
      explore(program(0, 3, 1, write_under_lock),
              {.name = "locked", .policy = "dpor", .scheduling_points = SchedulingPoints::accesses});
  CHECK(passed.passed());
  CHECK(passed.exhausted);
  REQUIRE(passed.notes.size() == 1);
  CHECK(passed.notes.front().find("plain memory that tasks share is not seen") != std::string::npos);
}

TEST_CASE("dpor: runs that could only repeat others are counted, and told apart") {
  const auto explored = [](std::uint32_t workers) {
    Options options{.name = "updates", .policy = "dpor", .scheduling_points = SchedulingPoints::accesses};
    options.workers = workers;
    return explore(program(0, 3, 1, swap_and_store), options);
  };
  const Exploration alone = explored(0);
  CHECK(alone.exhausted);
  CHECK(alone.runs - alone.given_up == 66);
  CHECK(explored(2).given_up == alone.given_up);
  const std::string report = alone.report();
  INFO(report);
  CHECK(report.find("every order of steps that share an object") != std::string::npos);
  CHECK(report.find("every schedule") == std::string::npos);
  CHECK((alone.given_up == 0) == (report.find("given up)") == std::string::npos));
}

TEST_CASE("dpor: a search that is cut off says so, and what it does not see all the same") {
  const Exploration cut =
      explore(program(0, 4, 1, read_then_write),
              {.name = "cut", .policy = "dpor", .runs = 10, .scheduling_points = SchedulingPoints::accesses});
  CHECK(!cut.exhausted);
  const std::string report = cut.report();
  CHECK(report.find("the search did not come to its end") != std::string::npos);
  CHECK(report.find("if they share any, dfs is the search that proves something") != std::string::npos);
}

TEST_CASE("dpor: numbers that the program draws, and cancellations, are tried in full") {
  const auto scenario = [](std::set<std::pair<int, int>>& seen) -> Coro<void> {
    Shared<int> value(0);
    int read = 0;
    auto write = [](Shared<int>& shared) -> Coro<void> {
      const auto number = static_cast<int>(sim::random(3));
      co_await shared.write(number + 1);
    };
    auto look = [](Shared<int>& shared, int& result) -> Coro<void> { result = co_await shared.read(); };
    const auto one = create_task(write(value));
    const auto two = create_task(look(value, read));
    co_await one;
    co_await two;
    seen.emplace(value.unobserved(), read);
  };
  std::set<std::pair<int, int>> seen;
  const Exploration explored =
      explore([&] { return scenario(seen); },
              {.name = "draws", .policy = "dpor", .scheduling_points = SchedulingPoints::accesses});
  CHECK(explored.exhausted);
  CHECK(seen == std::set<std::pair<int, int>>{{1, 0}, {1, 1}, {2, 0}, {2, 2}, {3, 0}, {3, 3}});
}

TEST_CASE("dpor: a deadlock of two locks is found in at most three runs") {
  const auto scenario = []() -> Coro<void> {
    Lock a;
    Lock b;
    auto both = [](Lock& first, Lock& second) -> Coro<void> {
      const auto one = co_await first.scoped();
      const auto two = co_await second.scoped();
    };
    const auto one = create_task(both(a, b));
    const auto two = create_task(both(b, a));
    co_await one;
    co_await two;
  };
  const Exploration found =
      explore(scenario, {.name = "locks", .policy = "dpor", .scheduling_points = SchedulingPoints::accesses});
  REQUIRE(found.finding);
  CHECK(found.finding->trace.verdict.kind == traces::VerdictKind::deadlock);
  CHECK(found.finding->run <= 3);
}

namespace {

Coro<void> yield(int times) {
  for (int time = 0; time < times; ++time) co_await sleep(0s);
}

Exploration explored(const sim::Scenario& scenario, SchedulingPoints points, bool leaks_allowed = false) {
  Options options{.name = "explored", .policy = "dpor", .scheduling_points = points};
  options.leaks_allowed = leaks_allowed;
  return explore(scenario, options);
}

constexpr SchedulingPoints all_points[] = {SchedulingPoints::suspensions, SchedulingPoints::awaits,
                                           SchedulingPoints::accesses};

}  // namespace

TEST_CASE("dpor: a task that outlives main in some order is found") {
  const auto scenario = []() -> Coro<void> {
    create_task(yield(2), {.name = "flush"});
    co_await yield(3);
  };
  for (const SchedulingPoints points : all_points) {
    const Exploration found = explored(scenario, points);
    REQUIRE(found.finding);
    CHECK(found.finding->trace.verdict.kind == traces::VerdictKind::leaked_task);
  }
}

TEST_CASE("dpor: what a task does that may outlive main is found, if there is time for it") {
  const auto scenario = []() -> Coro<void> {
    auto fail = []() -> Coro<void> {
      co_await yield(4);
      COWEAVE_REQUIRE(false);
    };
    create_task(fail());
    co_await sleep(0s);
  };
  for (const SchedulingPoints points : all_points) {
    const Exploration found = explored(scenario, points, true);
    REQUIRE(found.finding);
    CHECK(found.finding->trace.verdict.kind == traces::VerdictKind::assertion);
  }
}

TEST_CASE("dpor: it proves nothing where somebody could still run when main ended") {
  const auto scenario = []() -> Coro<void> {
    create_task(yield(1));
    co_await sleep(0s);
  };
  const Exploration passed = explored(scenario, SchedulingPoints::suspensions, true);
  CHECK(passed.passed());
  CHECK(!passed.exhausted);
  CHECK(passed.report().find("could still run when main ended") != std::string::npos);
}

TEST_CASE("dpor: who lines up first for a lock is tried in every order") {
  std::set<std::vector<int>> orders;
  const auto scenario = [&]() -> Coro<void> {
    Lock lock;
    std::vector<int> order;
    auto use = [](Lock& taken, std::vector<int>& to, int who) -> Coro<void> {
      const auto guard = co_await taken.scoped();
      to.push_back(who);
    };
    co_await lock.acquire();
    const auto one = create_task(use(lock, order, 1));
    const auto two = create_task(use(lock, order, 2));
    const auto three = create_task(use(lock, order, 3));
    co_await sleep(1s);  // nobody can go on but by standing in line
    lock.release();
    co_await gather(one, two, three);
    orders.insert(order);
  };
  for (const SchedulingPoints points : all_points) {
    orders.clear();
    CHECK(explored(scenario, points).exhausted);
    CHECK(orders.size() == 6);
  }
}

TEST_CASE("dpor: whoever is passed over before a full queue could have come before it was full") {
  std::set<int> firsts;
  const auto scenario = [&]() -> Coro<void> {
    Queue<int> queue(1);
    auto offer = [](Queue<int>& to, int item) -> Coro<void> {
      if (!to.full()) to.put_nowait(item);
      co_return;
    };
    auto put = [](Queue<int>& to, int item) -> Coro<void> { co_await to.put(item); };
    const auto one = create_task(offer(queue, 1));
    const auto two = create_task(put(queue, 2));
    const auto three = create_task(offer(queue, 3));
    co_await one;
    co_await three;
    firsts.insert(co_await queue.get());
    co_await two;
  };
  for (const SchedulingPoints points : all_points) {
    firsts.clear();
    CHECK(explored(scenario, points).exhausted);
    CHECK(firsts == std::set<int>{1, 2, 3});
  }
}
