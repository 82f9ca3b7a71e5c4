/// The layer's own primitives under every sweep: nothing gets lost in them, whatever is injected where.

#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

/// Two users of a lock, a semaphore and a condition, all of which guard what they take.
Coro<void> guards() {
  Lock lock("lock");
  Semaphore semaphore(1, "semaphore");
  Condition condition("condition");
  bool is_open = false;
  auto user = [&]() -> Coro<void> {
    {
      const auto guard = co_await lock.scoped();
      co_await sleep(1ms);
    }
    {
      const auto permit = co_await semaphore.scoped();
      co_await sleep(1ms);
    }
    const auto guard = co_await condition.scoped();
    while (!is_open) co_await condition.wait();
    condition.notify();
  };
  auto opener = [&]() -> Coro<void> {
    co_await sleep(10ms);
    const auto guard = co_await condition.scoped();
    is_open = true;
    condition.notify();
  };
  co_await TaskGroup::run([&](TaskGroup& group) -> Coro<void> {
    group.create_task(user(), {.name = "one"});
    group.create_task(user(), {.name = "two"});
    const Task<> opens = group.create_task(opener(), {.name = "opener"});
    co_await shield(opens);
  });
}

/// Tells at the end of its scope that an item is done.
class Done {
 public:
  explicit Done(Queue<int>& queue) : queue_(queue) {}
  Done(const Done&) = delete;
  Done& operator=(const Done&) = delete;
  ~Done() { queue_.task_done(); }

 private:
  Queue<int>& queue_;
};

/// A bounded queue whose items are all told to be done, by whoever got them.
Coro<void> queues() {
  Queue<int> queue(1, "queue");
  Event begin("begin");
  auto producer = [&]() -> Coro<void> {
    co_await begin.wait();
    for (int item = 0; item < 3; ++item) co_await queue.put(item);
  };
  auto consumer = [&]() -> Coro<void> {
    for (;;) {
      static_cast<void>(co_await queue.get());
      const Done done(queue);
      co_await sleep(1ms);
    }
  };
  co_await TaskGroup::run([&](TaskGroup& group) -> Coro<void> {
    const Task<> produces = group.create_task(producer(), {.name = "producer"});
    const Task<> one = group.create_task(consumer(), {.name = "consumer one"});
    const Task<> two = group.create_task(consumer(), {.name = "consumer two"});
    begin.set();
    const std::vector<AnyFuture> all{produces};
    co_await wait(all);
    co_await sleep(5ms);
    one.cancel();
    two.cancel();
  });
}

/// Everything that starts tasks and waits for them.
Coro<void> groups() {
  auto number = [](int value) -> Coro<int> {
    co_await sleep(1ms);
    co_return value;
  };
  static_cast<void>(co_await wait_for(number(3), 1s));
  static_cast<void>(co_await timeout(1s, number(4)));
  co_await TaskGroup::run([&](TaskGroup& group) -> Coro<void> {
    const Task<int> five = group.create_task(number(5), {.name = "five"});
    const Task<int> six = group.create_task(number(6), {.name = "six"});
    static_cast<void>(co_await gather(five, six));
  });
}

}  // namespace

TEST_CASE("sweep: no sweep breaks the layer's own primitives") {
  const std::vector<std::pair<const char*, sim::Scenario>> scenarios = {
      {"guards", guards}, {"queues", queues}, {"groups", groups}};
  for (const auto& [name, scenario] : scenarios) {
    for (const SweepKind kind : {cancellation, timeouts, exceptions, allocations}) {
      CAPTURE(name);
      const Sweep result = sweep(scenario, kind, {.name = name, .everywhere = true});
      CHECK_MESSAGE(result.passed(), result.report());
    }
  }
}
