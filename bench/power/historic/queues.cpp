/// A queue as asyncio's: items stay in it until a getter takes them, and a wake-up only says to look.

#include <coweave/bench/power/historic/crew.hpp>
#include <coweave/bench/power/historic/historic.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/props/require.hpp>

#include <deque>
#include <optional>

namespace coweave::bench::historic {

namespace {

using namespace std::chrono_literals;

enum class Defect { none, item_travels_in_future, no_hand_over, hands_over_unasked, keeps_stale_getters };

class OwnQueue {
 public:
  explicit OwnQueue(Defect defect) noexcept : defect_(defect) {}

  Coro<int> get() {
    while (items_.empty()) {
      const auto turn = create_future<std::optional<int>>();
      getters_.push_back(turn);
      std::optional<int> handed;
      try {
        handed = co_await turn;
      } catch (const CancelledError&) {
        if (defect_ != Defect::keeps_stale_getters) std::erase(getters_, turn);
        if (was_woken(turn)) --woken_;
        if (was_woken(turn) || defect_ == Defect::hands_over_unasked) hand_over();
        throw;
      }
      --woken_;
      if (handed) co_return *handed;
    }
    const int item = items_.front();
    items_.pop_front();
    co_return item;
  }

  void put(int item) {
    if (defect_ == Defect::item_travels_in_future && wake_next(item)) return;
    items_.push_back(item);
    wake_next(std::nullopt);
  }

  [[nodiscard]] int size() const noexcept { return static_cast<int>(items_.size()); }
  /// Getters that were woken and have not run.
  [[nodiscard]] int woken() const noexcept { return woken_; }
  /// Getters that stand in line.
  [[nodiscard]] std::size_t getters() const noexcept { return getters_.size(); }

 private:
  void hand_over() {
    if (defect_ != Defect::no_hand_over && !items_.empty()) wake_next(std::nullopt);
  }

  bool wake_next(std::optional<int> item) {
    while (!getters_.empty()) {
      const auto first = getters_.front();
      getters_.pop_front();
      if (first.done()) continue;
      ++woken_;
      first.set_result(item);
      return true;
    }
    return false;
  }

  const Defect defect_;
  int woken_ = 0;
  std::deque<int> items_;
  Line<std::optional<int>> getters_;
};

Coro<void> get_one(OwnQueue& queue, int& got) {
  try {
    co_await queue.get();
  } catch (const CancelledError&) {
    COWEAVE_REQUIRE(queue.woken() <= queue.size());
    throw;
  }
  ++got;
}

/// So many getters wait, and so many items come: every item is got or still there.
Coro<void> nothing_is_lost(Defect defect, int getters, int items) {
  OwnQueue queue(defect);
  int got = 0;
  Crew crew;
  for (int getter = 0; getter < getters; ++getter) crew.start(get_one(queue, got), "getter");
  co_await sleep(1ms);
  for (int item = 0; item < items; ++item) {
    queue.put(item);
    co_await sleep(0s);
  }
  co_await sleep(1ms);
  COWEAVE_REQUIRE(got + queue.size() == items);
  for (int more = items; more < getters; ++more) queue.put(more);
  co_await crew.ended();
}

/// Two getters and one item, and nothing else comes before that has been taken.
Coro<void> one_item(Defect defect) {
  OwnQueue queue(defect);
  int got = 0;
  Crew crew;
  for (int getter = 0; getter < 2; ++getter) crew.start(get_one(queue, got), "getter");
  co_await sleep(0s);
  queue.put(1);
  co_await sleep(1ms);
  if (crew.cancelled() == 0) queue.put(2);
  co_await crew.ended();
}

/// A getter that has gone leaves nothing behind.
Coro<void> nothing_is_left(Defect defect) {
  OwnQueue queue(defect);
  int got = 0;
  Crew crew;
  crew.start(get_one(queue, got), "getter");
  co_await sleep(1ms);
  if (crew.cancelled() == 0) queue.put(1);
  co_await crew.ended();
  COWEAVE_REQUIRE(queue.getters() == 0);
}

}  // namespace

std::vector<HistoricBug> queues() {
  using enum traces::VerdictKind;
  return {
      {"B16/S24", "Queue: an item travels in the future of a getter, and is lost with it",
       [] { return nothing_is_lost(Defect::item_travels_in_future, 2, 1); },
       [] { return nothing_is_lost(Defect::none, 2, 1); }, 1, assertion},
      {"B16b", "Queue: a getter that was woken and is cancelled wakes nobody",
       [] { return one_item(Defect::no_hand_over); }, [] { return one_item(Defect::none); }, 1, deadlock},
      {"B24/S26", "Queue: a getter that is cancelled wakes another for an item that it was not woken for",
       [] { return nothing_is_lost(Defect::hands_over_unasked, 3, 2); },
       [] { return nothing_is_lost(Defect::none, 3, 2); }, 1, assertion},
      {"B19/S28", "Queue: getters that were cancelled stay in line",
       [] { return nothing_is_left(Defect::keeps_stale_getters); },
       [] { return nothing_is_left(Defect::none); }, 1, assertion},
  };
}

}  // namespace coweave::bench::historic
