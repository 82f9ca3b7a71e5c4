/// Two queues of one place: one whose putters wait to put, and one whose putters leave their item and wait
/// until it is in.

#include <coweave/bench/power/historic/crew.hpp>
#include <coweave/bench/power/historic/historic.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/props/require.hpp>

#include <deque>
#include <optional>

namespace coweave::bench::historic {

namespace {

using namespace std::chrono_literals;

/// Of who polls: mostly none, and sometimes one, so that the others get on.
Duration pause_before(int poll) { return poll % 4 == 0 ? 1ms : 0ms; }

/// `barging`: a newcomer may take the place that a woken putter was woken for.
class Mailbox {
 public:
  explicit Mailbox(bool barging) noexcept : barging_(barging) {}

  Coro<void> put(int item) {
    if (full() || (!barging_ && !putters_.empty())) {
      do {
        const Future<> turn = create_future();
        putters_.push_back(turn);
        try {
          co_await turn;
        } catch (const CancelledError&) {
          std::erase(putters_, turn);
          if (!full()) wake_next();
          throw;
        }
        std::erase(putters_, turn);
      } while (full());
    }
    item_ = item;
  }

  std::optional<int> get_nowait() {
    const std::optional<int> item = std::exchange(item_, std::nullopt);
    if (item) wake_next();
    return item;
  }

 private:
  [[nodiscard]] bool full() const noexcept { return item_.has_value(); }
  void wake_next() {
    if (!putters_.empty() && !putters_.front().done()) putters_.front().set_result();
  }

  const bool barging_;
  std::optional<int> item_;
  Line<> putters_;
};

Coro<void> send(Mailbox& mailbox, int& numbers, int letters) {
  for (int letter = 0; letter < letters; ++letter) co_await mailbox.put(++numbers);
}

/// Letters arrive in the order in which they were sent.
Coro<void> in_order(bool barging) {
  Mailbox mailbox(barging);
  int numbers = 0;
  Crew crew;
  for (int sender = 0; sender < 2; ++sender) crew.start(send(mailbox, numbers, 2), "sender");
  for (int next = 1, polls = 0; next <= 4;) {
    co_await sleep(pause_before(++polls));
    const std::optional<int> letter = mailbox.get_nowait();
    if (!letter) continue;
    COWEAVE_REQUIRE(*letter == next);
    ++next;
  }
  co_await crew.ended();
}

/// `skips_cancelled` is the fix: putters that were cancelled do not count.
class Counter {
 public:
  explicit Counter(bool skips_cancelled) noexcept : skips_cancelled_(skips_cancelled) {}

  Coro<void> put(int item) {
    drop_cancelled();
    if (!item_ && putters_.empty()) {
      item_ = item;
      co_return;
    }
    const Future<> taken_over = create_future();
    putters_.push_back({item, taken_over});
    co_await taken_over;
  }

  std::optional<int> get_nowait() {
    drop_cancelled();
    if (!putters_.empty()) COWEAVE_REQUIRE(item_.has_value());  // not full, so why does anybody wait to put?
    const std::optional<int> item = std::exchange(item_, std::nullopt);
    if (putters_.empty()) return item;
    const Putter next = putters_.front();
    if (next.taken_over.done()) return item;
    putters_.pop_front();
    item_ = next.item;
    next.taken_over.set_result();
    return item;
  }

 private:
  struct Putter {
    int item;
    Future<> taken_over;
  };

  void drop_cancelled() {
    if (skips_cancelled_)
      std::erase_if(putters_, [](const Putter& putter) { return putter.taken_over.done(); });
  }

  const bool skips_cancelled_;
  std::optional<int> item_;
  std::deque<Putter> putters_;
};

Coro<void> hand_in(Counter& counter) { co_await counter.put(1); }

/// Somebody polls until both putters have ended and nothing is left.
Coro<void> poll(bool skips_cancelled) {
  Counter counter(skips_cancelled);
  Crew crew;
  const Task<> first = crew.start(hand_in(counter), "putter");
  const Task<> second = crew.start(hand_in(counter), "putter");
  int polls = 0;
  for (bool more = true; more;) {
    co_await sleep(pause_before(++polls));
    more = counter.get_nowait().has_value() || !first.done() || !second.done();
  }
  co_await crew.ended();
}

}  // namespace

std::vector<HistoricBug> bounded_queues() {
  using enum traces::VerdictKind;
  return {
      {"B17", "Queue: a putter that was cancelled stays in line, where nobody should wait",
       [] { return poll(false); }, [] { return poll(true); }, 1, assertion},
      {"B21", "Queue: a newcomer puts before the one who was woken to put", [] { return in_order(true); },
       [] { return in_order(false); }, 0, assertion},
  };
}

}  // namespace coweave::bench::historic
