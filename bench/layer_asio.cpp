/// The same on standalone Asio: a single-threaded io_context, `awaitable` coroutines, channels as locks and
/// queues.

// Asio 1.22 does not know that clang has the coroutines of the standard.
#if defined(__clang__)
#define ASIO_HAS_CO_AWAIT 1
#define ASIO_HAS_STD_COROUTINE 1
#endif

#include <coweave/bench/layer.hpp>

#include <algorithm>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/channel.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>

namespace bench::on_asio {

namespace {

using asio::awaitable;
using asio::use_awaitable;
using Channel = asio::experimental::channel<void(asio::error_code, std::uint64_t)>;

awaitable<void> nothing() { co_return; }

/// Tells Asio that nobody else runs the context: it then takes no locks.
constexpr int one_thread = 1;

void run(awaitable<void> (*body)(std::uint64_t), std::uint64_t operations) {
  asio::io_context context(one_thread);
  asio::co_spawn(context, body(operations), asio::detached);
  context.run();
}

awaitable<void> give_way() { co_await asio::post(co_await asio::this_coro::executor, use_awaitable); }

awaitable<void> many_switches(std::uint64_t count) {
  for (; count > 0; --count) co_await give_way();
}

awaitable<void> hand_over(Channel& lock, std::uint64_t count) {
  for (; count > 0; --count) {
    co_await lock.async_send({}, 1, use_awaitable);
    co_await give_way();
    lock.try_receive([](asio::error_code, std::uint64_t) {});
  }
}

awaitable<void> produce(Channel& out, std::uint64_t count) {
  for (; count > 0; --count) co_await out.async_send({}, count, use_awaitable);
}

awaitable<void> consume(Channel& in, std::uint64_t count) {
  for (; count > 0; --count) co_await in.async_receive(use_awaitable);
}

awaitable<void> many_sleeps(std::uint64_t count) {
  asio::steady_timer sleeper(co_await asio::this_coro::executor);
  for (; count > 0; --count) {
    sleeper.expires_after(std::chrono::microseconds(1));
    co_await sleeper.async_wait(use_awaitable);
  }
}

}  // namespace

void call(std::uint64_t operations) {
  run(
      [](std::uint64_t count) -> awaitable<void> {
        for (; count > 0; --count) co_await nothing();
      },
      operations);
}

void spawn_and_join(std::uint64_t operations) {
  run(
      [](std::uint64_t count) -> awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        for (; count > 0; --count) co_await asio::co_spawn(executor, nothing(), use_awaitable);
      },
      operations);
}

void switch_tasks(std::uint64_t operations) {
  asio::io_context context(one_thread);
  for (int task = 0; task < 2; ++task) asio::co_spawn(context, many_switches(operations / 2), asio::detached);
  context.run();
}

void lock_uncontended(std::uint64_t operations) {
  run(
      [](std::uint64_t count) -> awaitable<void> {
        Channel lock(co_await asio::this_coro::executor, 1);
        for (; count > 0; --count) {
          co_await lock.async_send({}, 1, use_awaitable);
          lock.try_receive([](asio::error_code, std::uint64_t) {});
        }
      },
      operations);
}

void lock_hand_over(std::uint64_t operations) {
  asio::io_context context(one_thread);
  Channel lock(context, 1);
  for (int task = 0; task < 2; ++task)
    asio::co_spawn(context, hand_over(lock, operations / 2), asio::detached);
  context.run();
}

void queue(std::uint64_t operations) {
  asio::io_context context(one_thread);
  Channel items(context, queue_room);
  asio::co_spawn(context, produce(items, operations), asio::detached);
  asio::co_spawn(context, consume(items, operations), asio::detached);
  context.run();
}

void timer(std::uint64_t operations) {
  asio::io_context context(one_thread);
  for (int task = 0; task < sleepers; ++task)
    asio::co_spawn(context, many_sleeps(operations / sleepers), asio::detached);
  context.run();
}

/// This Asio has no group of a number known at run time: the children count down, the last one ends the wait.
void gather(std::uint64_t operations) {
  run(
      [](std::uint64_t count) -> awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        for (; count > 0; count -= std::min<std::uint64_t>(count, gather_width)) {
          Channel ended(executor, 1);
          int left = gather_width;
          for (int child = 0; child < gather_width; ++child) {
            asio::co_spawn(executor, nothing(), [&](std::exception_ptr) {
              if (--left == 0) ended.try_send(asio::error_code(), 1);
            });
          }
          co_await ended.async_receive(use_awaitable);
        }
      },
      operations);
}

}  // namespace bench::on_asio
