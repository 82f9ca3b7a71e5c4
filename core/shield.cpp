#include <coweave/core/shield.hpp>

namespace coweave::detail {

void ShieldBase::start() {
  on_inner_.listen(inner_);
  on_outer_.listen(outer_);
}

void ShieldBase::detach() noexcept {
  on_inner_.leave();
  on_outer_.leave();
}

/// CPython's `_inner_done_callback` in `shield`.
void ShieldBase::inner_done(Handle& handle, Handle::Action action) {
  if (action != Handle::Action::run) return;
  ShieldBase& shield = static_cast<Listener&>(handle).shield;
  shield.outer_.observe_look();
  if (shield.outer_.done()) {
    shield.inner_.mark_retrieved();
  } else if (shield.inner_.cancelled()) {
    shield.outer_.cancel();
  } else {
    shield.copy_inner();
  }
}

void ShieldBase::copy_inner() {
  if (auto exception = inner_.exception()) return outer_.finish_with_exception(std::move(exception));
  try {
    keep_inner_result();
  } catch (...) {  // copying the result
    return outer_.finish_with_exception(std::current_exception());
  }
  outer_.finish_kept_result();
}

/// CPython's `_outer_done_callback`: what the inner future does from now on is no business of the shield.
void ShieldBase::outer_done(Handle& handle, Handle::Action action) {
  if (action != Handle::Action::run) return;
  ShieldBase& shield = static_cast<Listener&>(handle).shield;
  if (!shield.inner_.done()) shield.on_inner_.stop_listening();
}

}  // namespace coweave::detail
