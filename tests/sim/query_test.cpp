#include <coweave/coweave.hpp>
#include <coweave/sim/search/bounded_search.hpp>
#include <coweave/sim/search/dpor.hpp>
#include <coweave/sim/simulation.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

using namespace coweave;

namespace {

/// What asks goes into `seen`; the other task does something about it.
using Asks = std::function<std::string()>;
using Does = std::function<void()>;

Coro<void> ask(const Asks& asks, std::string& seen) {
  seen += asks();
  co_return;
}
Coro<void> act(const Does& does) {
  does();
  co_return;
}
Coro<void> ask_beside(const Asks& asks, const Does& does, std::string& seen) {
  const Task<> one = create_task(ask(asks, seen));
  const Task<> other = create_task(act(does));
  co_await one;
  co_await other;
}

/// Runs all that `policy` wants to; gives how many runs were complete.
std::size_t run_all(const sim::Scenario& scenario, sim::Policy& policy) {
  sim::Simulation simulation(Options{}.settings());
  std::size_t complete = 0;
  for (std::uint64_t run = 1; policy.begin_run(run); ++run) {
    const sim::Failure* failure = simulation.run(scenario, policy);
    const std::string message = failure ? failure->message : "";
    INFO(message);
    REQUIRE(failure == nullptr);
    if (!policy.gave_up()) ++complete;
  }
  return complete;
}

/// What `scenario` appends to its argument in the runs of `policy`.
std::set<std::string> outcomes(const std::function<Coro<void>(std::string&)>& scenario, sim::Policy& policy) {
  std::set<std::string> all;
  const auto body = [&]() -> Coro<void> {
    std::string seen;
    Coro<void> asked = scenario(seen);
    co_await std::move(asked);
    all.insert(seen);
  };
  run_all(body, policy);
  return all;
}

std::string yes_or_no(bool answer) { return answer ? "yes" : "no"; }

/// Systematic search by dependence finds the answers that searching everything finds, and both are there.
void check_answers(const std::string& what, const std::function<Coro<void>(std::string&)>& scenario) {
  INFO(what);
  sim::BoundedSearch everything;
  sim::Dpor by_dependence;
  const std::set<std::string> all = outcomes(scenario, everything);
  CHECK(all.size() == 2);
  CHECK(outcomes(scenario, by_dependence) == all);
}

std::size_t complete_runs(const sim::Scenario& scenario) {
  sim::Dpor policy;
  return run_all(scenario, policy);
}

}  // namespace

TEST_CASE("query: what a primitive is asked depends on what others do to it") {
  check_answers("Event::is_set", [](std::string& seen) -> Coro<void> {
    Event event;
    const Asks asks = [&] { return yes_or_no(event.is_set()); };
    const Does does = [&] { event.set(); };
    co_await ask_beside(asks, does, seen);
  });
  check_answers("Lock::locked", [](std::string& seen) -> Coro<void> {
    Lock lock;
    co_await lock.acquire();
    const Asks asks = [&] { return yes_or_no(lock.locked()); };
    const Does does = [&] { lock.release(); };
    co_await ask_beside(asks, does, seen);
  });
  check_answers("Condition::locked", [](std::string& seen) -> Coro<void> {
    Condition condition;
    co_await condition.acquire();
    const Asks asks = [&] { return yes_or_no(condition.locked()); };
    const Does does = [&] { condition.release(); };
    co_await ask_beside(asks, does, seen);
  });
  check_answers("Semaphore::locked", [](std::string& seen) -> Coro<void> {
    Semaphore semaphore(0);
    const Asks asks = [&] { return yes_or_no(semaphore.locked()); };
    const Does does = [&] { semaphore.release(); };
    co_await ask_beside(asks, does, seen);
  });
  check_answers("Semaphore::value", [](std::string& seen) -> Coro<void> {
    Semaphore semaphore(0);
    const Asks asks = [&] { return std::to_string(semaphore.value()); };
    const Does does = [&] { semaphore.release(); };
    co_await ask_beside(asks, does, seen);
  });
  check_answers("Barrier::broken", [](std::string& seen) -> Coro<void> {
    Barrier barrier(2);
    const Asks asks = [&] { return yes_or_no(barrier.broken()); };
    const Does does = [&] { barrier.abort(); };
    co_await ask_beside(asks, does, seen);
  });
  check_answers("Barrier::n_waiting", [](std::string& seen) -> Coro<void> {
    Barrier barrier(2);
    const Asks asks = [&] { return std::to_string(barrier.n_waiting()); };
    auto arrive = [&]() -> Coro<void> { co_await barrier.wait(); };
    const Task<> first = create_task(arrive());
    const Task<> asker = create_task(ask(asks, seen));
    co_await asker;
    co_await barrier.wait();
    co_await first;
  });
}

