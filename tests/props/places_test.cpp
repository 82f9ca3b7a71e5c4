/// Where the operations of a trace stand: at the line of the program that does them, and never in the layer.

#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

/// Uses what there is; the line of what is not awaited, by the operation, is in `lines`.
#define HERE(operation, ...) \
  __VA_ARGS__;               \
  lines.push_back({operation, __LINE__})

struct Line {
  std::string operation;
  std::uint32_t line;
};

std::vector<Line> lines;

Coro<void> sleeps() { co_await sleep(1h); }

Coro<void> sleeps_a_little() { co_await sleep(2s); }

Coro<void> fails() {
  co_await sleep(0s);
  throw std::runtime_error("failed");
}

Coro<void> cancels() {
  Future<> future = create_future<void>();
  Future<> awaited = create_future<void>();
  HERE("cancel", future.cancel());
  const auto sleeper = create_task(sleeps());
  const auto waiter = create_task([](Future<> it) -> Coro<void> { co_await it; }(awaited));
  co_await sleep(0s);
  HERE("cancel", sleeper.cancel());
  HERE("cancel", waiter.cancel());
  lines.push_back(lines.back());  // of the future that it awaits
  auto body = [](TaskGroup& group) -> Coro<void> {
    group.create_task(sleeps());
    co_await sleep(0s);
    HERE("cancel", group.cancel());
    lines.push_back(lines.back());  // of the body
    co_await sleep(1h);
  };
  co_await TaskGroup::run(body);
}

/// What it does to tasks, futures and events stands nowhere.
Coro<void> leaves_it_to_the_layer() {
  co_await to_thread([] {});
  std::vector<Coro<void> (*)()> racers{&fails, &sleeps_a_little, &sleeps};
  co_await staggered_race(std::move(racers), 1s);
  try {
    co_await wait_for(sleeps(), 1ms);
  } catch (const TimeoutError&) {
  }
  try {
    co_await timeout(1ms, sleeps());
  } catch (const TimeoutError&) {
  }
}

Coro<void> uses_everything() {
  lines.clear();
  Lock lock("lock");
  Semaphore semaphore(1, "semaphore");
  Condition condition("condition");
  Event event("event");
  Barrier barrier(1, "barrier");
  Queue<int> queue(0, "queue");
  Future<int> number = create_future<int>();
  Future<> nothing = create_future<void>();
  Future<> broken = create_future<void>();
  co_await lock.acquire();
  HERE("release", lock.release());
  {
    auto guard = co_await lock.scoped();
    HERE("release", guard.release());
  }
  {  // at the end of a scope it stands where that was entered
    HERE("release", const auto guard = co_await lock.scoped());
  }
  {
    HERE("release", auto permit = co_await semaphore.scoped());
    const auto moved = std::move(permit);
  }
  {
    HERE("release", const auto guard = co_await condition.scoped());
  }
  co_await semaphore.acquire();
  HERE("release", semaphore.release());
  co_await condition.acquire();
  HERE("notify", condition.notify());
  HERE("notify", condition.notify_all());
  HERE("release", condition.release());
  HERE("set", event.set());
  co_await event.wait();
  HERE("clear", event.clear());
  co_await barrier.wait();
  HERE("abort", barrier.abort());
  HERE("reset", barrier.reset());
  HERE("put", queue.put_nowait(1));
  HERE("get", static_cast<void>(queue.get_nowait()));
  co_await queue.put(2);
  static_cast<void>(co_await queue.get());
  HERE("task_done", queue.task_done());
  HERE("task_done", queue.task_done());
  HERE("read", static_cast<void>(lock.locked()));
  HERE("read", static_cast<void>(queue.empty()));
  HERE("shutdown", queue.shutdown());
  HERE("set_result", number.set_result(1));
  HERE("set_result", nothing.set_result());
  HERE("set_exception", broken.set_exception(std::runtime_error("broken")));
  static_cast<void>(broken.exception());
  co_await cancels();
  co_await leaves_it_to_the_layer();
  COWEAVE_REQUIRE(false);
}

}  // namespace

TEST_CASE("places: an operation that is not awaited stands at its own line, and none in the layer") {
  const Exploration result = explore(uses_everything, {.name = "places", .policy = "fifo"});
  REQUIRE(result.finding);
  std::vector<Line> told;
  for (const traces::Event& event : result.finding->trace.events) {
    const bool is_told =
        event.kind == traces::EventKind::operation || event.kind == traces::EventKind::cancel;
    if (!is_told || !event.at.known()) continue;
    CHECK(event.at.file == "tests/props/places_test.cpp");
    if (event.kind == traces::EventKind::cancel) {
      told.push_back({"cancel", event.at.line});
      continue;
    }
    const std::string& kind = result.finding->trace.objects[event.object - 1].kind;
    if (kind != "Queue.join") told.push_back({event.text, event.at.line});
  }
  REQUIRE(told.size() == lines.size());
  for (std::size_t index = 0; index < lines.size(); ++index) {
    CHECK(told[index].operation == lines[index].operation);
    CHECK(told[index].line == lines[index].line);
  }
}
