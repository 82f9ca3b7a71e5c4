/// asyncio.wait_for before Python 3.12 (bpo-42130): a cancellation that arrives in the same instant as the
/// result is swallowed, and the task that was told to stop goes on.

#include <coweave/coweave.hpp>

#include <cstdio>

using namespace coweave;
using namespace std::chrono_literals;

namespace wait_for {

struct Timeout {};

/// As CPython 3.8 to 3.11 wrote it: the awaitable runs in a task of its own, and the caller waits for a
/// helper future that the end of the task or of the time releases.
Coro<int> wait_for_before_312(Coro<int> coroutine, Duration timeout) {
  auto released = create_future();
  const auto release = [released] {
    if (!released.done()) released.set_result();
  };
  const CallHandle timer = call_later(timeout, release);
  auto inner = create_task(std::move(coroutine), {.name = "inner"});
  inner.add_done_callback([release](const Future<int>&) { release(); });
  bool cancelled = false;
  try {
    co_await released;
  } catch (const CancelledError&) {
    cancelled = true;
  }
  timer.cancel();
  if (inner.done()) co_return inner.result();  // the bug: what if `cancelled`?
  inner.cancel();
  try {
    co_await inner;
  } catch (const CancelledError&) {
  }
  if (cancelled) throw CancelledError();
  throw Timeout();
}

/// Cancels the task that makes it when the time is over, unless it is destroyed before.
class Deadline {
 public:
  explicit Deadline(Duration timeout)
      : task_(current_task()),
        requests_before_(task_.cancelling()),
        timer_(call_later(timeout, [this] { expire(); })) {}
  ~Deadline() { timer_.cancel(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  /// Whether a CancelledError that has arrived is its own and nobody else's.
  [[nodiscard]] bool is_to_blame() const { return expired_ && task_.uncancel() <= requests_before_; }

 private:
  void expire() {
    expired_ = true;
    task_.cancel();
  }

  AnyTask task_;
  std::uint32_t requests_before_;
  bool expired_ = false;
  CallHandle timer_;
};

/// As 3.12 does: the awaitable runs in the caller's own task, so there is no such instant.
Coro<int> wait_for_since_312(Coro<int> coroutine, Duration timeout) {
  const Deadline deadline(timeout);
  try {
    co_return co_await std::move(coroutine);
  } catch (const CancelledError&) {
    if (deadline.is_to_blame()) throw Timeout();
    throw;
  }
}

using WaitFor = Coro<int> (*)(Coro<int>, Duration);

Coro<int> next_job(Queue<int>& jobs) { co_return co_await jobs.get(); }

Coro<void> worker(Queue<int>& jobs, WaitFor wait_for) {
  for (;;) {
    try {
      const int job = co_await wait_for(next_job(jobs), 1h);
      note("does job", job);
    } catch (const Timeout&) {
      note("nothing to do");
    }
  }
}

Coro<void> producer(Queue<int>& jobs) {
  co_await sleep(1ms);
  co_await jobs.put(1);
}

/// Stops the worker at the instant in which the job comes; a worker that was told to stop must stop.
Coro<void> stop_worker(WaitFor wait_for) {
  Queue<int> jobs(0, "jobs");
  auto working = create_task(worker(jobs, wait_for), {.name = "worker"});
  auto producing = create_task(producer(jobs), {.name = "producer"});
  co_await sleep(1ms);
  working.cancel();
  co_await producing;
  co_await sleep(1s);
  COWEAVE_REQUIRE(working.done());
}

Coro<void> buggy() { return stop_worker(wait_for_before_312); }
Coro<void> fixed() { return stop_worker(wait_for_since_312); }

}  // namespace wait_for

#ifndef COWEAVE_DEMO  // which explores all examples, and has a main of its own
int main() {
  const Exploration bug = explore(wait_for::buggy, {.name = "wait-for", .runs = 1'000});
  const Exploration fix = explore(wait_for::fixed, {.name = "wait-for, mended", .runs = 100'000});
  std::puts((bug.report() + "\n" + fix.report()).c_str());
  return !bug.passed() && fix.passed() ? 0 : 1;
}
#endif