TEST_CASE("query: what a queue is asked depends on what others do to it") {
  check_answers("Queue::empty", [](std::string& seen) -> Coro<void> {
    Queue<int> queue;
    const Asks asks = [&] { return yes_or_no(queue.empty()); };
    const Does does = [&] { queue.put_nowait(1); };
    co_await ask_beside(asks, does, seen);
  });
  check_answers("Queue::full", [](std::string& seen) -> Coro<void> {
    Queue<int> queue(1);
    const Asks asks = [&] { return yes_or_no(queue.full()); };
    const Does does = [&] { queue.put_nowait(1); };
    co_await ask_beside(asks, does, seen);
  });
  check_answers("PriorityQueue::qsize", [](std::string& seen) -> Coro<void> {
    PriorityQueue<int> queue;
    const Asks asks = [&] { return std::to_string(queue.qsize()); };
    const Does does = [&] { queue.put_nowait(1); };
    co_await ask_beside(asks, does, seen);
  });
}

TEST_CASE("query: what is refused depends on what others do") {
  const auto is_refused = [](const Does& does) {
    try {
      does();
      return std::string("done");
    } catch (const std::exception&) {
      return std::string("refused");
    }
  };
  check_answers("Queue::get_nowait", [&](std::string& seen) -> Coro<void> {
    Queue<int> queue;
    const Asks asks = [&] { return is_refused([&] { static_cast<void>(queue.get_nowait()); }); };
    const Does does = [&] { queue.put_nowait(1); };
    co_await ask_beside(asks, does, seen);
  });
  check_answers("Queue::put_nowait", [&](std::string& seen) -> Coro<void> {
    Queue<int> queue(1);
    queue.put_nowait(1);
    const Asks asks = [&] { return is_refused([&] { queue.put_nowait(2); }); };
    const Does does = [&] { static_cast<void>(queue.get_nowait()); };
    co_await ask_beside(asks, does, seen);
  });
  check_answers("Queue::put_nowait and shutdown", [&](std::string& seen) -> Coro<void> {
    Queue<int> queue;
    const Asks asks = [&] { return is_refused([&] { queue.put_nowait(2); }); };
    const Does does = [&] { queue.shutdown(); };
    co_await ask_beside(asks, does, seen);
  });
  check_answers("Queue::task_done", [&](std::string& seen) -> Coro<void> {
    Queue<int> queue;
    const Asks asks = [&] { return is_refused([&] { queue.task_done(); }); };
    const Does does = [&] { queue.put_nowait(1); };
    co_await ask_beside(asks, does, seen);
  });
  check_answers("Lock::release", [&](std::string& seen) -> Coro<void> {
    Lock lock;
    const Asks asks = [&] { return is_refused([&] { lock.release(); }); };
    auto take = [&]() -> Coro<void> { co_await lock.acquire(); };
    const Task<> asker = create_task(ask(asks, seen));
    const Task<> taker = create_task(take());
    co_await asker;
    co_await taker;
  });
  check_answers("BoundedSemaphore::release", [&](std::string& seen) -> Coro<void> {
    BoundedSemaphore semaphore(1);
    const Asks asks = [&] { return is_refused([&] { semaphore.release(); }); };
    auto take = [&]() -> Coro<void> { co_await semaphore.acquire(); };
    const Task<> asker = create_task(ask(asks, seen));
    const Task<> taker = create_task(take());
    co_await asker;
    co_await taker;
  });
  check_answers("Condition::notify", [&](std::string& seen) -> Coro<void> {
    Condition condition;
    const Asks asks = [&] { return is_refused([&] { condition.notify(); }); };
    auto take = [&]() -> Coro<void> { co_await condition.acquire(); };
    const Task<> asker = create_task(ask(asks, seen));
    const Task<> taker = create_task(take());
    co_await asker;
    co_await taker;
  });
  check_answers("Future::set_result", [&](std::string& seen) -> Coro<void> {
    const Future<int> future = create_future<int>();
    const Asks asks = [&] { return is_refused([&] { future.set_result(1); }); };
    const Does does = [&] { future.cancel(); };
    co_await ask_beside(asks, does, seen);
  });
  check_answers("Future::cancel", [&](std::string& seen) -> Coro<void> {
    const Future<int> future = create_future<int>();
    const Asks asks = [&] { return yes_or_no(future.cancel()); };
    const Does does = [&] { future.set_result(1); };
    const auto quietly = [&] { is_refused(does); };
    const Does does_quietly = quietly;
    co_await ask_beside(asks, does_quietly, seen);
  });
  check_answers("Task::cancel", [&](std::string& seen) -> Coro<void> {
    const Does nothing = [] {};
    const Task<> other = create_task(act(nothing));
    const Asks asks = [&] { return yes_or_no(other.cancel()); };
    const Task<> asker = create_task(ask(asks, seen));
    co_await asker;
    const std::vector<Task<>> both{other};
    co_await wait(both);
  });
}

