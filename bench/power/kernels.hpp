#pragma once

/// The scenarios of programs.hpp. Each fails in some orders of its tasks and passes in others.

#include <coweave/core/coro.hpp>

namespace coweave::bench {

/// A checker that runs last sees a balance that is wrong in any order.
Coro<void> account();
/// The third of three increments makes the sum too large.
Coro<void> lazy();
/// Two locks in opposite order.
Coro<void> deadlock();
/// The first of a group takes the lock of the group, the last gives it back; two groups block each other.
Coro<void> carter();
/// The flag that says that something was pushed is never taken down.
Coro<void> stack();
/// Each of three copies its neighbour's value, in whatever order; a fourth expects one order.
Coro<void> token_ring();
/// A reader between some writer's first stage and any writer's second.
Coro<void> two_stage(int writers, int readers);
/// A checker sees the first half of a setter's two writes.
Coro<void> reorder(int setters, int checkers);
/// One task guards the variable by another lock than the rest.
Coro<void> wrong_lock(int others);
/// The length of a buffer is asked for and then relied upon, with the lock given up in between.
Coro<void> string_buffer();
/// A lock-free stack whose compare-and-swap mistakes a node that left and came back for one that stayed.
Coro<void> safe_stack();

}  // namespace coweave::bench
