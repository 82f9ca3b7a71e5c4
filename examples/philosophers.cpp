/// Dining philosophers: each holds the left fork and waits for the right one.

#include <coweave/coweave.hpp>

#include <array>
#include <cstdio>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace philosophers {

constexpr std::size_t seats = 3;

struct Table {
  std::array<Lock, seats> forks{Lock("fork 0"), Lock("fork 1"), Lock("fork 2")};
};

Coro<void> dine(Lock& first, Lock& second, std::size_t thoughts) {
  for (std::size_t thought = 0; thought < thoughts; ++thought) co_await sleep(0s);
  const auto one = co_await first.scoped();
  co_await sleep(0s);  // reaches for the other
  const auto other = co_await second.scoped();
  note("eats");
}

Coro<void> dinner(bool in_order) {
  Table table;
  const std::array<const char*, seats> names{"Aristotle", "Bacon", "Confucius"};
  std::vector<Task<>> philosophers;
  for (std::size_t seat = 0; seat < seats; ++seat) {
    Lock& left = table.forks[seat];
    Lock& right = table.forks[(seat + 1) % seats];
    // The fix: everybody takes the fork with the lower number first.
    const bool swap = in_order && seat + 1 == seats;
    philosophers.push_back(
        create_task(dine(swap ? right : left, swap ? left : right, seat), {.name = names[seat]}));
  }
  co_await gather(philosophers);
}

Coro<void> buggy() { return dinner(false); }
Coro<void> fixed() { return dinner(true); }

}  // namespace philosophers

#ifndef COWEAVE_DEMO  // which explores all examples, and has a main of its own
int main() {
  const Exploration bug = explore(philosophers::buggy, {.name = "philosophers", .runs = 10'000});
  const Exploration fix = explore(philosophers::fixed, {.name = "philosophers, mended", .runs = 100'000});
  std::puts((bug.report() + "\n" + fix.report()).c_str());
  return !bug.passed() && fix.passed() ? 0 : 1;
}
#endif
