#include <coweave/tests/conformance/program.hpp>

namespace coweave::conformance {

namespace {

template <class... Kinds>
constexpr unsigned on(Kinds... kind) {
  return ((1U << static_cast<unsigned>(kind)) | ...);
}

using enum Kind;
constexpr unsigned held = on(lock, condition, semaphore, bounded);
constexpr unsigned queues = on(queue, lifo, priority);
constexpr unsigned anything = (1U << kinds) - 1;

constexpr OpInfo plain(std::string_view name, unsigned objects = 0) {
  return {name, objects, 0, false, false};
}
constexpr OpInfo waiting(std::string_view name, unsigned objects = 0) {
  return {name, objects, 0, true, false};
}
constexpr OpInfo holding(std::string_view name, int blocks, bool waits, unsigned objects = 0) {
  return {name, objects, blocks, waits, false};
}
constexpr OpInfo calling(std::string_view name) { return {name, 0, 1, false, true}; }

/// In the order of Op.
constexpr std::array<OpInfo, ops> table{
    plain("log"), waiting("tick"),
    waiting("sleep"),           // n: seconds
    plain("raise"),             // mode: ValueError, Boom, TimeoutError, CancelledError
    plain("return"),            //
    holding("loop", 1, false),  // n: how often
    holding("try", 3, false),   // body, handler, finally; mode: catches nothing, CancelledError, Exception,
                                // both; flag: raises again
    waiting("call"),            // refs: a body, awaited inline
    plain("spawn"),             // refs: a body; mode: as is, in the context of its creator, eager
    waiting("await"),           // refs: one
    plain("cancel"),            // refs: one; flag: with a message
    plain("uncancel"),          // refs: a task, or none for the running one
    plain("eager"),             // flag: whether tasks are eager from now on
    plain("set_result"),        // refs: a future
    plain("set_exception"),     // refs: a future; mode: as of raise
    plain("result"),            // refs: one
    plain("exception"),         // refs: one
    calling("add_callback"),    // refs: one
    plain("remove_callback"),   // refs: one; the latest that was added
    plain("set_var"),           // on: a variable
    plain("get_var"),           // on: a variable
    plain("reset_var"),         // on: a variable; undoes the latest set, wherever that was
    calling("call_soon"),       // on: slot
    calling("call_later"),      // on: slot; n: seconds
    plain("cancel_call"),       // on: slot
    waiting("acquire", held),   //
    plain("release", held),     //
    holding("with", 1, true, held),  //
    plain("set", on(event)), plain("clear", on(event)), waiting("wait_event", on(event)),
    waiting("cond_wait", on(condition)),
    waiting("cond_wait_for", on(condition)),  // n: an event; until it is set
    plain("notify", on(condition)),           // n: how many
    plain("notify_all", on(condition)), waiting("barrier_wait", on(barrier)), plain("reset", on(barrier)),
    plain("abort", on(barrier)), waiting("put", queues),  // n: priority
    waiting("get", queues),                               //
    plain("put_nowait", queues),                          // n: priority
    plain("get_nowait", queues), plain("task_done", queues), waiting("join", queues),
    plain("shutdown", queues),     // flag: immediate
    plain("state", anything),      //
    waiting("gather"),             // refs: any; flag: return_exceptions; on: slot to keep it in, -1: await it
    waiting("shield"),             // refs: one; on: as of gather
    waiting("wait"),               // refs: any but bodies; n: timeout; mode: all, first, first exception
    waiting("wait_for"),           // refs: one; n: timeout
    waiting("as_completed"),       // refs: any; n: timeout; mode: how many to await
    waiting("each_completed"),     // the same, by asynchronous iteration
    waiting("to_thread"),          // on: a variable that it reads and sets; mode: returns, or raises as raise
    holding("timeout", 1, false),  // n: timeout; on: slot
    plain("reschedule"),           // n: timeout from now; on: slot of a timeout
    holding("group", 1, true),     // on: slot
    plain("group_spawn"),          // on: slot of a group; refs: a body
};

constexpr std::array<std::string_view, kinds> kind_names{
    "lock", "condition", "semaphore", "bounded", "event", "barrier", "queue", "lifo", "priority", "future"};

}  // namespace

const OpInfo& info(Op op) noexcept { return table[static_cast<std::size_t>(op)]; }

std::string_view name_of(Kind kind) noexcept { return kind_names[static_cast<std::size_t>(kind)]; }

void number(Program& program) {
  int next = 0;
  for (Block& body : program.bodies)
    for_each_operation(body, [&](Operation& operation) { operation.id = ++next; });
}

std::size_t count_operations(const Program& program) {
  std::size_t count = 0;
  for (const Block& body : program.bodies) for_each_operation(body, [&](const Operation&) { ++count; });
  return count;
}

}  // namespace coweave::conformance
