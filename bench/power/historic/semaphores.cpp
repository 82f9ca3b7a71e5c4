/// A semaphore as asyncio's since 3.10.5: who wakes a waiter takes the permit for it.

#include <coweave/bench/power/historic/crew.hpp>
#include <coweave/bench/power/historic/historic.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/props/require.hpp>

#include <algorithm>

namespace coweave::bench::historic {

namespace {

using namespace std::chrono_literals;

enum class Defect {
  none,
  wakes_one_only,
  forgets_reserved,
  cancelled_always_wakes_next,
  cancelled_always_returns_permit,
};

class Semaphore {
 public:
  Semaphore(Defect defect, int value, int bound) noexcept : defect_(defect), value_(value), bound_(bound) {}

  Coro<void> acquire() {
    if (value_ > 0 &&
        std::all_of(line_.begin(), line_.end(), [](const auto& turn) { return turn.cancelled(); })) {
      --value_;
      co_return;
    }
    const Future<> turn = create_future();
    line_.push_back(turn);
    try {
      co_await turn;
    } catch (const CancelledError&) {
      std::erase(line_, turn);
      if (was_woken(turn)) --reserved_;
      if (was_woken(turn) || defect_ == Defect::cancelled_always_returns_permit) ++value_;
      if (defect_ == Defect::cancelled_always_wakes_next) wake_next();
      while (value_ > 0 && wake_next()) {
      }
      throw;
    }
    std::erase(line_, turn);
    --reserved_;
    if (defect_ == Defect::wakes_one_only) {
      if (value_ > 0) wake_next();
      co_return;
    }
    while (value_ > 0 && wake_next()) {
    }
  }

  /// False: it was released more often than it was acquired.
  bool release() {
    const int reserved = defect_ == Defect::forgets_reserved ? 0 : reserved_;
    if (value_ + reserved >= bound_) return false;
    ++value_;
    wake_next();
    return true;
  }

  [[nodiscard]] int value() const noexcept { return value_; }
  /// Whether a permit is free and somebody sleeps who could have it.
  [[nodiscard]] bool wastes_permits() { return value_ > 0 && first_asleep(line_) != line_.end(); }

 private:
  bool wake_next() {
    const auto next = first_asleep(line_);
    if (next == line_.end()) return false;
    --value_;
    ++reserved_;
    next->set_result();
    return true;
  }

  const Defect defect_;
  int value_;
  int reserved_ = 0;  ///< permits of those who were woken and have not run
  const int bound_;
  Line<> line_;
};

constexpr int unbounded = 1'000;

Coro<void> visit(Semaphore& semaphore, Room& room, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    co_await semaphore.acquire();
    const Visit stay(semaphore, room);
    co_await sleep(0s);
  }
}

/// Never more than there are permits are inside, and in the end all permits are back.
Coro<void> take_turns(Defect defect, int permits, int tasks) {
  Semaphore semaphore(defect, permits, unbounded);
  Room room(permits);
  Crew crew;
  for (int task = 0; task < tasks; ++task) crew.start(visit(semaphore, room, 1), "visitor");
  co_await crew.ended();
  COWEAVE_REQUIRE(semaphore.value() == permits);
}

Coro<void> release_and_acquire(Semaphore& semaphore, int permits) {
  for (int permit = 0; permit < permits; ++permit) semaphore.release();
  co_await semaphore.acquire();
  COWEAVE_REQUIRE(!semaphore.wastes_permits());
}

/// Who gets a permit sees that others are free, and that somebody waits.
Coro<void> several_permits(Defect defect) {
  Semaphore semaphore(defect, 0, unbounded);
  Crew crew;
  crew.start(release_and_acquire(semaphore, 0), "waits");
  crew.start(release_and_acquire(semaphore, 0), "waits");
  crew.start(release_and_acquire(semaphore, 4), "releases");
  crew.start(release_and_acquire(semaphore, 0), "waits");
  co_await crew.ended();
}

/// Releases once too often, and must be told, whoever waits.
Coro<void> release_twice(Defect defect) {
  Semaphore semaphore(defect, 1, 1);
  Room room;
  Crew crew;
  co_await semaphore.acquire();
  crew.start(visit(semaphore, room, 1), "visitor");
  co_await sleep(0s);
  semaphore.release();
  const bool too_often = !semaphore.release();
  COWEAVE_REQUIRE(too_often);
  co_await crew.ended();
}

}  // namespace

std::vector<HistoricBug> semaphores() {
  using enum traces::VerdictKind;
  return {
      {"B9", "Semaphore: several permits are free and one waiter is woken",
       [] { return several_permits(Defect::wakes_one_only); }, [] { return several_permits(Defect::none); },
       0, assertion},
      {"B10", "BoundedSemaphore: released too often while a woken waiter has not run",
       [] { return release_twice(Defect::forgets_reserved); }, [] { return release_twice(Defect::none); }, 0,
       assertion},
      {"S10", "Semaphore: whoever is cancelled wakes the next, permit or not",
       [] { return take_turns(Defect::cancelled_always_wakes_next, 1, 3); },
       [] { return take_turns(Defect::none, 1, 3); }, 1, assertion},
      {"S12", "Semaphore: who is cancelled returns a permit that it never had",
       [] { return take_turns(Defect::cancelled_always_returns_permit, 1, 2); },
       [] { return take_turns(Defect::none, 1, 2); }, 1, assertion},
  };
}

}  // namespace coweave::bench::historic
