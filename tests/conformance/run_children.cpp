/// Operations on several futures, or on one with a limit or a shield.

#include <coweave/core/as_completed.hpp>
#include <coweave/core/gather.hpp>
#include <coweave/core/shield.hpp>
#include <coweave/core/to_thread.hpp>
#include <coweave/core/wait.hpp>
#include <coweave/core/wait_for.hpp>
#include <coweave/tests/conformance/awaiting.hpp>
#include <coweave/tests/conformance/run.hpp>

#include <algorithm>
#include <chrono>

namespace coweave::conformance {

namespace {

Delay delay(int n) { return n == no_timeout ? Delay() : Delay(std::chrono::seconds(n)); }

std::string label(const Ref& ref) {
  return std::string(ref_names[static_cast<std::size_t>(ref.kind)]) + std::to_string(ref.index);
}

}  // namespace

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
  const bool any_body =
      std::ranges::any_of(op.refs, [](const Ref& ref) { return ref.kind == Ref::Kind::body; });
  if (any_body && op.refs.size() > 1 && Loop::current().eager_tasks()) {
    leave_out(actor, op, Deviation::eager_gather);
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
    // What the references mean is found out before any task is made, because one that is eager may change it.
    std::vector<std::variant<Coro<Value>, Future<Value>>> children;
    for (const Ref& ref : op.refs) {
      if (ref.kind == Ref::Kind::body) {
        if (auto coroutine = instance(ref.index, siblings)) children.emplace_back(std::move(*coroutine));
      } else if (auto future = simple(ref)) {
        siblings->push_back(&future->state());
        children.emplace_back(std::move(*future));
      }
    }
    std::vector<Future<Value>> futures;
    for (auto& child : children) {
      auto* coroutine = std::get_if<Coro<Value>>(&child);
      futures.push_back(coroutine ? create_task(std::move(*coroutine)) : std::get<Future<Value>>(child));
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
  if (closes_cycle(awaited)) {  // an eager child waits for this task already
    leave_out(actor, op, Deviation::await_cycle);
    co_return std::nullopt;
  }
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

std::optional<std::vector<Future<Value>>> Run::to_complete(const Operation& op) {
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
  if (done.size() > 1) return std::nullopt;
  return futures;
}

Coro<Flow> Run::as_completed_children(const Actor& actor, const Operation& op) {
  begin(actor, op);
  auto futures = to_complete(op);
  if (!futures) {
    leave_out(actor, op, Deviation::several_done);
    co_return std::nullopt;
  }
  auto completions = as_completed(std::move(*futures), delay(op.n));
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

Coro<Flow> Run::each_completed_child(const Actor& actor, const Operation& op) {
  begin(actor, op);
  auto futures = to_complete(op);
  if (!futures) {
    leave_out(actor, op, Deviation::several_done);
    co_return std::nullopt;
  }
  const std::vector<Future<Value>> given = *futures;
  auto completions = as_completed(std::move(*futures), delay(op.n));
  bool any = true;
  const auto next = [&]() -> Coro<std::string> {
    const std::optional<Future<Value>> future = co_await completions.next();
    any = future.has_value();
    if (!any) co_return "none left";
    co_return "child " + std::to_string(std::ranges::find(given, *future) - given.begin());
  };
  for (int index = 0; index < op.mode && any; ++index) {
    try {
      co_await outcome_of(actor, op, next());
    } catch (const std::exception&) {
      continue;
    }
  }
  end(actor, op, "end");
  co_return std::nullopt;
}

Coro<Flow> Run::in_thread(const Actor& actor, const Operation& op) {
  begin(actor, op);
  const auto body = [this, &op]() -> Value {
    write("thread#" + std::to_string(op.id) + " sees " + variable(op.on).get("unset"));
    static_cast<void>(variable(op.on).set("t" + std::to_string(op.id)));
    if (op.mode > 0) std::rethrow_exception(make_error(op.mode - 1, op.id));
    return "t" + std::to_string(op.id);
  };
  co_await outcome_of(actor, op, awaiting(to_thread(body)));
  co_return std::nullopt;
}

}  // namespace coweave::conformance
