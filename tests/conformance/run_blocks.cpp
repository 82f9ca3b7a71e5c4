#include <coweave/core/sleep.hpp>
#include <coweave/tests/conformance/run.hpp>

#include <chrono>

namespace coweave::conformance {

namespace {

template <class Make>
Coro<std::string> awaiting(Make make) {
  co_await make();
  co_return "None";
}

/// Whether the handler of a try catches the error.
bool catches(int mode, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const CancelledError&) {
    return mode == 1 || mode == 3;
  } catch (const std::exception&) {
    return mode == 2 || mode == 3;
  } catch (...) {
    return false;
  }
}

bool waits_not(Op op) {
  switch (op) {
    case Op::raise:
    case Op::return_:
    case Op::loop:
    case Op::try_:
    case Op::with:
    case Op::timeout:
    case Op::group:
      return false;
    default:
      return !info(op).waits;
  }
}

}  // namespace

/// Runs operations one after another.
Coro<Flow> Run::block(const Actor& actor, const Block& block) {
  for (const Operation& op : block) {
    if (waits_not(op.op)) {
      do_sync(actor, op);
      continue;
    }
    Flow flow = co_await start(actor, op);
    if (flow) co_return flow;
  }
  co_return std::nullopt;
}

Coro<Flow> Run::start(const Actor& actor, const Operation& op) {
  switch (op.op) {
    case Op::tick:
      return attempt(actor, op, awaiting([] { return sleep(std::chrono::seconds(0)); }));
    case Op::sleep:
      return attempt(actor, op, awaiting([n = op.n] { return sleep(std::chrono::seconds(n)); }));
    case Op::raise:
      return raise(actor, op);
    case Op::return_:
      return return_value(actor, op);
    case Op::loop:
      return loop_block(actor, op);
    case Op::try_:
      return try_block(actor, op);
    case Op::call:
      return call(actor, op);
    case Op::await:
      return await_future(actor, op);
    case Op::acquire:
    case Op::wait_event:
    case Op::cond_wait:
      return attempt(actor, op, acquiring(op));
    case Op::with:
      return with_block(actor, op);
    case Op::cond_wait_for:
      return attempt(actor, op, waiting_until(op));
    case Op::barrier_wait:
      return barrier_wait(actor, op);
    case Op::put:
      return attempt(actor, op, putting(op));
    case Op::get:
      return attempt(actor, op, getting(op));
    case Op::join:
      return attempt(actor, op, joining(op));
    case Op::gather:
      return gather_children(actor, op);
    case Op::shield:
      return shield_child(actor, op);
    case Op::wait:
      return wait_children(actor, op);
    case Op::wait_for:
      return wait_for_child(actor, op);
    case Op::as_completed:
      return as_completed_children(actor, op);
    case Op::each_completed:
      return each_completed_child(actor, op);
    case Op::to_thread:
      return in_thread(actor, op);
    case Op::timeout:
      return timeout_block(actor, op);
    default:
      return group_block(actor, op);
  }
}

/// Awaits and notes the outcome.
Coro<Flow> Run::attempt(const Actor& actor, const Operation& op, Coro<std::string> awaited) {
  if (closed_) awaited.close();
  begin(actor, op);
  co_await outcome_of(actor, op, std::move(awaited));
  co_return std::nullopt;
}

Coro<void> Run::outcome_of(const Actor& actor, const Operation& op, Coro<std::string> awaited) {
  const std::uint64_t before = simulation_.steps();
  std::string outcome;
  try {
    outcome = co_await std::move(awaited);
  } catch (const CancelledError&) {
    if (simulation_.steps() != before) coverage_.cancelled(op.op, variant_of(program_, op));
    end(actor, op, show(std::current_exception()));
    throw;
  } catch (...) {
    end(actor, op, show(std::current_exception()));
    throw;
  }
  end(actor, op, outcome);
}

Coro<Flow> Run::raise(const Actor& actor, const Operation& op) {
  begin(actor, op);
  std::rethrow_exception(make_error(op.mode, op.id));
  co_return std::nullopt;
}

Coro<Flow> Run::return_value(const Actor& actor, const Operation& op) {
  begin(actor, op);
  co_return "v" + std::to_string(op.id);
}

Coro<Flow> Run::loop_block(const Actor& actor, const Operation& op) {
  coverage_.ran(op.op, 0);
  for (int round = 0; round < op.n; ++round) {
    Flow flow = co_await block(actor, op.blocks[0]);
    if (flow) co_return flow;
  }
  co_return std::nullopt;
}

/// The body and the handler of a try.
Coro<Flow> Run::guarded(const Actor& actor, const Operation& op) {
  std::exception_ptr error;
  Flow flow;
  try {
    flow = co_await block(actor, op.blocks[0]);
  } catch (...) {
    error = std::current_exception();
    if (!catches(op.mode, error)) throw;
  }
  if (!error) co_return flow;
  end(actor, op, "caught " + show(error));
  flow = co_await block(actor, op.blocks[1]);
  if (!flow && op.flag) std::rethrow_exception(error);
  co_return flow;
}

