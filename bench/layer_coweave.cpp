#include <coweave/bench/layer.hpp>
#include <coweave/coweave.hpp>

#include <algorithm>
#include <vector>

namespace bench::on_coweave {

using namespace coweave;
using namespace std::chrono_literals;

namespace {

Coro<void> nothing() { co_return; }

/// Runs `coroutine(operations)` twice at once, half of the operations each.
template <class Coroutine>
void run_two(std::uint64_t operations, Coroutine coroutine) {
  run([](std::uint64_t half, Coroutine body) -> Coro<void> {
    const auto first = create_task(body(half));
    const auto second = create_task(body(half));
    co_await first;
    co_await second;
  }(operations / 2, coroutine));
}

}  // namespace

void call(std::uint64_t operations) {
  run([](std::uint64_t count) -> Coro<void> {
    for (; count > 0; --count) co_await nothing();
  }(operations));
}

void spawn_and_join(std::uint64_t operations) {
  run([](std::uint64_t count) -> Coro<void> {
    for (; count > 0; --count) co_await create_task(nothing());
  }(operations));
}

void switch_tasks(std::uint64_t operations) {
  run_two(operations, [](std::uint64_t count) -> Coro<void> {
    for (; count > 0; --count) co_await sleep(0s);
  });
}

void lock_uncontended(std::uint64_t operations) {
  run([](std::uint64_t count) -> Coro<void> {
    Lock lock;
    for (; count > 0; --count) {
      co_await lock.acquire();
      lock.release();
    }
  }(operations));
}

void lock_hand_over(std::uint64_t operations) {
  Lock lock;
  run_two(operations, [&lock](std::uint64_t count) -> Coro<void> {
    for (; count > 0; --count) {
      co_await lock.acquire();
      co_await sleep(0s);
      lock.release();
    }
  });
}

void queue(std::uint64_t operations) {
  run([](std::uint64_t count) -> Coro<void> {
    Queue<std::uint64_t> items(queue_room);
    auto produce = [](Queue<std::uint64_t>& out, std::uint64_t left) -> Coro<void> {
      for (; left > 0; --left) co_await out.put(left);
    };
    const auto producer = create_task(produce(items, count));
    for (; count > 0; --count) static_cast<void>(co_await items.get());
    co_await producer;
  }(operations));
}

void timer(std::uint64_t operations) {
  run([](std::uint64_t count) -> Coro<void> {
    auto sleeper = [](std::uint64_t left) -> Coro<void> {
      for (; left > 0; --left) co_await sleep(1us);
    };
    std::vector<Coro<void>> tasks;
    for (int task = 0; task < sleepers; ++task) tasks.push_back(sleeper(count / sleepers));
    co_await coweave::gather(std::move(tasks));
  }(operations));
}

void gather(std::uint64_t operations) {
  run([](std::uint64_t count) -> Coro<void> {
    for (; count > 0; count -= std::min<std::uint64_t>(count, gather_width)) {
      std::vector<Coro<void>> children;
      for (int child = 0; child < gather_width; ++child) children.push_back(nothing());
      co_await coweave::gather(std::move(children));
    }
  }(operations));
}

}  // namespace bench::on_coweave
