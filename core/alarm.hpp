#pragma once

/// The timer of something that may take only so long: calls a member function of whoever embeds it.

#include <coweave/core/handle.hpp>
#include <coweave/core/loop.hpp>
#include <coweave/core/timers.hpp>

#include <cstdint>

namespace coweave::detail {

/// Calls `owner.*rings` when it runs. Its owner disarms it before it goes.
template <class Owner, void (Owner::*rings)()>
class Alarm final : public Timer {
 public:
  /// `task`: serial number of the task on whose behalf it runs, 0: the loop itself.
  Alarm(Owner& owner, HandleKind kind, std::uint32_t task = 0) noexcept : Timer(&ring, kind), owner_(owner) {
    Handle::owner_ = task;
  }

  /// Takes it out of the timers, or out of the ready queue.
  void disarm(Loop& loop) noexcept {
    if (armed() || queued()) loop.forget(*this);
  }

 private:
  static void ring(Handle& handle, Action action) {
    if (action == Action::run) (static_cast<Alarm&>(handle).owner_.*rings)();
  }

  Owner& owner_;
};

}  // namespace coweave::detail
