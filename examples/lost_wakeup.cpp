/// A queue in the shape of bpo-23812: a getter that is cancelled after it was woken takes the wake-up with
/// it, and the next getter sleeps beside an item that is there.

#include <coweave/coweave.hpp>

#include <cstdio>
#include <deque>
#include <optional>

using namespace coweave;
using namespace std::chrono_literals;

namespace lost_wakeup {

/// A bounded mailbox built on futures.
class Mailbox {
 public:
  Mailbox(std::size_t size_max, bool passes_on) : size_max_(size_max), passes_on_(passes_on) {}

  void put(int letter) {
    if (letters_.size() == size_max_) throw QueueFull();
    note("puts", letter);
    letters_.push_back(letter);
    wake_next();
  }

  Coro<int> get() {
    while (letters_.empty()) {
      auto woken = create_future();
      getters_.push_back(woken);
      try {
        co_await woken;
      } catch (const CancelledError&) {
        std::erase(getters_, woken);
        // The fix: whoever was woken and does not take the letter wakes the next.
        if (passes_on_ && !letters_.empty() && !woken.cancelled()) wake_next();
        throw;
      }
    }
    const int letter = letters_.front();
    letters_.pop_front();
    note("gets", letter);
    co_return letter;
  }

 private:
  void wake_next() {
    while (!getters_.empty()) {
      const Future<> getter = getters_.front();
      getters_.pop_front();
      if (getter.done()) continue;
      getter.set_result();
      return;
    }
  }

  std::size_t size_max_;
  bool passes_on_;
  std::deque<int> letters_;
  std::deque<Future<>> getters_;
};

Coro<void> two_getters(bool passes_on) {
  Mailbox mailbox(1, passes_on);
  auto ann = create_task(mailbox.get(), {.name = "ann"});
  sim::may_cancel(ann);
  co_await sleep(1ms);
  auto ben = create_task(mailbox.get(), {.name = "ben"});
  co_await sleep(1ms);
  mailbox.put(1);
  try {
    const int letter = co_await ann;
    COWEAVE_REQUIRE(letter == 1);
    mailbox.put(2);
  } catch (const CancelledError&) {
    note("ann went away: the letter is for ben");
  }
  const int letter = co_await ben;
  note("ben has letter", letter);
}

Coro<void> buggy() { return two_getters(false); }
Coro<void> fixed() { return two_getters(true); }

}  // namespace lost_wakeup

#ifndef COWEAVE_DEMO  // which explores all examples, and has a main of its own
int main() {
  const Exploration bug = explore(lost_wakeup::buggy, {.name = "lost-wakeup", .runs = 1'000});
  const Exploration fix = explore(lost_wakeup::fixed, {.name = "lost-wakeup, mended", .runs = 100'000});
  std::puts((bug.report() + "\n" + fix.report()).c_str());
  return !bug.passed() && fix.passed() ? 0 : 1;
}
#endif
