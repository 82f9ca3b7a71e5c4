/// What Queue, LifoQueue and PriorityQueue have in common: join and shutdown.

#include <coweave/core/lifo_queue.hpp>
#include <coweave/core/priority_queue.hpp>
#include <coweave/core/queue.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <string>

using namespace coweave;
using namespace coweave::tests;

namespace {

/// What `test.run(log, queue)` logs, with a queue of each kind; the same for all three, else all of it.
template <class Test>
std::string with_each_kind(std::size_t maxsize, Test test) {
  const std::string fifo = run_fifo([&](Log& log) -> Coro<void> {
    Queue<int> queue(maxsize);
    co_await test(log, queue);
  });
  const std::string lifo = run_fifo([&](Log& log) -> Coro<void> {
    LifoQueue<int> queue(maxsize);
    co_await test(log, queue);
  });
  const std::string priority = run_fifo([&](Log& log) -> Coro<void> {
    PriorityQueue<int> queue(maxsize);
    co_await test(log, queue);
  });
  if (fifo == lifo && fifo == priority) return fifo;
  return "fifo: " + fifo + " | lifo: " + lifo + " | priority: " + priority;
}

/// Logs how each way to use a queue that was shut down and is empty ends.
Coro<void> use_all(Log& log, auto& queue) {
  std::string text;
  try {
    co_await queue.put(1);
  } catch (...) {
    text = show();
  }
  try {
    queue.put_nowait(1);
  } catch (...) {
    text += "," + show();
  }
  try {
    static_cast<void>(co_await queue.get());
  } catch (...) {
    text += "," + show();
  }
  try {
    static_cast<void>(queue.get_nowait());
  } catch (...) {
    text += "," + show();
  }
  log(text);
}

const std::string all_refused = "QueueShutDown,QueueShutDown,QueueShutDown,QueueShutDown";

Coro<void> join(Log& log, auto& queue) {
  co_await queue.join();
  log("joined");
}

Coro<void> get(Log& log, auto& queue) {
  try {
    const int item = co_await queue.get();
    log("got ", item);
  } catch (const QueueShutDown&) {
    log("get refused");
  }
}

Coro<void> put(Log& log, auto& queue) {
  try {
    co_await queue.put(2);
    log("put");
  } catch (const QueueShutDown&) {
    log("put refused");
  }
}

void task_done(Log& log, auto& queue) {
  try {
    queue.task_done();
    log("done");
  } catch (const ValueError&) {
    log(show());
  }
}

const std::string too_many = "V(task_done() called too many times)";

}  // namespace

TEST_CASE("queue_kinds: task_done without an item is a ValueError (tQJ01)") {
  CHECK(with_each_kind(0, [](Log& log, auto& queue) -> Coro<void> {
          task_done(log, queue);
          co_return;
        }) == too_many);
}

TEST_CASE("queue_kinds: join returns when two workers have done a hundred items (tQJ02)") {
  CHECK(with_each_kind(0, [](Log& log, auto& queue) -> Coro<void> {
          for (int item = 0; item < 100; ++item) queue.put_nowait(item);
          int sum = 0;
          bool running = true;
          auto work = [&]() -> Coro<void> {
            while (running) {
              sum += co_await queue.get();
              queue.task_done();
            }
          };
          const auto one = create_task(work());
          const auto two = create_task(work());
          co_await queue.join();
          log("sum ", sum);
          running = false;
          queue.put_nowait(0);
          queue.put_nowait(0);
          co_await one;
          co_await two;
        }) == "sum 4950");
}

TEST_CASE("queue_kinds: join of an empty one returns at once, twice (tQJ03)") {
  CHECK(with_each_kind(0, [](Log& log, auto& queue) -> Coro<void> {
          const auto other = create_task(put(log, queue));
          co_await join(log, queue);
          co_await join(log, queue);
          co_await other;
        }) == "joined ; joined ; put");
}

TEST_CASE("queue_kinds: shut down while empty it refuses everything, also to who waits (tQS02)") {
  CHECK(with_each_kind(0, [](Log& log, auto& queue) -> Coro<void> {
          const auto getter = create_task(get(log, queue));
          co_await tick();
          queue.shutdown();
          log("size ", queue.qsize());
          co_await queue.join();
          log("joined");
          co_await tick();
          CHECK(getter.done());
          co_await use_all(log, queue);
        }) == "size 0 ; joined ; get refused ; " + all_refused);
}

TEST_CASE("queue_kinds: shut down with an item it gives that one, and join waits for it (tQS03)") {
  CHECK(with_each_kind(1,
                       [](Log& log, auto& queue) -> Coro<void> {
                         queue.put_nowait(1);
                         const auto joiner = create_task(join(log, queue));
                         const auto putter = create_task(put(log, queue));
                         co_await tick();
                         queue.shutdown();
                         log("size ", queue.qsize());
                         co_await tick();
                         CHECK(putter.done());
                         co_await get(log, queue);
                         co_await tick();
                         log("joiner.done ", joiner.done());
                         co_await use_all(log, queue);
                         task_done(log, queue);
                         co_await tick();
                         task_done(log, queue);
                       }) == "size 1 ; put refused ; got 1 ; joiner.done False ; " + all_refused +
                                 " ; done ; joined ; " + too_many);
}

TEST_CASE("queue_kinds: shut down immediately it drops its items, and join returns (tQS04)") {
  CHECK(with_each_kind(0, [](Log& log, auto& queue) -> Coro<void> {
          queue.put_nowait(1);
          const auto joiner = create_task(join(log, queue));
          co_await tick();
          queue.shutdown(true);
          log("size ", queue.qsize());
          co_await tick();
          CHECK(joiner.done());
          co_await use_all(log, queue);
          task_done(log, queue);
        }) == "size 0 ; joined ; " + all_refused + " ; " + too_many);
}

TEST_CASE("queue_kinds: shut down immediately join still waits for what was got (tQS05)") {
  CHECK(with_each_kind(0, [](Log& log, auto& queue) -> Coro<void> {
          queue.put_nowait(1);
          queue.put_nowait(1);
          const auto joiner = create_task(join(log, queue));
          co_await get(log, queue);
          queue.shutdown(true);
          log("size ", queue.qsize());
          co_await tick();
          log("joiner.done ", joiner.done());
          co_await use_all(log, queue);
          task_done(log, queue);
          task_done(log, queue);
          co_await tick();
        }) == "got 1 ; size 0 ; joiner.done False ; " + all_refused + " ; done ; " + too_many + " ; joined");
}

TEST_CASE("queue_kinds: items that wait are counted whatever the order in which they leave (Q7)") {
  CHECK(with_each_kind(0, [](Log& log, auto& queue) -> Coro<void> {
          queue.put_nowait(1);
          const auto joiner = create_task(join(log, queue));
          co_await tick();
          static_cast<void>(queue.get_nowait());
          queue.task_done();
          queue.put_nowait(2);
          co_await joiner;
          task_done(log, queue);
          task_done(log, queue);
        }) == "joined ; done ; " + too_many);
}
