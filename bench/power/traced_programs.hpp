#pragma once

/// Programs whose numbers of Mazurkiewicz traces are published: GenMC (tests/correct/synthetic) and Nidhugg
/// (tests/smoke) are tested with them.

#include <coweave/core/lock.hpp>
#include <coweave/core/shared.hpp>
#include <coweave/sim/simulation.hpp>

#include <memory>
#include <vector>

namespace coweave::traced {

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
inline sim::Scenario program(int first, int tasks, std::size_t cells, Body body) {
  return [=]() -> Coro<void> {
    Memory memory(cells);
    std::vector<Task<>> all;
    for (int task = first; task < first + tasks; ++task) all.push_back(create_task(body(memory, task)));
    for (Task<>& task : all) co_await task;
  };
}

inline void bump(int& value) { ++value; }

inline Coro<void> read_or_write(Memory& memory, int task) {
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

inline Coro<void> read_then_write(Memory& memory, int) {
  const int before = co_await memory[0].read();
  co_await memory[0].write(before + 1);
}

inline Coro<void> write_under_lock(Memory& memory, int) {
  co_await memory.lock.acquire();
  const int before = co_await memory[0].read();
  co_await memory[0].write(before + 1);
  memory.lock.release();
}

inline Coro<void> write_two_under_lock(Memory& memory, int) {
  co_await memory.lock.acquire();
  for (std::size_t cell = 0; cell < 2; ++cell) {
    const int before = co_await memory[cell].read();
    co_await memory[cell].write(before + 1);
  }
  memory.lock.release();
}

inline Coro<void> swap_from_0(Memory& memory, int task) { co_await memory[0].compare_exchange(0, task + 1); }

inline Coro<void> swap_from_last(Memory& memory, int task) {
  co_await memory[0].compare_exchange(task - 1, task);
}

inline Coro<void> swap_and_store(Memory& memory, int task) {
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

/// Two tasks add the other's variable to their own, five times each; a third looks whether that came too far.
inline Coro<void> fibonacci(Memory& memory, int task) {
  if (task == 2) {
    if (co_await memory[0].read() <= 144) co_await memory[1].read();
    co_return;
  }
  for (int round = 0; round < 5; ++round) {
    const int x = co_await memory[0].read();
    const int y = co_await memory[1].read();
    co_await memory[static_cast<std::size_t>(task)].write(x + y);
  }
}

/// Each task puts four words into a table of 128, by linear probing. Two that are eleven apart collide.
inline Coro<void> index_words(Memory& memory, int task) {
  for (int count = 1; count <= 4; ++count) {
    const int word = 11 * count + task;
    auto cell = static_cast<std::size_t>(7 * word % 128);
    for (bool done = false; !done; cell = (cell + 1) % 128)
      done = co_await memory[cell].compare_exchange(0, word);
  }
}

/// Two tasks that read four variables, and two that write two of them each.
inline Coro<void> read_four_write_two(Memory& memory, int task) {
  constexpr std::size_t reads[] = {7, 3};
  if (task < 2) {
    for (std::size_t count = 0; count < reads[task]; ++count) co_await memory[count % 4].read();
    co_return;
  }
  const std::size_t first = task == 2 ? 0 : 2;
  for (int round = 1; round <= 3; ++round) {
    co_await memory[first].write(round);
    co_await memory[first + 1].write(round);
  }
}

}  // namespace coweave::traced
