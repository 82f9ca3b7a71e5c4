#include <coweave/core/lifo_queue.hpp>

#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>

using namespace coweave;
using namespace coweave::tests;

TEST_CASE("lifo_queue: gives what came last (tQL01)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          LifoQueue<int> queue;
          for (const int item : {1, 3, 2}) co_await queue.put(item);
          for (int count = 0; count < 3; ++count) {
            const int item = co_await queue.get();
            log("", item);
          }
        }) == "2 ; 3 ; 1");
}

TEST_CASE("lifo_queue: putters that wait are admitted in order of arrival (Q8)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          LifoQueue<int> queue(1);
          queue.put_nowait(0);
          auto put = [&](int item) -> Coro<void> {
            co_await queue.put(item);
            log("put ", item);
          };
          const auto one = create_task(put(1));
          const auto two = create_task(put(2));
          co_await tick();
          for (int count = 0; count < 3; ++count) {
            const int item = co_await queue.get();
            log("got ", item);
            co_await tick();
          }
        }) == "got 0 ; put 1 ; got 1 ; put 2 ; got 2");
}

TEST_CASE("lifo_queue: getters that wait are served in order of arrival") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          LifoQueue<int> queue;
          auto get = [&](std::string name) -> Coro<void> {
            const int item = co_await queue.get();
            log(name + " ", item);
          };
          const auto a = create_task(get("a"));
          const auto b = create_task(get("b"));
          co_await tick();
          queue.put_nowait(1);
          queue.put_nowait(2);
          co_await a;
          co_await b;
        }) == "a 2 ; b 1");
}

TEST_CASE("lifo_queue: items that can only be moved, and those dropped by a shutdown, are destroyed once") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          LifoQueue<std::shared_ptr<int>> queue;
          const auto item = std::make_shared<int>(7);
          for (int count = 0; count < 3; ++count) queue.put_nowait(item);
          log("uses ", item.use_count());
          static_cast<void>(queue.get_nowait());
          log("uses ", item.use_count());
          queue.shutdown(true);
          log("uses ", item.use_count());
          log("size ", queue.qsize());
          LifoQueue<std::unique_ptr<int>> movable;
          co_await movable.put(std::make_unique<int>(8));
          const auto moved = co_await movable.get();
          log("", *moved);
        }) == "uses 4 ; uses 3 ; uses 1 ; size 0 ; 8");
}

TEST_CASE("lifo_queue: destroying it while a task waits is reported") {
  CHECK(run_fifo([](Log&) -> Coro<void> {
          std::optional<LifoQueue<int>> queue(std::in_place, std::size_t{0}, "stack");
          auto get = [](LifoQueue<int>& from) -> Coro<void> { static_cast<void>(co_await from.get()); };
          create_task(get(*queue));
          co_await tick();
          queue.reset();
        }) == "EXCEPTION LifoQueue 'stack' was destroyed while tasks wait for it: they will never be woken");
}
