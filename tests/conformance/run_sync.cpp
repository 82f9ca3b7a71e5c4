#include <coweave/tests/conformance/run.hpp>

#include <chrono>

namespace coweave::conformance {

namespace {

std::chrono::seconds seconds(int count) { return std::chrono::seconds(count); }

}  // namespace

/// What a callback does.
void Run::act(const Operation& op, const Operation& source) {
  if (closed_) return;
  const Actor actor{"cb#" + std::to_string(source.id), -1};
  if (op.op == Op::raise) {
    end(actor, op, "raise");
    const std::exception_ptr error = make_error(op.mode, op.id);
    raised_ = show(error);
    std::rethrow_exception(error);
  }
  do_sync(actor, op);
}

/// What the operation raises is noted, and goes no further.
void Run::do_sync(const Actor& actor, const Operation& op) {
  if (closed_) throw Closed();
  use_memory(op);
  coverage_.ran(op.op, variant_of(program_, op));
  std::string outcome;
  try {
    outcome = sync(op);
  } catch (const std::exception&) {
    outcome = show(std::current_exception());
  }
  end(actor, op, std::string(info(op.op).name) + " " + outcome);
}

std::string Run::sync(const Operation& op) {
  switch (op.op) {
    case Op::log:
      return "";
    case Op::spawn:
      return spawn(op);
    case Op::cancel: {
      FutureBase* future = base_of(resolve(op.refs[0]));
      if (!future) return "none";
      return show(op.flag ? future->cancel("m" + std::to_string(op.id)) : future->cancel());
    }
    case Op::uncancel:
      return uncancel(op);
    case Op::eager:
      Loop::current().set_eager_tasks(op.flag);
      return "ok";
    case Op::set_var:
      return set_var(op);
    case Op::get_var:
      return get_var(op);
    case Op::reset_var:
      return reset_var(op);
    case Op::set_result:
      future(op.refs[0]).set_result("v" + std::to_string(op.id));
      return "ok";
    case Op::set_exception:
      future(op.refs[0]).set_exception(make_error(op.mode, op.id));
      return "ok";
    case Op::result:
      return result(op);
    case Op::exception:
      return exception(op);
    case Op::add_callback:
      return add_callback(op);
    case Op::remove_callback:
      return remove_callback(op);
    case Op::call_soon:
    case Op::call_later:
      return call_soon(op);
    case Op::cancel_call:
      return cancel_call(op);
    case Op::release:
      release(op);
      return "ok";
    case Op::set:
      object<Event>(op.on).set();
      return "ok";
    case Op::clear:
      object<Event>(op.on).clear();
      return "ok";
    case Op::notify:
      object<Condition>(op.on).notify(static_cast<std::size_t>(op.n));
      return "ok";
    case Op::notify_all:
      object<Condition>(op.on).notify_all();
      return "ok";
    case Op::reset:
      object<Barrier>(op.on).reset();
      return "ok";
    case Op::abort:
      object<Barrier>(op.on).abort();
      return "ok";
    case Op::put_nowait:
      visit_queue(op.on, [&](auto& queue) { queue.put_nowait(Item{op.n, op.id}); });
      return "ok";
    case Op::get_nowait:
      return visit_queue(op.on, [](auto& queue) { return show(queue.get_nowait()); });
    case Op::task_done:
      visit_queue(op.on, [](auto& queue) { queue.task_done(); });
      return "ok";
    case Op::shutdown:
      visit_queue(op.on, [&](auto& queue) { queue.shutdown(op.flag); });
      return "ok";
    case Op::state:
      return state(static_cast<std::size_t>(op.on));
    case Op::reschedule:
      return reschedule(op);
    case Op::group_spawn:
      return group_spawn(op);
    default:
      return "not an operation for a callback";
  }
}

std::string Run::spawn(const Operation& op) {
  const int body = op.refs[0].index;
  return start_task(body, op.mode) ? latest_name(body) : "limit";
}

std::string Run::uncancel(const Operation& op) const {
  if (op.refs.empty()) return std::to_string(Loop::current().current_task()->uncancel());
  const auto found = tasks_.find(op.refs[0].index);
  return found == tasks_.end() ? "none" : std::to_string(found->second.uncancel());
}

std::string Run::set_var(const Operation& op) {
  tokens_.insert_or_assign(op.on, variable(op.on).set("v" + std::to_string(op.id)));
  return "ok";
}

std::string Run::get_var(const Operation& op) const { return variable(op.on).get("unset"); }

std::string Run::reset_var(const Operation& op) {
  const auto found = tokens_.find(op.on);
  if (found == tokens_.end()) return "none";
  variable(op.on).reset(found->second);
  return "ok";
}

std::string Run::result(const Operation& op) const {
  const AnyHandle handle = resolve(op.refs[0]);
  try {
    return std::visit(
        [](const auto& future) -> std::string {
          if constexpr (std::is_same_v<std::decay_t<decltype(future)>, std::monostate>) {
            return "none";
          } else {
            return show(future.result());
          }
        },
        handle);
  } catch (const CancelledError&) {
    return show(std::current_exception());
  }
}

std::string Run::exception(const Operation& op) const {
  FutureBase* future = base_of(resolve(op.refs[0]));
  if (!future) return "none";
  try {
    const std::exception_ptr error = future->exception();
    return error ? show(error) : "None";
  } catch (const CancelledError&) {
    return show(std::current_exception());
  }
}

std::string Run::add_callback(const Operation& op) {
  const AnyHandle handle = resolve(op.refs[0]);
  FutureBase* state = base_of(handle);
  if (!state) return "none";
  const std::uint32_t id = std::visit(
      [&](const auto& future) -> std::uint32_t {
        if constexpr (std::is_same_v<std::decay_t<decltype(future)>, std::monostate>) {
          return 0;
        } else {
          return future.add_done_callback([this, &op](const auto&) { act(op.blocks[0][0], op); });
        }
      },
      handle);
  callbacks_[state].push_back(id);
  return "ok";
}

std::string Run::remove_callback(const Operation& op) {
  FutureBase* state = base_of(resolve(op.refs[0]));
  const auto found = callbacks_.find(state);
  if (found == callbacks_.end() || found->second.empty()) return "none";
  const std::uint32_t id = found->second.back();
  found->second.pop_back();
  return std::to_string(state->remove_done_callback(id));
}

std::string Run::call_soon(const Operation& op) {
  const auto action = [this, &op] { act(op.blocks[0][0], op); };
  calls_.insert_or_assign(op.on, op.op == Op::call_soon ? coweave::call_soon(action)
                                                        : coweave::call_later(seconds(op.n), action));
  return "ok";
}

std::string Run::cancel_call(const Operation& op) const {
  const auto found = calls_.find(op.on);
  if (found == calls_.end()) return "none";
  found->second.cancel();
  return show(found->second.cancelled());
}

void Run::release(const Operation& op) const {
  switch (kind(op.on)) {
    case Kind::condition:
      return object<Condition>(op.on).release();
    case Kind::semaphore:
      return object<Semaphore>(op.on).release();
    case Kind::bounded:
      return object<BoundedSemaphore>(op.on).release();
    default:
      return object<Lock>(op.on).release();
  }
}

std::string Run::reschedule(const Operation& op) const {
  const auto found = timeouts_.find(op.on);
  if (found == timeouts_.end()) return "none";
  found->second->reschedule(
      op.n == no_timeout ? std::nullopt : std::optional<Duration>(Loop::current().time() + seconds(op.n)));
  return "ok";
}

std::string Run::group_spawn(const Operation& op) {
  const auto found = groups_.find(op.on);
  if (found == groups_.end()) return "none";
  const int body = op.refs[0].index;
  std::optional<Coro<Value>> coroutine = instance(body);
  if (!coroutine) return "limit";
  const Task<Value> task = found->second->create_task(std::move(*coroutine));
  adopt(body, task, latest_name(body));
  return latest_name(body);
}

}  // namespace coweave::conformance
