/// A lock as asyncio's: release wakes the first in line, who stays there until it takes the lock.

#include <coweave/bench/power/historic/crew.hpp>
#include <coweave/bench/power/historic/historic.hpp>
#include <coweave/core/lock.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/props/require.hpp>

#include <algorithm>

namespace coweave::bench::historic {

namespace {

using namespace std::chrono_literals;

enum class Defect {
  none,
  no_hand_over,
  queue_must_be_empty,
  no_hand_over_and_queue_must_be_empty,
  wakes_first_asleep,
  ignores_queue,
};

class OwnLock {
 public:
  explicit OwnLock(Defect defect) noexcept
      : hands_over_(defect != Defect::no_hand_over && defect != Defect::no_hand_over_and_queue_must_be_empty),
        queue_must_be_empty_(defect == Defect::queue_must_be_empty ||
                             defect == Defect::no_hand_over_and_queue_must_be_empty),
        wakes_first_asleep_(defect == Defect::wakes_first_asleep),
        ignores_queue_(defect == Defect::ignores_queue) {}

  Coro<void> acquire() {
    if (!locked_ && newcomer_may_pass()) {
      locked_ = true;
      co_return;
    }
    const Future<> turn = create_future();
    line_.push_back(turn);
    try {
      co_await turn;
    } catch (const CancelledError&) {
      std::erase(line_, turn);
      if (!locked_ && hands_over_) wake_next();
      throw;
    }
    std::erase(line_, turn);
    locked_ = true;
  }

  void release() {
    locked_ = false;
    wake_next();
  }

 private:
  [[nodiscard]] bool newcomer_may_pass() const {
    if (ignores_queue_) return true;
    if (queue_must_be_empty_) return line_.empty();
    return std::all_of(line_.begin(), line_.end(), [](const Future<>& turn) { return turn.cancelled(); });
  }

  void wake_next() {
    if (line_.empty()) return;
    const auto next = wakes_first_asleep_ ? first_asleep(line_) : line_.begin();
    if (next != line_.end() && !next->done()) next->set_result();
  }

  const bool hands_over_;
  const bool queue_must_be_empty_;
  const bool wakes_first_asleep_;
  const bool ignores_queue_;
  bool locked_ = false;
  Line<> line_;
};

Coro<void> visit(OwnLock& lock, Room& room, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    co_await lock.acquire();
    const Visit stay(lock, room);
    co_await sleep(0s);
  }
}

/// So many tasks take turns.
Coro<void> take_turns(Defect defect, int tasks, int rounds) {
  OwnLock lock(defect);
  Room room;
  Crew crew;
  for (int task = 0; task < tasks; ++task) crew.start(visit(lock, room, rounds), "visitor");
  co_await crew.ended();
}

/// The owner gives the lock away and takes it again. If the one who waited for it has been cancelled, nobody
/// comes first, and that must not suspend.
Coro<void> take_again(Defect defect) {
  OwnLock lock(defect);
  Room room;
  Crew crew;
  co_await lock.acquire();
  const Task<>& waiter = crew.start(visit(lock, room, 1), "waiter");
  for (int turn = 0; turn < 3; ++turn) co_await sleep(0s);
  lock.release();
  const bool nobody_waits = waiter.done() || waiter.cancelling() > 0;
  const std::uint64_t step = sim::Simulation::running()->steps();
  co_await lock.acquire();
  if (nobody_waits) COWEAVE_REQUIRE(sim::Simulation::running()->steps() == step);
  lock.release();
  co_await crew.ended();
}

struct Tickets {
  int given = 0;
  int served = 0;
};

Coro<void> stand_in_line(OwnLock& lock, Tickets& tickets) {
  for (int round = 0; round < 2; ++round) {
    const int ticket = ++tickets.given;
    co_await lock.acquire();
    COWEAVE_REQUIRE(ticket > tickets.served);
    tickets.served = ticket;
    co_await sleep(0s);
    lock.release();
  }
}

/// Nobody is served before who came first.
Coro<void> in_order(Defect defect) {
  OwnLock lock(defect);
  Tickets tickets;
  Crew crew;
  for (int task = 0; task < 2; ++task) crew.start(stand_in_line(lock, tickets), "customer");
  co_await crew.ended();
}

/// anyio's acquire: it gives way also if the lock was free. `guards` is the fix: whoever is cancelled there
/// has the lock already.
Coro<void> acquire_and_give_way(OwnLock& lock, bool guards) {
  co_await lock.acquire();
  try {
    co_await sleep(0s);
  } catch (const CancelledError&) {
    if (guards) lock.release();
    throw;
  }
}

Coro<void> visit_politely(OwnLock& lock, Room& room, bool guards) {
  co_await acquire_and_give_way(lock, guards);
  const Visit stay(lock, room);
}

Coro<void> give_way(bool guards) {
  OwnLock lock(Defect::none);
  Room room;
  Crew crew;
  for (int task = 0; task < 2; ++task) crew.start(visit_politely(lock, room, guards), "visitor");
  co_await crew.ended();
}

/// Code that looks whether the lock is free and concludes that taking it does not suspend. `trusts` is the
/// mistake: the balance is read before the lock is held.
Coro<void> deposit(coweave::Lock& lock, int& balance, bool trusts) {
  const bool is_free = !lock.locked();
  int before = balance;
  co_await lock.acquire();
  if (!is_free || !trusts) before = balance;
  co_await sleep(0s);
  balance = before + 1;
  lock.release();
}

Coro<void> deposit_after(coweave::Lock& lock, int& balance) {
  co_await lock.acquire();
  ++balance;
  lock.release();
}

Coro<void> look_before_locking(bool trusts) {
  coweave::Lock lock("lock");
  int balance = 0;
  Crew crew;
  co_await lock.acquire();
  crew.start(deposit_after(lock, balance), "in line");
  crew.start(deposit(lock, balance, trusts), "looks first");
  co_await sleep(0s);
  lock.release();
  co_await crew.ended();
  COWEAVE_REQUIRE(balance == 2);
}

}  // namespace

std::vector<HistoricBug> locks() {
  using enum traces::VerdictKind;
  return {
      {"B1", "Lock: who was woken and is cancelled hands nothing over",
       [] { return take_turns(Defect::no_hand_over, 3, 1); }, [] { return take_turns(Defect::none, 3, 1); },
       1, deadlock},
      {"S2", "Lock: a cancelled waiter holds a newcomer up",
       [] { return take_again(Defect::queue_must_be_empty); }, [] { return take_again(Defect::none); }, 1,
       assertion},
      {"S2b", "Lock: so, and nothing is handed over",
       [] { return take_turns(Defect::no_hand_over_and_queue_must_be_empty, 2, 2); },
       [] { return take_turns(Defect::none, 2, 2); }, 1, deadlock},
      {"B3", "Lock: who is cancelled wakes another though one was woken",
       [] { return take_turns(Defect::wakes_first_asleep, 4, 1); },
       [] { return take_turns(Defect::none, 4, 1); }, 1, assertion},
      {"B4", "Lock: locked() is false and acquire() waits all the same",
       [] { return look_before_locking(true); }, [] { return look_before_locking(false); }, 0, assertion},
      {"S4", "Lock: a newcomer passes the one who was woken", [] { return in_order(Defect::ignores_queue); },
       [] { return in_order(Defect::none); }, 0, assertion},
      {"S6", "Lock: cancelled where it gives way after taking it, it keeps it",
       [] { return give_way(false); }, [] { return give_way(true); }, 1, deadlock},
  };
}

}  // namespace coweave::bench::historic