TEST_CASE("query: what a future or a task is asked depends on what others do to it") {
  check_answers("Future::done", [](std::string& seen) -> Coro<void> {
    const Future<int> future = create_future<int>();
    const Asks asks = [&] { return yes_or_no(future.done()); };
    const Does does = [&] { future.set_result(1); };
    co_await ask_beside(asks, does, seen);
  });
  check_answers("Future::result", [](std::string& seen) -> Coro<void> {
    const Future<int> future = create_future<int>();
    const Asks asks = [&] {
      try {
        return std::to_string(future.result());
      } catch (const InvalidStateError&) {
        return std::string("pending");
      }
    };
    const Does does = [&] { future.set_result(1); };
    co_await ask_beside(asks, does, seen);
  });
  check_answers("Future::cancelled", [](std::string& seen) -> Coro<void> {
    const Future<int> future = create_future<int>();
    const Asks asks = [&] { return yes_or_no(future.cancelled()); };
    const Does does = [&] { future.cancel(); };
    co_await ask_beside(asks, does, seen);
  });
  check_answers("Task::done", [](std::string& seen) -> Coro<void> {
    const Does nothing = [] {};
    const Task<> other = create_task(act(nothing));
    const Asks asks = [&] { return yes_or_no(other.done()); };
    const Task<> asker = create_task(ask(asks, seen));
    co_await asker;
    co_await other;
  });
  check_answers("Task::cancelling", [](std::string& seen) -> Coro<void> {
    Event never;
    auto waits = [&]() -> Coro<void> {
      try {
        co_await never.wait();
      } catch (const CancelledError&) {
      }
    };
    const Task<> waiter = create_task(waits());
    co_await sleep(std::chrono::seconds(0));
    co_await sleep(std::chrono::seconds(0));
    const Asks asks = [&] { return std::to_string(waiter.cancelling()); };
    const Does does = [&] { waiter.cancel(); };
    co_await ask_beside(asks, does, seen);
    const std::vector<Task<>> both{waiter};
    co_await wait(both);
  });
  check_answers("which are done when wait returns", [](std::string& seen) -> Coro<void> {
    const Does nothing = [] {};
    std::vector<Task<>> tasks;
    tasks.push_back(create_task(act(nothing)));
    tasks.push_back(create_task(act(nothing)));
    const auto ended = co_await wait(tasks, {.return_when = ReturnWhen::first_completed});
    seen = std::to_string(ended.done.size());
    if (!ended.pending.empty()) co_await wait(ended.pending);
  });
}

