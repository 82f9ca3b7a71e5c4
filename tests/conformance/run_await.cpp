#include <coweave/core/as_completed.hpp>
#include <coweave/core/gather.hpp>
#include <coweave/core/shield.hpp>
#include <coweave/core/wait.hpp>
#include <coweave/core/wait_for.hpp>
#include <coweave/tests/conformance/run.hpp>

#include <algorithm>
#include <chrono>

namespace coweave::conformance {

namespace {

Delay delay(int n) { return n == no_timeout ? Delay() : Delay(std::chrono::seconds(n)); }

template <class T>
Coro<std::string> awaiting(Future<T> future) {
  const T value = co_await std::move(future);
  co_return show(value);
}

Coro<std::string> awaiting(Coro<Value> coroutine) {
  Value value = co_await std::move(coroutine);
  co_return value;
}

Coro<std::string> awaiting(AnyHandle handle) {
  return std::visit(
      [](auto& future) -> Coro<std::string> {
        if constexpr (std::is_same_v<std::decay_t<decltype(future)>, std::monostate>) {
          return {};
        } else {
          return awaiting(std::move(future));
        }
      },
      handle);
}

std::string label(const Ref& ref) {
  return std::string(ref_names[static_cast<std::size_t>(ref.kind)]) + std::to_string(ref.index);
}

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
  const bool itself = future == &Loop::current().current_task()->future();
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

Coro<Flow> Run::gather_children(const Actor& actor, const Operation& op) {
  begin(actor, op);
  Targets targets;
  for (const Ref& ref : op.refs) {
    if (ref.kind == Ref::Kind::body) continue;
    if (const auto future = simple(ref)) targets.push_back(&future->state());
  }
  if (closes_cycle(targets)) {
    leave_out(actor, op, Deviation::await_cycle);
    co_return std::nullopt;
  }
  auto siblings = std::make_shared<Targets>();
  const bool bodies_only =
      std::ranges::all_of(op.refs, [](const Ref& ref) { return ref.kind == Ref::Kind::body; });
  AnyHandle outer;
  if (bodies_only) {  // the layer makes the tasks
    std::vector<Coro<Value>> coroutines;
    for (const Ref& ref : op.refs) {
      if (auto coroutine = instance(ref.index, siblings)) coroutines.push_back(std::move(*coroutine));
    }
    if (op.flag) {
      outer = gather(return_exceptions, std::move(coroutines));
    } else {
      outer = gather(std::move(coroutines));
    }
  } else {
    std::vector<Future<Value>> futures;
    for (const Ref& ref : op.refs) {
      if (ref.kind == Ref::Kind::body) {
        if (auto coroutine = instance(ref.index, siblings))
          futures.push_back(create_task(std::move(*coroutine)));
      } else if (auto future = simple(ref)) {
        siblings->push_back(&future->state());
        futures.push_back(*future);
      }
    }
    if (op.flag) {
      outer = gather(return_exceptions, std::move(futures));
    } else {
      outer = gather(std::move(futures));
    }
  }
  FutureBase* state = base_of(outer);
  children_.insert_or_assign(state, siblings);
  kept_.push_back(outer);
  if (op.on >= 0) {
    outers_.insert_or_assign(op.on, outer);
    end(actor, op, "kept");
    co_return std::nullopt;
  }
  Targets awaited;
  awaited.push_back(state);
  const Waiting waiting(*this, awaited);
  co_await outcome_of(actor, op, awaiting(std::move(outer)));
  co_return std::nullopt;
}

Coro<Flow> Run::shield_child(const Actor& actor, const Operation& op) {
  begin(actor, op);
  const Ref& ref = op.refs[0];
  Future<Value> outer;
  if (ref.kind == Ref::Kind::body) {
    if (auto coroutine = instance(ref.index)) outer = shield(std::move(*coroutine));
  } else if (const auto future = simple(ref)) {
    outer = shield(*future);
  }
  if (!outer.valid()) {
    end(actor, op, "none");
    co_return std::nullopt;
  }
  kept_.emplace_back(outer);
  if (op.on >= 0) {
    outers_.insert_or_assign(op.on, outer);
    end(actor, op, "kept");
    co_return std::nullopt;
  }
  co_await outcome_of(actor, op, awaiting(outer));
  co_return std::nullopt;
}

Coro<Flow> Run::wait_children(const Actor& actor, const Operation& op) {
  begin(actor, op);
  std::vector<Future<Value>> futures;
  std::vector<std::string> names;
  for (const Ref& ref : op.refs) {
    if (const auto future = simple(ref)) {
      futures.push_back(*future);
      names.push_back(label(ref));
    }
  }
  const auto waiting = [&]() -> Coro<std::string> {
    constexpr ReturnWhen when[] = {ReturnWhen::all_completed, ReturnWhen::first_completed,
                                   ReturnWhen::first_exception};
    const WaitOptions options{delay(op.n), when[op.mode]};
    const auto ended = co_await wait(futures, options);
    std::string text;
    const auto add = [&](const std::vector<Future<Value>>& part) {
      bool first = true;
      for (const Future<Value>& future : part) {
        const auto place = std::ranges::find(futures, future) - futures.begin();
        if (!std::exchange(first, false)) text += ",";
        text += names[static_cast<std::size_t>(place)];
      }
    };
    text += "done ";
    add(ended.done);
    text += " pending ";
    add(ended.pending);
    co_return text;
  };
  co_await outcome_of(actor, op, waiting());
  co_return std::nullopt;
}

Coro<Flow> Run::wait_for_child(const Actor& actor, const Operation& op) {
  begin(actor, op);
  if (op.n > 0 && Loop::current().current_task()->must_cancel()) {
    leave_out(actor, op, Deviation::pending_at_entry);
    co_return std::nullopt;
  }
  const Ref& ref = op.refs[0];
  if (ref.kind == Ref::Kind::body) {
    auto coroutine = instance(ref.index);
    if (coroutine) {
      co_await outcome_of(actor, op, awaiting(wait_for(std::move(*coroutine), delay(op.n))));
    } else {
      end(actor, op, "none");
    }
    co_return std::nullopt;
  }
  const auto future = simple(ref);
  Targets targets;
  if (future) targets.push_back(&future->state());
  if (future && self_awaited_.contains(&future->state())) {
    leave_out(actor, op, Deviation::awaited_itself);
    co_return std::nullopt;
  }
  if (closes_cycle(targets)) {
    leave_out(actor, op, Deviation::await_cycle);
    co_return std::nullopt;
  }
  if (!future) {
    end(actor, op, "none");
    co_return std::nullopt;
  }
  const Waiting waiting(*this, targets);
  co_await outcome_of(actor, op, awaiting(wait_for(*future, delay(op.n))));
  co_return std::nullopt;
}

Coro<Flow> Run::as_completed_children(const Actor& actor, const Operation& op) {
  begin(actor, op);
  std::vector<Future<Value>> futures;
  for (const Ref& ref : op.refs) {
    if (ref.kind == Ref::Kind::body) {
      if (auto coroutine = instance(ref.index)) futures.push_back(create_task(std::move(*coroutine)));
    } else if (const auto future = simple(ref)) {
      futures.push_back(*future);
    }
  }
  std::vector<Future<Value>> done;
  for (const Future<Value>& future : futures) {
    if (future.done() && std::ranges::find(done, future) == done.end()) done.push_back(future);
  }
  if (done.size() > 1) {
    leave_out(actor, op, Deviation::several_done);
    co_return std::nullopt;
  }
  auto completions = as_completed(std::move(futures), delay(op.n));
  auto next = completions.begin();
  for (int index = 0; index < op.mode && next != completions.end(); ++index, ++next) {
    try {
      co_await outcome_of(actor, op, awaiting(*next));
    } catch (const std::exception&) {
      continue;
    }
  }
  end(actor, op, "end");
  co_return std::nullopt;
}

}  // namespace coweave::conformance
