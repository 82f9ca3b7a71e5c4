/// A condition as asyncio's: wait gives the lock up, and leaves with the lock held however it leaves.

#include <coweave/bench/power/historic/crew.hpp>
#include <coweave/bench/power/historic/historic.hpp>
#include <coweave/core/condition.hpp>
#include <coweave/core/event.hpp>
#include <coweave/core/lock.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/props/require.hpp>

#include <exception>

namespace coweave::bench::historic {

namespace {

using namespace std::chrono_literals;

enum class Defect { none, leaves_without_lock, swallows_cancellation, loses_notification, replaces_error };

class OwnCondition {
 public:
  explicit OwnCondition(Defect defect) noexcept : defect_(defect) {}

  [[nodiscard]] Lock& lock() noexcept { return lock_; }

  Coro<void> wait() {
    std::exception_ptr cancellation;
    const Future<> told = create_future();
    line_.push_back(told);
    lock_.release();
    try {
      co_await told;
    } catch (const CancelledError&) {
      cancellation = std::current_exception();
    }
    std::erase(line_, told);
    for (;;) {
      try {
        co_await lock_.acquire();
        break;
      } catch (const CancelledError&) {
        if (defect_ == Defect::leaves_without_lock) throw;
        if (defect_ == Defect::swallows_cancellation) continue;
        cancellation = std::current_exception();
        if (defect_ == Defect::replaces_error) cancellation = std::make_exception_ptr(CancelledError());
      }
    }
    if (!cancellation) co_return;
    if (defect_ != Defect::loses_notification) notify();
    std::rethrow_exception(cancellation);
  }

  void notify() {
    const auto first = first_asleep(line_);
    if (first != line_.end()) first->set_result();
  }
  void notify_all() {
    for (const Future<>& told : line_) {
      if (!told.done()) told.set_result();
    }
  }

 private:
  const Defect defect_;
  Lock lock_{"lock"};
  Line<> line_;
};

struct Store {
  explicit Store(Defect defect) noexcept : changed(defect) {}
  OwnCondition changed;
  Room room;
  int items = 0;
  bool closed = false;
  Event taken{"taken"};
};

/// Waits in the room; outside while it sleeps.
Coro<void> wait_outside(Store& store) {
  store.room.leave();
  try {
    co_await store.changed.wait();
  } catch (const CancelledError& error) {
    COWEAVE_REQUIRE(store.changed.lock().locked());
    COWEAVE_REQUIRE(!error.message().empty());
    store.room.enter();
    throw;
  }
  store.room.enter();
}

Coro<void> consume(Store& store) {
  co_await store.changed.lock().acquire();
  const Visit stay(store.changed.lock(), store.room);
  while (store.items == 0 && !store.closed) co_await wait_outside(store);
  if (store.items == 0) co_return;
  --store.items;
  store.taken.set();
}

/// One item for so many consumers; when it has been taken the store closes.
Coro<void> one_item(Defect defect, int consumers) {
  Store store(defect);
  Crew crew;
  for (int consumer = 0; consumer < consumers; ++consumer) crew.start(consume(store), "consumer");
  co_await sleep(0s);
  co_await store.changed.lock().acquire();
  {
    const Visit stay(store.changed.lock(), store.room);
    ++store.items;
    store.changed.notify();
    for (int turn = 0; turn < 2; ++turn) co_await sleep(0s);
  }
  if (consumers > 1) co_await store.taken.wait();
  co_await store.changed.lock().acquire();
  {
    const Visit stay(store.changed.lock(), store.room);
    store.closed = true;
    store.changed.notify_all();
  }
  co_await crew.ended();
  crew.require_obedience();
}

Coro<void> proceed(Condition& ready, bool& is_ready, bool looks_again) {
  co_await ready.acquire();
  const Scope<Condition> held(ready);
  if (looks_again) {
    while (!is_ready) co_await ready.wait();
  } else {
    co_await ready.wait();
  }
  COWEAVE_REQUIRE(is_ready);
}

/// Code that takes a return from wait for the event itself. asyncio's condition (3.13) wakes another waiter
/// when one is cancelled, because that may have been notified.
Coro<void> two_wait(bool looks_again) {
  Condition ready;
  bool is_ready = false;
  Crew crew;
  for (int waiter = 0; waiter < 2; ++waiter) crew.start(proceed(ready, is_ready, looks_again), "waiter");
  co_await sleep(1ms);
  co_await ready.acquire();
  is_ready = true;
  ready.notify_all();
  ready.release();
  co_await crew.ended();
}

}  // namespace

std::vector<HistoricBug> conditions() {
  using enum traces::VerdictKind;
  return {
      {"B11", "Condition: wait leaves without the lock when it is cancelled while it gets it back",
       [] { return one_item(Defect::leaves_without_lock, 1); }, [] { return one_item(Defect::none, 1); }, 1,
       assertion},
      {"B12/S18", "Condition: so it stays, and the cancellation is forgotten",
       [] { return one_item(Defect::swallows_cancellation, 1); }, [] { return one_item(Defect::none, 1); }, 1,
       assertion},
      {"B13", "Condition: who was notified and is cancelled notifies nobody",
       [] { return one_item(Defect::loses_notification, 2); }, [] { return one_item(Defect::none, 2); }, 1,
       deadlock},
      {"B14", "Condition: another CancelledError takes the place of the one that came, without its message",
       [] { return one_item(Defect::replaces_error, 1); }, [] { return one_item(Defect::none, 1); }, 2,
       assertion},
      {"S20", "Condition: code that does not look again after wait", [] { return two_wait(false); },
       [] { return two_wait(true); }, 1, assertion},
  };
}

}  // namespace coweave::bench::historic
