#pragma once

/// The workloads that compare the coroutine layer with others. Each runs `operations` of one kind, from the
/// making of the loop to its end; what is quoted is the time of one.

#include <cstdint>

namespace bench {

using Run = void (*)(std::uint64_t operations);

struct Workload {
  const char* name;
  Run coweave;
  Run asio;
};

/// How many children a gather has, how many tasks sleep at once, and how many places a queue has.
inline constexpr int gather_width = 1000;
inline constexpr int sleepers = 1000;
inline constexpr int queue_room = 64;

namespace on_coweave {
void spawn_and_join(std::uint64_t operations);  ///< create_task of a coroutine that returns at once, await it
void switch_tasks(std::uint64_t operations);    ///< two tasks give way to each other
void lock_uncontended(std::uint64_t operations);  ///< acquire and release
void lock_hand_over(std::uint64_t operations);    ///< two tasks; the holder gives way before it releases
void queue(std::uint64_t operations);             ///< put and get of one item between two tasks
void timer(std::uint64_t operations);             ///< a sleep of a microsecond, one of a thousand
void gather(std::uint64_t operations);            ///< one child of a gather of `gather_width`
void call(std::uint64_t operations);              ///< await a coroutine that returns at once
}  // namespace on_coweave

namespace on_asio {
void spawn_and_join(std::uint64_t operations);
void switch_tasks(std::uint64_t operations);
void lock_uncontended(std::uint64_t operations);
void lock_hand_over(std::uint64_t operations);
void queue(std::uint64_t operations);
void timer(std::uint64_t operations);
void gather(std::uint64_t operations);
void call(std::uint64_t operations);
}  // namespace on_asio

inline constexpr Workload workloads[] = {
    {"call", on_coweave::call, on_asio::call},
    {"spawn and join", on_coweave::spawn_and_join, on_asio::spawn_and_join},
    {"switch", on_coweave::switch_tasks, on_asio::switch_tasks},
    {"lock, uncontended", on_coweave::lock_uncontended, on_asio::lock_uncontended},
    {"lock, hand-over", on_coweave::lock_hand_over, on_asio::lock_hand_over},
    {"queue, put and get", on_coweave::queue, on_asio::queue},
    {"timer, one of 1,000", on_coweave::timer, on_asio::timer},
    {"gather of 1,000, a child", on_coweave::gather, on_asio::gather},
};

}  // namespace bench
