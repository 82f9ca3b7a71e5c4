#include <coweave/core/loop.hpp>

#include <coweave/core/check.hpp>
#include <coweave/core/errors.hpp>
#include <coweave/core/task.hpp>

#include <atomic>

namespace coweave {

constinit thread_local Loop* Loop::running_ = nullptr;

namespace {
thread_local Loop* first_alive = nullptr;
}

const char* to_string(Verb verb) noexcept {
  switch (verb) {
    case Verb::read:
      return "read";
    case Verb::write:
      return "write";
    case Verb::update:
      return "update";
    case Verb::acquire:
      return "acquire";
    case Verb::release:
      return "release";
    case Verb::wait:
      return "wait";
    case Verb::set:
      return "set";
    case Verb::clear:
      return "clear";
    case Verb::notify:
      return "notify";
    case Verb::leave:
      return "leave";
    case Verb::reset:
      return "reset";
    case Verb::abort:
      return "abort";
    case Verb::put:
      return "put";
    case Verb::get:
      return "get";
    case Verb::task_done:
      return "task_done";
    case Verb::shutdown:
      return "shutdown";
    case Verb::result:
      return "set_result";
    case Verb::exception:
      return "set_exception";
    case Verb::cancel:
      return "cancel";
  }
  return "?";
}

namespace {

/// The numbers of epochs that a thread may give: it gets them by the block, so that no two threads give the
/// same and the counter that they share is seldom asked.
std::uint32_t next_epoch() noexcept {
  static constexpr std::uint32_t block = 256;
  static std::atomic<std::uint32_t> blocks = 0;
  thread_local std::uint32_t next = 0;
  if (next % block == 0) next = block * blocks.fetch_add(1, std::memory_order_relaxed) + 1;
  return next++;
}

}  // namespace

Loop::Loop() : epoch_(next_epoch()), next_alive_(std::exchange(first_alive, this)) {}

Loop::~Loop() { retire(); }

void Loop::retire() noexcept {
  if (std::exchange(retired_, true)) return;
  Loop** link = &first_alive;
  while (*link && *link != this) link = &(*link)->next_alive_;
  COWEAVE_INTERNAL_CHECK(*link, "a loop is destroyed on the thread that made it");
  *link = next_alive_;
}

Loop& Loop::current() {
  if (!running_)
    throw RuntimeError("no running event loop: call this from within run(), explore() or a callback");
  return *running_;
}

bool Loop::alive(const Loop* loop) noexcept {
  if (loop == running_) return true;
  for (const Loop* other = first_alive; other; other = other->next_alive_) {
    if (other == loop) return true;
  }
  return false;
}

void Loop::require_alive(const Loop* loop) {
  if (!alive(loop)) throw RuntimeError("Event loop is closed, or belongs to another thread");
}

void Loop::sign(detail::Handle& handle) noexcept {
  handle.owner_ = current_task_ ? current_task_->serial() : 0;
  handle.ordinal_ = current_task_ ? ++current_task_->handles_made_ : ++last_handle_;
  if (Observer* observer = this->observer(heard::wakes)) [[unlikely]]
    observer->wanted(handle);
}

void Loop::forget(detail::Handle& handle) noexcept {
  if (!handle.queued()) return;
  const std::size_t position = ready_.position_of(handle);
  if (position < batch_) --batch_;
  ready_.take(position);
  if (Observer* observer = this->observer(heard::wakes)) [[unlikely]]
    observer->forgotten(handle);
}

void Loop::forget(detail::Timer& timer) noexcept {
  timers_.cancel(timer);
  forget(static_cast<detail::Handle&>(timer));
}

Loop::Running::Running(Loop& loop) {
  if (running_ == &loop) throw RuntimeError("This event loop is already running");
  if (running_) throw RuntimeError("Cannot run the event loop while another loop is running");
  loop.context_ = detail::inherited_context();
  running_ = &loop;
}

Loop::Running::~Running() {
  running_->context_ = {};
  running_ = nullptr;
}

void Loop::begin_epoch() noexcept {
  COWEAVE_INTERNAL_CHECK(live_tasks_ == 0 && ready_.empty(),
                         "an epoch begins when nothing is left of the last one");
  ready_.rewind();
  timers_.clear();
  batch_ = 0;
  last_task_ = last_object_ = last_handle_ = last_birth_ = last_done_ = 0;
  eager_tasks_ = false;
  epoch_ = next_epoch();
}

void Loop::discard_handles() noexcept {
  while (!ready_.empty()) ready_.take_first().discard();
  while (!timers_.empty()) timers_.pop().discard();
}

void Loop::destroy_tasks() noexcept {
  // Whatever a destructor wakes on the way is discarded at once, so that no queue holds a task that is gone.
  discard_handles();
  while (!tasks_.alone()) {
    TaskBase& task = TaskBase::from_link(*tasks_.previous);
    current_task_ = &task;
    task.destroy_frames();
    current_task_ = nullptr;
    discard_handles();
    task.unlink();
    --live_tasks_;
    // A handle of the task may outlive it, and a callback may hold such a handle.
    task.discard_done_callbacks();
    task.drop_reference();
  }
  discard_handles();
}

}  // namespace coweave
