#include <coweave/core/callback.hpp>

#include <coweave/core/future.hpp>

namespace coweave::detail {

CallbackBase::CallbackBase(Loop& loop, HandleKind kind) noexcept
    : Timer(&leave_queue, kind), loop_(&loop), context_(inherited_context()) {}

Loop& loop_for(const CallOptions& options) {
  if (!options.loop) return Loop::current();
  options.loop->require_usable();
  return *options.loop;
}

void CallbackBase::cancel() noexcept {
  if (cancelled_) return;
  cancelled_ = true;
  if (Observer* observer = loop_->observer(heard::uses)) [[unlikely]]
    observer->touched(Access::write, {});  // that the function was called is known to nobody
  if (Observer* observer = loop_->observer(heard::wakes)) [[unlikely]]
    observer->unwanted(*this);
  drop_function();
  if (queued() || armed()) {
    loop_->forget(*this);
    drop_reference();
  }
}

void CallbackBase::leave_queue(Handle& handle, Action action) {
  auto& callback = static_cast<CallbackBase&>(handle);
  if (action == Action::run) {
    callback.call_in_context();
  } else {
    if (Observer* observer = Loop::observed(heard::wakes)) [[unlikely]]
      observer->unwanted(callback);
    callback.drop_function();
  }
  if (callback.kept_) std::exchange(callback.kept_, nullptr)->drop_reference();
  callback.drop_reference();
}

void CallbackBase::call_in_context() noexcept {
  ContextRef outer = std::exchange(loop_->context_, std::move(context_));
  try {
    call();
  } catch (...) {
    loop_->report(
        {Report::Kind::callback_raised, "Exception in callback", std::current_exception(), nullptr, {}});
  }
  loop_->context_ = std::move(outer);
}

void CallbackBase::keep(FutureBase& future) noexcept {
  future.add_reference();
  kept_ = &future;
}

}  // namespace coweave::detail
