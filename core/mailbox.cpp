#include <coweave/core/mailbox.hpp>

namespace coweave::detail {

bool Mailbox::post(Handle& handle) {
  // Notified under the lock: once the handle is seen the loop may run it and be destroyed with its mailbox.
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  posted_.push_back(&handle);
  has_mail_.store(true, std::memory_order_release);
  wake_up_.notify_one();
  return true;
}

void Mailbox::wait() {
  std::unique_lock lock(mutex_);
  wake_up_.wait(lock, [this] { return !posted_.empty(); });
}

void Mailbox::wait(Duration delay) {
  std::unique_lock lock(mutex_);
  wake_up_.wait_for(lock, delay, [this] { return !posted_.empty(); });
}

std::vector<Handle*> Mailbox::collect() {
  if (!has_mail_.load(std::memory_order_acquire)) return {};
  const std::lock_guard lock(mutex_);
  has_mail_.store(false, std::memory_order_relaxed);
  return std::exchange(posted_, {});
}

std::vector<Handle*> Mailbox::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  has_mail_.store(false, std::memory_order_relaxed);
  return std::exchange(posted_, {});
}

}  // namespace coweave::detail
