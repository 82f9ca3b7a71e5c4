/// What must hold of the primitives whatever the schedule and wherever a cancellation falls: small contended
/// scenarios under the random policy, with cancellations as choices. A wake-up that gets lost is a deadlock,
/// which every run reports by itself.

#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t runs = 3000;

void must_hold(const char* name, const sim::Scenario& scenario, std::uint32_t cancellations = 2) {
  const Exploration result =
      explore(scenario, {.name = name, .runs = runs, .cancellations_max = cancellations});
  CHECK_MESSAGE(result.passed(), result.report());
  CHECK(result.runs == runs);
}

auto tick() { return sleep(0s); }

/// Who waits, in order of arrival, as the scenario sees it.
class Line {
 public:
  /// The place of the running task, until it leaves or the scope ends.
  class Place {
   public:
    explicit Place(Line& line) : line_(line), task_(current_task()) { line_.tasks_.push_back(task_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { leave(); }
    void leave() {
      if (task_.valid()) line_.tasks_.erase(std::find(line_.tasks_.begin(), line_.tasks_.end(), task_));
      task_ = {};
    }
    /// Whether everybody before fulfils `predicate`.
    template <class Predicate>
    [[nodiscard]] bool all_before(Predicate predicate) const {
      const auto end = std::find(line_.tasks_.begin(), line_.tasks_.end(), task_);
      return std::all_of(line_.tasks_.begin(), end, predicate);
    }

   private:
    Line& line_;
    AnyTask task_;
  };

 private:
  std::vector<AnyTask> tasks_;
};

bool was_cancelled(const AnyTask& task) { return task.cancelling() > 0; }
bool was_cancelled_or_woken(const AnyTask& task) { return was_cancelled(task) || task.base().queued(); }

/// Counts who is inside a scope.
struct Inside {
  explicit Inside(int& counter) : count(counter) { ++count; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() { --count; }
  int& count;
};

/// A task that the simulation may cancel.
Task<> start(Coro<void> coroutine) {
  Task<> task = create_task(std::move(coroutine));
  sim::may_cancel(task);
  return task;
}

/// Waits for all and returns how many were cancelled.
Coro<int> settle(std::vector<Task<>> tasks) {
  int cancelled = 0;
  for (const Task<>& task : tasks) {
    try {
      co_await task;
    } catch (const CancelledError&) {
      ++cancelled;
    }
  }
  co_return cancelled;
}

Coro<void> locks() {
  Lock lock;
  Line line;
  int inside = 0;
  auto user = [&]() -> Coro<void> {
    for (int round = 0; round < 2; ++round) {
      Line::Place place(line);
      const auto guard = co_await lock.scoped();
      COWEAVE_REQUIRE(place.all_before(was_cancelled));
      place.leave();
      const Inside in(inside);
      COWEAVE_REQUIRE(inside == 1);
      co_await tick();
    }
  };
  std::vector<Task<>> tasks;
  for (int count = 0; count < 4; ++count) tasks.push_back(start(user()));
  co_await settle(tasks);
  COWEAVE_REQUIRE(!lock.locked());
}

template <class SomeSemaphore>
Coro<void> semaphores(int permits) {
  SomeSemaphore semaphore(permits);
  Line line;
  int inside = 0;
  auto user = [&]() -> Coro<void> {
    for (int round = 0; round < 2; ++round) {
      Line::Place place(line);
      const auto permit = co_await semaphore.scoped();
      COWEAVE_REQUIRE(place.all_before(was_cancelled_or_woken));
      place.leave();
      const Inside in(inside);
      COWEAVE_REQUIRE(inside <= permits);
      COWEAVE_REQUIRE(inside + semaphore.value() <= permits);
      co_await tick();
    }
  };
  std::vector<Task<>> tasks;
  for (int count = 0; count < 5; ++count) tasks.push_back(start(user()));
  co_await settle(tasks);
  COWEAVE_REQUIRE(semaphore.value() == permits);
  COWEAVE_REQUIRE(!semaphore.locked());
}

/// Permits that others give, one for each task: those of cancelled tasks are left over.
Coro<void> signals() {
  Semaphore semaphore(0);
  auto waits = [&]() -> Coro<void> { co_await semaphore.acquire(); };
  auto signal = [&]() -> Coro<void> {
    semaphore.release();
    co_await tick();
    semaphore.release();
  };
  std::vector<Task<>> tasks;
  for (int count = 0; count < 4; ++count) tasks.push_back(start(waits()));
  const auto one = create_task(signal());
  const auto two = create_task(signal());
  const int cancelled = co_await settle(tasks);
  co_await one;
  co_await two;
  COWEAVE_REQUIRE(semaphore.value() == cancelled);
}

Coro<void> events() {
  Event event;
  int returned = 0;
  auto waits = [&]() -> Coro<void> {
    co_await event.wait();
    ++returned;
    co_await event.wait();  // set for good
  };
  auto sets = [&]() -> Coro<void> {
    event.set();
    event.clear();
    co_await tick();
    event.set();
  };
  std::vector<Task<>> tasks;
  for (int count = 0; count < 4; ++count) tasks.push_back(start(waits()));
  const auto setter = create_task(sets());
  const int cancelled = co_await settle(tasks);
  co_await setter;
  COWEAVE_REQUIRE(returned + cancelled >= 4);
}

/// Each consumer takes one item; each producer notifies one of them. There are fewer items than consumers, so
/// a notification that was lost with a consumer leaves an item behind, and somebody who waits for it.
Coro<void> conditions() {
  Lock lock;
  Condition filled(lock);
  int items = 0;
  int taken = 0;
  int consumers_left = 0;
  auto consume = [&]() -> Coro<void> {
    const Inside here(consumers_left);
    co_await filled.acquire();
    try {
      co_await filled.wait_for([&] { return items > 0; });
    } catch (const CancelledError&) {
      COWEAVE_REQUIRE(lock.locked());
      lock.release();
      throw;
    }
    COWEAVE_REQUIRE(lock.locked());
    COWEAVE_REQUIRE(items > 0);
    --items;
    ++taken;
    lock.release();
  };
  auto produce = [&]() -> Coro<void> {
    const auto guard = co_await filled.scoped();
    co_await tick();
    ++items;
    filled.notify();
  };
  std::vector<Task<>> consumers;
  for (int count = 0; count < 3; ++count) consumers.push_back(start(consume()));
  std::vector<Task<>> producers;
  for (int count = 0; count < 2; ++count) producers.push_back(create_task(produce()));
  co_await settle(producers);
  co_await sleep(1s);  // until nothing else can run
  COWEAVE_REQUIRE((items == 0 || consumers_left == 0));
  COWEAVE_REQUIRE(taken + items == 2);
  items += consumers_left;
  {
    const auto guard = co_await filled.scoped();
    filled.notify_all();
  }
  const int cancelled = co_await settle(consumers);
  COWEAVE_REQUIRE(taken + cancelled == 3);
  COWEAVE_REQUIRE(!lock.locked());
}

/// Six tasks, two at a time; those that are cancelled make room.
Coro<void> barriers() {
  Barrier barrier(2);
  std::vector<std::size_t> seen;  // in the generation that leaves
  int passed = 0;
  int broken = 0;
  auto leave = [&] {
    if (barrier.state() == Barrier::State::filling) seen.clear();
  };
  auto party = [&]() -> Coro<void> {
    try {
      const std::size_t index = co_await barrier.wait();
      COWEAVE_REQUIRE(index < barrier.parties());
      COWEAVE_REQUIRE(std::find(seen.begin(), seen.end(), index) == seen.end());
      seen.push_back(index);
      ++passed;
      leave();
    } catch (const CancelledError&) {
      leave();
      throw;
    } catch (const BrokenBarrierError&) {
      ++broken;
    }
  };
  std::vector<Task<>> tasks;
  for (int count = 0; count < 6; ++count) tasks.push_back(start(party()));
  co_await sleep(1s);  // until nothing else can run
  COWEAVE_REQUIRE(barrier.state() == Barrier::State::filling);
  COWEAVE_REQUIRE(barrier.n_waiting() < barrier.parties());
  barrier.abort();
  const int cancelled = co_await settle(tasks);
  COWEAVE_REQUIRE(passed + broken + cancelled == 6);
  COWEAVE_REQUIRE(broken <= 1);
}

/// Getters that wait before the first put, so that nobody overtakes.
Coro<void> getters_in_line() {
  Queue<int> queue;
  Line line;
  std::vector<int> got;
  auto get = [&]() -> Coro<void> {
    const Line::Place place(line);
    const int item = co_await queue.get();
    COWEAVE_REQUIRE(place.all_before(was_cancelled_or_woken));
    got.push_back(item);
  };
  std::vector<Task<>> tasks;
  for (int count = 0; count < 4; ++count) tasks.push_back(create_task(get()));
  for (const Task<>& task : tasks) {
    while (!task.base().waiting()) co_await tick();
  }
  for (const Task<>& task : tasks) sim::may_cancel(task);
  for (int item = 0; item < 4; ++item) {
    queue.put_nowait(item);
    co_await tick();
  }
  const int cancelled = co_await settle(tasks);
  COWEAVE_REQUIRE(queue.qsize() == static_cast<std::size_t>(cancelled));
  COWEAVE_REQUIRE(std::is_sorted(got.begin(), got.end()));
}

/// Producers and consumers of a bounded queue; no item is lost, doubled or left uncounted.
template <template <class> class SomeQueue>
Coro<void> queues() {
  SomeQueue<int> queue(1);
  std::vector<int> stored;
  std::vector<int> got;
  auto produce = [&](int first) -> Coro<void> {
    for (int item = first; item < first + 2; ++item) {
      co_await queue.put(item);
      stored.push_back(item);
    }
  };
  auto consume = [&]() -> Coro<void> {
    for (;;) {
      try {
        got.push_back(co_await queue.get());
      } catch (const QueueShutDown&) {
        co_return;
      }
      queue.task_done();
    }
  };
  std::vector<Task<>> producers;
  for (int count = 0; count < 3; ++count) producers.push_back(start(produce(count * 10)));
  std::vector<Task<>> consumers;
  for (int count = 0; count < 3; ++count) consumers.push_back(start(consume()));
  consumers.push_back(create_task(consume()));  // one that stays
  co_await settle(producers);
  co_await queue.join();
  COWEAVE_REQUIRE(queue.empty());
  queue.shutdown();
  co_await settle(consumers);
  std::sort(stored.begin(), stored.end());
  std::sort(got.begin(), got.end());
  COWEAVE_REQUIRE(stored == got);
}

template <class T>
using IntPriorityQueue = PriorityQueue<T>;

}  // namespace

TEST_CASE("primitives: a lock excludes, and serves in order of arrival") { must_hold("locks", locks); }

TEST_CASE("primitives: a semaphore loses no permit, and serves in order of arrival") {
  must_hold("semaphores", [] { return semaphores<Semaphore>(2); });
  must_hold("bounded semaphores", [] { return semaphores<BoundedSemaphore>(1); });
}

TEST_CASE("primitives: a permit given to a task that is cancelled is there for others") {
  must_hold("signals", signals);
}

TEST_CASE("primitives: an event that is set lets everybody through") { must_hold("events", events); }

TEST_CASE("primitives: a condition loses no notification, and gives the lock back") {
  must_hold("conditions", conditions);
}

TEST_CASE("primitives: a barrier gives different indices and never mixes generations") {
  must_hold("barriers", barriers);
}

TEST_CASE("primitives: getters in line are served in order of arrival") {
  must_hold("getters in line", getters_in_line);
}

TEST_CASE("primitives: queues of every kind lose no item") {
  must_hold("queues", [] { return queues<Queue>(); });
  must_hold("lifo queues", [] { return queues<LifoQueue>(); });
  must_hold("priority queues", [] { return queues<IntPriorityQueue>(); });
}
