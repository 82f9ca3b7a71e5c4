#include <coweave/tests/conformance/awaiting.hpp>
#include <coweave/tests/conformance/run.hpp>

namespace coweave::conformance {

namespace {

template <class Primitive>
Coro<std::string> acquire(Primitive& primitive) {
  co_await primitive.acquire();
  co_return "True";
}

template <class Primitive>
Coro<std::string> wait_on(Primitive& primitive) {
  const bool value = co_await primitive.wait();
  co_return show(value);
}

template <class AnyQueue>
Coro<std::string> get_from(AnyQueue& queue) {
  const Item item = co_await queue.get();
  co_return show(item);
}

template <class AnyQueue>
Coro<std::string> put_into(AnyQueue& queue, Item item) {
  co_await queue.put(item);
  co_return "None";
}

template <class AnyQueue>
Coro<std::string> join_queue(AnyQueue& queue) {
  co_await queue.join();
  co_return "None";
}

}  // namespace

Coro<std::string> Run::acquiring(const Operation& op) {
  if (op.op == Op::wait_event) return wait_on(object<Event>(op.on));
  if (op.op == Op::cond_wait) return wait_on(object<Condition>(op.on));
  switch (kind(op.on)) {
    case Kind::condition:
      return acquire(object<Condition>(op.on));
    case Kind::semaphore:
      return acquire(object<Semaphore>(op.on));
    case Kind::bounded:
      return acquire(object<BoundedSemaphore>(op.on));
    default:
      return acquire(object<Lock>(op.on));
  }
}

Coro<std::string> Run::waiting_until(const Operation& op) {
  const Event& event = object<Event>(op.n);
  const bool value = co_await object<Condition>(op.on).wait_for([&event] { return event.is_set(); });
  co_return show(value);
}

Coro<std::string> Run::getting(const Operation& op) {
  return visit_queue(op.on, [](auto& queue) { return get_from(queue); });
}
Coro<std::string> Run::putting(const Operation& op) {
  return visit_queue(op.on, [&](auto& queue) { return put_into(queue, Item{op.n, op.id}); });
}
Coro<std::string> Run::joining(const Operation& op) {
  return visit_queue(op.on, [](auto& queue) { return join_queue(queue); });
}

Coro<Flow> Run::barrier_wait(const Actor& actor, const Operation& op) {
  begin(actor, op);
  Barrier& barrier = object<Barrier>(op.on);
  if (barrier.state() == Barrier::State::filling && barrier.n_waiting() == 0) uneven_.erase(op.on);
  const std::uint64_t before = simulation_.steps();
  std::size_t index = 0;
  try {
    index = co_await barrier.wait();
  } catch (const CancelledError&) {
    if (simulation_.steps() != before) coverage_.cancelled(op.op, variant_of(program_, op));
    uneven_.insert(op.on);
    end(actor, op, show(std::current_exception()));
    throw;
  } catch (...) {
    end(actor, op, show(std::current_exception()));
    throw;
  }
  if (uneven_.contains(op.on)) {
    leave_out(actor, op, Deviation::barrier_index);
  } else {
    end(actor, op, std::to_string(index));
  }
  co_return std::nullopt;
}

Coro<Flow> Run::call(const Actor& actor, const Operation& op) {
  begin(actor, op);
  std::optional<Coro<Value>> coroutine = instance(op.refs[0].index);
  if (coroutine) {
    co_await outcome_of(actor, op, awaiting(std::move(*coroutine)));
  } else {
    end(actor, op, "limit");
  }
  co_return std::nullopt;
}

Coro<Flow> Run::await_future(const Actor& actor, const Operation& op) {
  begin(actor, op);
  AnyHandle handle = resolve(op.refs[0]);
  FutureBase* future = base_of(handle);
  if (!future) {
    end(actor, op, "none");
    co_return std::nullopt;
  }
  if (self_awaited_.contains(future)) {
    leave_out(actor, op, Deviation::awaited_itself);
    co_return std::nullopt;
  }
  // To await oneself is an error, which the layer tells.
  const bool itself = future == Loop::current().current_task();
  if (itself) self_awaited_.insert(future);
  Targets targets;
  if (!itself) targets.push_back(future);
  if (closes_cycle(targets)) {
    leave_out(actor, op, Deviation::await_cycle);
    co_return std::nullopt;
  }
  const Waiting waiting(*this, targets);
  co_await outcome_of(actor, op, awaiting(std::move(handle)));
  co_return std::nullopt;
}

}  // namespace coweave::conformance
