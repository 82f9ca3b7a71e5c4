#include <coweave/core/foreign.hpp>

#include <coweave/core/errors.hpp>

#include <exception>
#include <string>

namespace coweave::detail {

struct Proxy::Frame {
  struct promise_type : Recycled {
    Frame get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
  std::coroutine_handle<> handle;
};

/// Announces from within its own suspension: once the task is queued another thread may run it, and that may
/// destroy the proxy.
struct Proxy::Announce {
  Proxy& proxy;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) const { proxy.resumed(); }
  void await_resume() const noexcept {}
};

Proxy::Frame Proxy::announce_forever(Proxy& proxy) {
  Announce announce{proxy};
  for (;;) co_await announce;
}

std::coroutine_handle<> Proxy::arm(PromiseBase& promise) {
  task_ = &task_of(promise);
  if (!coroutine_) coroutine_ = announce_forever(*this).handle;
  return coroutine_;
}

void Proxy::resumed() {
  Loop& loop = task_->loop();
  if (Loop::running() == &loop) {
    loop.enqueue(*task_);
  } else {
    loop.post(*task_);
  }
}

void deliver_request(TaskBase* task) {
  if (task && task->must_cancel()) task->throw_request();
}

}  // namespace coweave::detail
