/// A semaphore of which everybody takes as much as it needs, first come first served.

#include <coweave/bench/power/historic/crew.hpp>
#include <coweave/bench/power/historic/historic.hpp>
#include <coweave/core/sleep.hpp>

#include <deque>

namespace coweave::bench::historic {

namespace {

using namespace std::chrono_literals;

class WeightedSemaphore {
 public:
  WeightedSemaphore(int size, bool notifies) noexcept : free_(size), notifies_(notifies) {}

  Coro<void> acquire(int weight) {
    if (line_.empty() && weight <= free_) {
      free_ -= weight;
      co_return;
    }
    const Future<> turn = create_future();
    line_.push_back({weight, turn});
    try {
      co_await turn;
    } catch (const CancelledError&) {
      if (was_woken(turn)) {
        release(weight);
      } else {
        std::erase_if(line_, [&](const Waiter& waiter) { return waiter.turn == turn; });
        if (notifies_) admit();
      }
      throw;
    }
  }

  void release(int weight) {
    free_ += weight;
    admit();
  }

 private:
  struct Waiter {
    int weight;
    Future<> turn;
  };

  /// Lets in whoever stands in front and fits.
  void admit() {
    while (!line_.empty()) {
      const Waiter first = line_.front();
      if (!first.turn.done() && first.weight > free_) return;
      line_.pop_front();
      if (first.turn.done()) continue;
      free_ -= first.weight;
      first.turn.set_result();
    }
  }

  int free_;
  const bool notifies_;
  std::deque<Waiter> line_;
};

Coro<void> work(WeightedSemaphore& semaphore, int weight) {
  co_await semaphore.acquire(weight);
  semaphore.release(weight);
}

/// A small job waits behind a large one for which there is no room. When the large one has gone the small one
/// fits.
Coro<void> small_behind_large(bool notifies) {
  WeightedSemaphore semaphore(10, notifies);
  Crew crew;
  co_await semaphore.acquire(9);
  const Task<> large = crew.start(work(semaphore, 5), "large");
  const Task<> small = crew.start(work(semaphore, 1), "small");
  co_await sleep(1ms);
  if (large.done()) co_await ended(small);
  semaphore.release(9);
  co_await crew.ended();
}

}  // namespace

std::vector<HistoricBug> weighted_semaphores() {
  using enum traces::VerdictKind;
  return {
      {"S16", "weighted Semaphore: the first in line goes and nobody tells the second that it fits",
       [] { return small_behind_large(false); }, [] { return small_behind_large(true); }, 1, deadlock},
  };
}

}  // namespace coweave::bench::historic
