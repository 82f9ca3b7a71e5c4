#pragma once

/// Keeping a cancellation away from something, as asyncio's `shield`.
///
///     const auto job = create_task(work());
///     co_await shield(job);     // cancelled here, the caller gets CancelledError, and the job goes on
///
/// It keeps away only what comes through it: if the job itself is cancelled, so is the shield.

#include <coweave/core/done_handle.hpp>
#include <coweave/core/ensure_future.hpp>

#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

namespace coweave {

namespace detail {

/// What every shield is, whatever its inner future gives.
class ShieldBase {
 public:
  ShieldBase(const ShieldBase&) = delete;
  ShieldBase& operator=(const ShieldBase&) = delete;

 protected:
  ShieldBase(FutureBase& outer, FutureBase& inner) noexcept : outer_(outer), inner_(inner) {}
  ~ShieldBase() = default;

  void start();
  /// Stops listening. To be called by the derived class before it lets go of the inner future.
  void detach() noexcept;

  /// The inner future has a result: takes it over.
  virtual void keep_inner_result() = 0;

 private:
  struct Listener final : DoneHandle {
    Listener(ShieldBase& shield_in, Run function) noexcept
        : DoneHandle(function, HandleKind::wait), shield(shield_in) {}
    ShieldBase& shield;
  };

  static void inner_done(Handle& handle, Handle::Action action);
  static void outer_done(Handle& handle, Handle::Action action);
  void copy_inner();

  FutureBase& outer_;
  FutureBase& inner_;
  Listener on_inner_{*this, &inner_done};
  Listener on_outer_{*this, &outer_done};
};

template <class T>
class ShieldState final : public FutureState<T>, private ShieldBase {
 public:
  explicit ShieldState(const Future<T>& inner)
      : FutureState<T>(inner.state().loop()),
        ShieldBase(static_cast<FutureBase&>(*this), inner.state()),
        inner_(&inner.state()) {
    start();
  }
  ~ShieldState() override { detach(); }

  void describe_awaited(WaitDescription& wait) override {
    inner_->describe_awaited(wait);
    wait.action = "shield";
  }

 private:
  void keep_inner_result() override {
    if constexpr (std::is_void_v<T>) {
      this->result_.set();
    } else {
      this->result_.set(inner_->template get_result<T>(false));
    }
  }

  Ref<FutureBase> inner_;
};

}  // namespace detail

/// A future that ends as `awaitable` does (a Coro, as a temporary, a Task or a Future) and whose cancellation
/// does not reach it. Its end is one iteration later; of a future that is done it is that future itself. What
/// ends the inner future after the shield was cancelled is for others to look at: an exception that nobody
/// retrieves is reported. A shield that nobody holds or awaits any more goes away, and the inner future runs
/// on.
template <detail::FutureLike Awaitable>
Future<detail::ValueOf<Awaitable>> shield(Awaitable&& awaitable,
                                          std::source_location at = std::source_location::current()) {
  using T = detail::ValueOf<Awaitable>;
  Future<T> inner = detail::ensure_future(std::forward<Awaitable>(awaitable), at);
  if (inner.done()) return inner;
  return Future<T>(detail::Ref<FutureBase>(new detail::ShieldState<T>(inner)));
}

}  // namespace coweave
