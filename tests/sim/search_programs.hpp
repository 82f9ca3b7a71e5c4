#pragma once

/// Programs that searches of every kind are tried on.

#include <coweave/coweave.hpp>

#include <chrono>

namespace coweave::tests {

inline Coro<void> draws_and_cancels() {
  Shared<int> value(0);
  auto write = [](Shared<int>& shared) -> Coro<void> {
    const auto number = static_cast<int>(sim::random(3));
    co_await shared.write(number);
    co_await shared.write(number + static_cast<int>(sim::random(2)));
  };
  auto look = [](Shared<int>& shared) -> Coro<void> {
    try {
      co_await shared.read();
      co_await sleep(std::chrono::seconds(0));
      co_await shared.read();
    } catch (const CancelledError&) {
    }
  };
  const auto one = create_task(write(value));
  const auto two = create_task(look(value));
  sim::may_cancel(two);
  co_await one;
  co_await two;
}

/// A task that spins until another has done its one step.
inline Coro<void> spins() {
  Shared<bool> ready(false);
  auto spin = [](Shared<bool>& flag) -> Coro<void> {
    for (bool seen = false; !seen;) seen = co_await flag.read();
  };
  auto raise = [](Shared<bool>& flag) -> Coro<void> { co_await flag.write(true); };
  const auto one = create_task(spin(ready));
  const auto two = create_task(raise(ready));
  co_await one;
  co_await two;
}

}  // namespace coweave::tests
