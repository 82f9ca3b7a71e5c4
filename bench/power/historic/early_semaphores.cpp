/// A semaphore as asyncio's before 3.10.5: a wake-up reserves nothing, and who was woken looks again.

#include <coweave/bench/power/historic/crew.hpp>
#include <coweave/bench/power/historic/historic.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/props/require.hpp>

namespace coweave::bench::historic {

namespace {

using namespace std::chrono_literals;

enum class Defect { none, barging, flag_stays_up, no_hand_over };

/// Of one permit. While a wake-up is under way newcomers queue.
class EarlySemaphore {
 public:
  EarlySemaphore(Defect defect, int value) noexcept : defect_(defect), value_(value) {}

  Coro<void> acquire() {
    while (value_ == 0 || (wake_up_scheduled_ && defect_ != Defect::barging)) {
      const Future<> turn = create_future();
      line_.push_back(turn);
      try {
        co_await turn;
      } catch (const CancelledError&) {
        std::erase(line_, turn);
        if (was_woken(turn) && defect_ != Defect::flag_stays_up) wake_up_scheduled_ = false;
        if (was_woken(turn) && value_ > 0 && defect_ != Defect::no_hand_over) wake_next();
        throw;
      }
      wake_up_scheduled_ = false;
    }
    --value_;
  }

  void release() {
    ++value_;
    wake_next();
  }

 private:
  void wake_next() {
    const auto next = first_asleep(line_);
    if (next == line_.end()) return;
    const Future<> turn = *next;
    line_.erase(next);
    wake_up_scheduled_ = true;
    turn.set_result();
  }

  const Defect defect_;
  int value_;
  bool wake_up_scheduled_ = false;
  Line<> line_;
};

struct Tickets {
  int given = 0;
  int served = 0;
};

Coro<void> stand_in_line(EarlySemaphore& semaphore, Tickets& tickets) {
  for (int round = 0; round < 3; ++round) {
    const int ticket = ++tickets.given;
    co_await semaphore.acquire();
    COWEAVE_REQUIRE(ticket == tickets.served + 1);
    tickets.served = ticket;
    co_await sleep(0s);
    semaphore.release();
  }
}

/// Two alternate.
Coro<void> in_order(Defect defect) {
  EarlySemaphore semaphore(defect, 1);
  Tickets tickets;
  Crew crew;
  for (int task = 0; task < 2; ++task) crew.start(stand_in_line(semaphore, tickets), "customer");
  co_await crew.ended();
}

Coro<void> visit(EarlySemaphore& semaphore, Room& room) {
  co_await semaphore.acquire();
  const Visit stay(semaphore, room);
  co_await sleep(0s);
}

/// So many tasks, and when they have ended one more.
Coro<void> take_turns(Defect defect, int tasks) {
  EarlySemaphore semaphore(defect, 1);
  Room room;
  Crew crew;
  for (int task = 0; task < tasks; ++task) crew.start(visit(semaphore, room), "visitor");
  co_await crew.ended();
  co_await visit(semaphore, room);
}

}  // namespace

std::vector<HistoricBug> early_semaphores() {
  using enum traces::VerdictKind;
  return {
      {"B6/S14", "Semaphore: the releaser takes its permit back before the one it woke",
       [] { return in_order(Defect::barging); }, [] { return in_order(Defect::none); }, 0, assertion},
      {"B7/S8", "Semaphore: the flag of a wake-up stays up when the woken one is cancelled",
       [] { return take_turns(Defect::flag_stays_up, 2); }, [] { return take_turns(Defect::none, 2); }, 1,
       deadlock},
      {"B8", "Semaphore: who was woken and is cancelled wakes nobody",
       [] { return take_turns(Defect::no_hand_over, 3); }, [] { return take_turns(Defect::none, 3); }, 1,
       deadlock},
  };
}

}  // namespace coweave::bench::historic
