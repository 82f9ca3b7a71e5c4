#include <coweave/tests/props/sweep_programs.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace std::chrono_literals;

namespace coweave::tests {

namespace {

Coro<void> transfer(Lock& lock, int& balance) {
  co_await lock.acquire();
  const int before = balance;
  co_await sleep(1ms);
  balance = before + 1;
  lock.release();
}

Coro<void> guarded_transfer(Lock& lock, int& balance) {
  const auto guard = co_await lock.scoped();
  const int before = balance;
  co_await sleep(1ms);
  balance = before + 1;
}

}  // namespace

Coro<void> transfers() {
  Lock lock("bank");
  int balance = 0;
  const Task<> one = create_task(transfer(lock, balance), {.name = "one"});
  const Task<> two = create_task(transfer(lock, balance), {.name = "two"});
  sim::may_cancel(one);
  sim::may_cancel(two);
  const std::vector<AnyFuture> all{one, two};
  co_await wait(all);
}

Coro<void> guarded_transfers() {
  Lock lock("bank");
  int balance = 0;
  const Task<> one = create_task(guarded_transfer(lock, balance), {.name = "one"});
  const Task<> two = create_task(guarded_transfer(lock, balance), {.name = "two"});
  sim::may_cancel(one);
  sim::may_cancel(two);
  const std::vector<AnyFuture> all{one, two};
  co_await wait(all);
}

const SweepEntry& entry(const Sweep& result, const std::string& name, const std::string& what,
                        SweepWindow window) {
  const auto found = std::find_if(result.entries.begin(), result.entries.end(), [&](const SweepEntry& each) {
    const SweepPlace& place = result.places[each.place];
    return place.name == name && place.what == what && each.window == window;
  });
  REQUIRE_MESSAGE(found != result.entries.end(), name << ", " << what << ", " << to_string(window));
  return *found;
}

bool fails(const Sweep& result, const std::string& name, const std::string& what, SweepWindow window) {
  return entry(result, name, what, window).failure.has_value();
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace coweave::tests
