#include <coweave/sim/fingerprint.hpp>

#include <coweave/coweave.hpp>
#include <coweave/sim/bounded_search.hpp>

#include <doctest/doctest.h>

#include <set>
#include <utility>
#include <vector>

using namespace coweave;

namespace {

/// The exhaustive search, with an ear for the steps.
class Listening final : public sim::Policy {
 public:
  [[nodiscard]] std::string_view name() const override { return search_.name(); }
  bool begin_run(std::uint64_t run) override {
    fingerprint_.begin_run();
    return search_.begin_run(run);
  }
  std::uint32_t pick(const sim::ChoicePoint& point) override { return search_.pick(point); }
  [[nodiscard]] bool looks_closely() const noexcept override { return true; }
  void stepped(const sim::Step& step) override { fingerprint_.add(step); }
  void end_run(std::span<const sim::Choice> schedule) override {
    seen_.insert(fingerprint_.value());
    search_.end_run(schedule);
  }

  [[nodiscard]] std::size_t distinct() const { return seen_.size(); }

 private:
  sim::BoundedSearch search_;
  sim::Fingerprint fingerprint_;
  std::set<std::uint64_t> seen_;
};

/// How many runs of `scenario` differ in more than the order of what is independent.
std::size_t traces_of(const sim::Scenario& scenario) {
  sim::Simulation simulation(Options{.scheduling_points = SchedulingPoints::accesses}.settings());
  Listening policy;
  for (std::uint64_t run = 1; policy.begin_run(run); ++run)
    REQUIRE(simulation.run(scenario, policy) == nullptr);
  return policy.distinct();
}

/// The shared variables of a program, which are all 0, and a lock.
struct Memory {
  explicit Memory(std::size_t size) {
    for (std::size_t index = 0; index < size; ++index) cells.push_back(std::make_unique<Shared<int>>(0));
  }
  Shared<int>& operator[](std::size_t index) { return *cells[index]; }

  std::vector<std::unique_ptr<Shared<int>>> cells;
  Lock lock;
};

using Body = Coro<void> (*)(Memory& memory, int task);

/// `tasks` tasks that run `body`, numbered from `first`.
sim::Scenario program(int first, int tasks, std::size_t cells, Body body) {
  return [=]() -> Coro<void> {
    Memory memory(cells);
    std::vector<Task<>> all;
    for (int task = first; task < first + tasks; ++task) all.push_back(create_task(body(memory, task)));
    for (Task<>& task : all) co_await task;
  };
}

void bump(int& value) { ++value; }

Coro<void> read_or_write(Memory& memory, int task) {
  if (task == 0) {
    co_await memory[0].write(1);
  } else {
    co_await memory[0].read();
  }
}

template <std::size_t count>
Coro<void> bump_each(Memory& memory, int) {
  for (std::size_t cell = 0; cell < count; ++cell) co_await memory[cell].update(bump);
}

Coro<void> read_then_write(Memory& memory, int) {
  const int before = co_await memory[0].read();
  co_await memory[0].write(before + 1);
}

Coro<void> write_under_lock(Memory& memory, int) {
  co_await memory.lock.acquire();
  const int before = co_await memory[0].read();
  co_await memory[0].write(before + 1);
  memory.lock.release();
}

Coro<void> swap_from_0(Memory& memory, int task) { co_await memory[0].compare_exchange(0, task + 1); }

Coro<void> swap_from_last(Memory& memory, int task) { co_await memory[0].compare_exchange(task - 1, task); }

Coro<void> swap_and_store(Memory& memory, int task) {
  co_await memory[0].compare_exchange(0, 1);
  co_await memory[0].write(task + 3);
}

/// Task 0 looks for the last zero, from the end; another makes its cell one more than the one before.
template <int last>
Coro<void> last_zero(Memory& memory, int task) {
  if (task == 0) {
    for (std::size_t cell = last;; --cell) {
      const int value = co_await memory[cell].read();
      if (value == 0) co_return;
    }
  }
  const auto cell = static_cast<std::size_t>(task);
  const int before = co_await memory[cell - 1].read();
  co_await memory[cell].write(before + 1);
}

}  // namespace

// The numbers are those that GenMC and Nidhugg are tested with (tests/correct/synthetic, tests/smoke).

TEST_CASE("fingerprint: n readers and a writer have 2^n traces") {
  CHECK(traces_of(program(0, 3, 1, read_or_write)) == 4);
  CHECK(traces_of(program(0, 4, 1, read_or_write)) == 8);
}

TEST_CASE("fingerprint: n updates of each of m variables have n!^m traces") {
  CHECK(traces_of(program(0, 2, 1, bump_each<1>)) == 2);
  CHECK(traces_of(program(0, 3, 1, bump_each<1>)) == 6);
  CHECK(traces_of(program(0, 4, 1, bump_each<1>)) == 24);
  CHECK(traces_of(program(0, 2, 2, bump_each<2>)) == 4);
  CHECK(traces_of(program(0, 3, 2, bump_each<2>)) == 36);
  CHECK(traces_of(program(0, 2, 3, bump_each<3>)) == 8);
}

TEST_CASE("fingerprint: two plain increments have 4 traces, three have 36") {
  CHECK(traces_of(program(0, 2, 1, read_then_write)) == 4);
  CHECK(traces_of(program(0, 3, 1, read_then_write)) == 36);
}

TEST_CASE("fingerprint: n increments under a lock have n! traces") {
  CHECK(traces_of(program(0, 2, 1, write_under_lock)) == 2);
  CHECK(traces_of(program(0, 3, 1, write_under_lock)) == 6);
}

TEST_CASE("fingerprint: a compare-and-swap that fails is a read") {
  CHECK(traces_of(program(0, 2, 1, swap_from_0)) == 2);
  CHECK(traces_of(program(0, 3, 1, swap_from_0)) == 3);
  CHECK(traces_of(program(0, 4, 1, swap_from_0)) == 4);
  CHECK(traces_of(program(1, 2, 1, swap_from_last)) == 2);
  CHECK(traces_of(program(1, 3, 1, swap_from_last)) == 5);
  CHECK(traces_of(program(1, 4, 1, swap_from_last)) == 14);
  CHECK(traces_of(program(0, 2, 1, swap_and_store)) == 6);
}

TEST_CASE("fingerprint: lastzero has 2, 5 and 12 traces") {
  CHECK(traces_of(program(0, 2, 2, last_zero<1>)) == 2);
  CHECK(traces_of(program(0, 3, 3, last_zero<2>)) == 5);
  CHECK(traces_of(program(0, 4, 4, last_zero<3>)) == 12);
}
