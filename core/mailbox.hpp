#pragma once

/// Where other threads leave handles for a loop, and what an idle loop sleeps on.
///
/// The loop and the jobs that run for it on other threads share it, so that a job which ends after the loop
/// has gone finds a closed mailbox.

#include <coweave/core/handle.hpp>
#include <coweave/core/timers.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace coweave::detail {

class Mailbox {
 public:
  /// Leaves `handle` for the loop and wakes it; from any thread. False if the loop is closed: then nothing
  /// has happened. As soon as it returns true the handle may have been run and destroyed.
  [[nodiscard]] bool post(Handle& handle);

  /// Sleeps until something is posted.
  void wait();
  /// Sleeps until something is posted or `delay` has passed on the steady clock.
  void wait(Duration delay);

  /// Takes what was posted, in order. Costs an atomic load if there is nothing.
  [[nodiscard]] std::vector<Handle*> collect();

  /// Closes the mailbox and takes what was left in it.
  [[nodiscard]] std::vector<Handle*> close();

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_up_;
  std::vector<Handle*> posted_;
  bool closed_ = false;

  std::atomic<bool> has_mail_ = false;  // whether posted_ holds something; written under the lock
};

}  // namespace coweave::detail