Coro<Flow> Run::try_block(const Actor& actor, const Operation& op) {
  coverage_.ran(op.op, 0);
  std::exception_ptr error;
  Flow flow;
  try {
    flow = co_await guarded(actor, op);
  } catch (...) {
    error = std::current_exception();
  }
  if (!op.blocks[2].empty()) {
    if (closed_) throw Closed();
    end(actor, op, "finally");
    Flow overriding = co_await block(actor, op.blocks[2]);
    if (overriding) co_return overriding;
  }
  if (error) std::rethrow_exception(error);
  co_return flow;
}

template <class Primitive>
Coro<Flow> Run::with_primitive(const Actor& actor, const Operation& op, Primitive& primitive) {
  begin(actor, op);
  const std::uint64_t before = simulation_.steps();
  bool held = false;
  Flow flow;
  try {
    auto guard = co_await primitive.scoped();
    held = true;
    end(actor, op, "held");
    std::exception_ptr error;
    try {
      flow = co_await block(actor, op.blocks[0]);
    } catch (...) {
      error = std::current_exception();
    }
    guard
        .release();  // asyncio's `async with` throws what release() throws; a destructor could only report it
    if (error) std::rethrow_exception(error);
  } catch (const CancelledError&) {
    if (!held && simulation_.steps() != before) coverage_.cancelled(op.op, variant_of(program_, op));
    end(actor, op, show(std::current_exception()));
    throw;
  } catch (...) {
    end(actor, op, show(std::current_exception()));
    throw;
  }
  end(actor, op, "released");
  co_return flow;
}

Coro<Flow> Run::with_block(const Actor& actor, const Operation& op) {
  switch (kind(op.on)) {
    case Kind::condition:
      return with_primitive(actor, op, object<Condition>(op.on));
    case Kind::semaphore:
      return with_primitive(actor, op, object<Semaphore>(op.on));
    case Kind::bounded:
      return with_primitive<Semaphore>(actor, op, object<BoundedSemaphore>(op.on));
    default:
      return with_primitive(actor, op, object<Lock>(op.on));
  }
}

Coro<Flow> Run::timeout_block(const Actor& actor, const Operation& op) {
  begin(actor, op);
  if (Loop::current().current_task()->must_cancel()) {
    leave_out(actor, op, Deviation::pending_at_entry);
    co_return std::nullopt;
  }
  Timeout limit(op.n == no_timeout ? Delay() : Delay(std::chrono::seconds(op.n)));
  Flow flow;
  try {
    flow = co_await limit.run(limited(actor, op, limit));
  } catch (...) {
    end(actor, op, show(std::current_exception()) + " expired=" + show(limit.expired()));
    throw;
  }
  end(actor, op, "left expired=" + show(limit.expired()));
  co_return flow;
}

/// The body of a timeout, which can be rescheduled meanwhile.
Coro<Flow> Run::limited(const Actor& actor, const Operation& op, Timeout& limit) {
  struct Entry {
    Run& run;
    int slot;
    Timeout* limit;
    ~Entry() {
      const auto found = run.timeouts_.find(slot);
      if (found != run.timeouts_.end() && found->second == limit) run.timeouts_.erase(found);
    }
  };
  timeouts_.insert_or_assign(op.on, &limit);
  const Entry entry{*this, op.on, &limit};
  Flow flow = co_await block(actor, op.blocks[0]);
  co_return flow;
}

Coro<Flow> Run::group_block(const Actor& actor, const Operation& op) {
  begin(actor, op);
  Flow flow;
  std::exception_ptr error;
  const TaskGroup* mine = nullptr;
  bool in_body = true;
  std::uint64_t before = 0;
  const auto body = [&](TaskGroup& group) -> Coro<Flow> {
    mine = &group;
    groups_.insert_or_assign(op.on, &group);
    Flow returned;
    try {
      returned = co_await block(actor, op.blocks[0]);
    } catch (...) {
      end(actor, op, "body");
      throw;
    }
    end(actor, op, "body");
    in_body = false;
    before = simulation_.steps();
    co_return returned;
  };
  try {
    flow = co_await TaskGroup::run(body);
  } catch (const CancelledError&) {
    if (!in_body && simulation_.steps() != before) coverage_.cancelled(op.op, 0);
    error = std::current_exception();
  } catch (...) {
    error = std::current_exception();
  }
  const auto found = groups_.find(op.on);
  if (found != groups_.end() && found->second == mine) groups_.erase(found);
  end(actor, op, error ? show(error) : "left");
  if (error) std::rethrow_exception(error);
  co_return flow;
}

}  // namespace coweave::conformance