TEST_CASE("query: two that ask do not depend on each other, nor on what happens to others") {
  const auto asked_twice = []() -> Coro<void> {
    Event event;
    Event other;
    std::string seen;
    const Asks asks = [&] { return yes_or_no(event.is_set()); };
    const Does does = [&] { other.set(); };
    const Task<> one = create_task(ask(asks, seen));
    const Task<> two = create_task(ask(asks, seen));
    const Task<> three = create_task(act(does));
    co_await one;
    co_await two;
    co_await three;
  };
  CHECK(complete_runs(asked_twice) == 1);
  const auto futures = []() -> Coro<void> {
    const Future<> future = create_future();
    const Future<> other = create_future();
    std::string seen;
    const Asks asks = [&] { return yes_or_no(future.done()); };
    const Does does = [&] { other.set_result(); };
    const Task<> one = create_task(ask(asks, seen));
    const Task<> two = create_task(act(does));
    co_await one;
    co_await two;
  };
  CHECK(complete_runs(futures) == 1);
}

TEST_CASE("query: it stands in the trace, unless a condition on the state asks") {
  const auto scenario = [](bool watched, bool asks) {
    return [=]() -> Coro<void> {
      Event event("ready");
      Event stop("stop");
      const auto condition = [&] { return !watched || !stop.is_set(); };
      const auto never_stopped = monitors::always("never stopped", condition);
      if (asks && event.is_set()) co_return;
      COWEAVE_REQUIRE(false);
    };
  };
  const auto trace_of = [&](bool watched, bool asks) {
    const Exploration result = explore(scenario(watched, asks), {.policy = "fifo", .runs = 1});
    REQUIRE(result.finding);
    return traces::write_trace(result.finding->trace);
  };
  CHECK(trace_of(true, true) == trace_of(false, true));
  CHECK(trace_of(false, true) != trace_of(false, false));
}

TEST_CASE("query: who lives, what they are called and what a shared context holds depends on others") {
  check_answers("all_tasks", [](std::string& seen) -> Coro<void> {
    const Asks asks = [] { return std::to_string(all_tasks().size()); };
    const Does does = [] {};  // that it ends is enough
    co_await ask_beside(asks, does, seen);
  });
  check_answers("Task::name", [](std::string& seen) -> Coro<void> {
    const auto renamed = current_task();
    const Asks asks = [&] { return yes_or_no(renamed.name() == "other"); };
    const Does does = [&] { renamed.set_name("other"); };
    co_await ask_beside(asks, does, seen);
  });
  static ContextVar<int> variable("variable", 0);
  check_answers("ContextVar of tasks in one context", [](std::string& seen) -> Coro<void> {
    const Context shared = copy_context();
    auto look = [&]() -> Coro<void> {
      seen += std::to_string(variable.get());
      co_return;
    };
    auto set = []() -> Coro<void> {
      variable.set(1);
      co_return;
    };
    const Task<> one = create_task(look(), {.context = &shared});
    const Task<> other = create_task(set(), {.context = &shared});
    co_await one;
    co_await other;
  });
}

TEST_CASE("query: contexts of tasks of their own make no further orders") {
  static ContextVar<int> variable("mine", 0);
  const auto scenario = []() -> Coro<void> {
    auto set = []() -> Coro<void> {
      variable.set(variable.get() + 1);
      co_return;
    };
    const Task<> one = create_task(set());
    const Task<> two = create_task(set());
    co_await one;
    co_await two;
  };
  CHECK(complete_runs(scenario) == 1);
}
