#pragma once

/// The programs of the conformance test: what a generator makes, and both interpreters run.
///
/// A program has objects (locks, queues, futures…) and bodies. A body is a block of operations; body 0 is the
/// first task, and every other body is started by an operation of a body with a lower number, so that no
/// program runs for ever. An operation is the same few fields whatever it does; what they mean stands in the
/// table of program.cpp and, with the semantics, in the Python files beside it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace coweave::conformance {

enum class Kind : std::uint8_t {
  lock,
  condition,  ///< n: the lock that it shares, -1: its own
  semaphore,  ///< n: permits
  bounded,    ///< a BoundedSemaphore; n: permits
  event,
  barrier,   ///< n: parties
  queue,     ///< n: maxsize
  lifo,      ///< n: maxsize
  priority,  ///< n: maxsize
  future,
};
inline constexpr std::size_t kinds = 10;

enum class Op : std::uint8_t {
  // control
  log,
  tick,
  sleep,
  raise,
  return_,
  loop,
  try_,
  call,
  // tasks and futures
  spawn,
  await,
  cancel,
  uncancel,
  eager,
  set_result,
  set_exception,
  result,
  exception,
  add_callback,
  remove_callback,
  // contexts
  set_var,
  get_var,
  reset_var,
  // callbacks
  call_soon,
  call_later,
  cancel_call,
  // synchronisation
  acquire,
  release,
  with,
  set,
  clear,
  wait_event,
  cond_wait,
  cond_wait_for,
  notify,
  notify_all,
  barrier_wait,
  reset,
  abort,
  put,
  get,
  put_nowait,
  get_nowait,
  task_done,
  join,
  shutdown,
  state,
  // combinations
  gather,
  shield,
  wait,
  wait_for,
  as_completed,
  each_completed,
  to_thread,
  timeout,
  reschedule,
  group,
  group_spawn,
};
inline constexpr std::size_t ops = static_cast<std::size_t>(Op::group_spawn) + 1;

/// `n` of an operation that takes a timeout: none.
inline constexpr int no_timeout = -9;

/// What an operation acts on besides objects.
struct Ref {
  enum class Kind : std::uint8_t {
    task,    ///< the latest task of a body
    future,  ///< an object
    outer,   ///< the future of a gather or shield, in a slot
    body,    ///< a new coroutine of a body
  };
  Kind kind = Kind::task;
  int index = 0;

  friend bool operator==(const Ref&, const Ref&) = default;
};
inline constexpr std::array<std::string_view, 4> ref_names{"task", "future", "outer", "body"};

struct Operation;
using Block = std::vector<Operation>;

struct Operation {
  Op op = Op::log;
  int id = 0;    ///< its number within the program, in order of the text
  int on = -1;   ///< an object, or a slot
  int n = 0;     ///< a time, a number, or an object
  int mode = 0;  ///< a choice among few
  bool flag = false;
  std::vector<Ref> refs;
  std::vector<Block> blocks;
};

struct Made {
  Kind kind = Kind::lock;
  int n = 0;
};

struct Program {
  std::vector<Made> objects;
  std::vector<Block> bodies;
};

/// What is fixed for all operations of a kind.
struct OpInfo {
  std::string_view name;
  /// Which objects `on` may be, a bit for each Kind; 0: none, or a slot.
  unsigned objects = 0;
  int blocks = 0;
  bool waits = false;   ///< it may suspend
  bool action = false;  ///< its block is one operation, for a callback
};

[[nodiscard]] const OpInfo& info(Op op) noexcept;
[[nodiscard]] std::string_view name_of(Kind kind) noexcept;

/// Gives every operation its number.
void number(Program& program);

/// Operations of all bodies, nested ones too.
[[nodiscard]] std::size_t count_operations(const Program& program);

/// Calls `visit(operation)` for each operation of a block and, after it, for those inside.
template <class BlockType, class Visit>
void for_each_operation(BlockType& block, const Visit& visit) {
  for (auto& operation : block) {
    visit(operation);
    for (auto& inner : operation.blocks) for_each_operation(inner, visit);
  }
}

}  // namespace coweave::conformance
