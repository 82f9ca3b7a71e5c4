/// Races in shared state: each pattern found, told as docs/races.md shows it, and silent where the layer
/// protects.

#include <coweave/coweave.hpp>
#include <coweave/tests/page.hpp>
#include <coweave/tests/races/both.hpp>
#include <coweave/traces/render_verdict.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

/// With `lock`, or if that is null without one.
template <class Body>
Coro<void> guarded(Lock* lock, Body body) {
  if (lock) co_await lock->acquire();
  co_await body();
  if (lock) lock->release();
}

Coro<void> deposit(Shared<int>& balance, Lock* lock, int amount) {
  if (lock) co_await lock->acquire();
  const int before = co_await balance.read();
  co_await sleep(0s);  // asks the bank
  co_await balance.write(before + amount);
  if (lock) lock->release();
}

Coro<void> print_twice(Shared<int>& balance, Lock* lock) {
  if (lock) co_await lock->acquire();
  const int on_screen = co_await balance.read();
  co_await sleep(0s);
  const int on_paper = co_await balance.read();
  note("prints", on_screen, on_paper);
  if (lock) lock->release();
}

Coro<void> set_balance(Shared<int>& balance, Lock* lock, int value) {
  co_await sleep(0s);
  if (lock) co_await lock->acquire();
  co_await balance.write(value);
  if (lock) lock->release();
}

Coro<void> work_as(Shared<int>& user, Lock* lock, int me) {
  if (lock) co_await lock->acquire();
  co_await user.write(me);
  co_await sleep(0s);
  const int who = co_await user.read();
  note("works as", who);
  if (lock) lock->release();
}

Coro<void> replace(Shared<int>& page, Lock* lock) {
  if (lock) co_await lock->acquire();
  co_await page.write(-1);  // incomplete
  co_await sleep(0s);
  co_await page.write(7);
  if (lock) lock->release();
}

Coro<void> look(Shared<int>& page, Lock* lock) {
  co_await sleep(0s);
  if (lock) co_await lock->acquire();
  const int seen = co_await page.read();
  note("sees", seen);
  if (lock) lock->release();
}

/// Each access is guarded, by a Lock or a Condition, but not what is between them.
template <class Guard>
Coro<void> deposit_in_sections(Shared<int>& balance, Guard& lock, int amount) {
  co_await lock.acquire();
  const int before = co_await balance.read();
  lock.release();
  co_await sleep(0s);  // asks the bank
  co_await lock.acquire();
  co_await balance.write(before + amount);
  lock.release();
}

Coro<void> lost_update(Lock* lock) {
  Shared<int> balance(100, "balance");
  co_await both(deposit(balance, lock, 10), deposit(balance, lock, 0));
}

Coro<void> two_reads(Lock* lock) {
  Shared<int> balance(100, "balance");
  co_await both(print_twice(balance, lock), set_balance(balance, lock, 50));
}

Coro<void> stolen_write(Lock* lock) {
  Shared<int> user(0, "user");
  co_await both(work_as(user, lock, 1), work_as(user, lock, 2));
}

Coro<void> half_written(Lock* lock) {
  Shared<int> page(0, "page");
  co_await both(replace(page, lock), look(page, lock));
}

Coro<void> flag(bool told) {
  Shared<int> ready(0, "ready");
  Event event;
  auto sets = [&]() -> Coro<void> {
    co_await ready.write(1);
    event.set();
  };
  auto reads = [&]() -> Coro<void> {
    if (told) {
      co_await event.wait();
    } else {
      co_await sleep(1s);
    }
    const int value = co_await ready.read();
    note("reads", value);
  };
  co_await both(sets(), reads());
}

Options options_of(const Races& races, std::uint64_t runs = 10'000) {
  Options options{.policy = "random", .runs = runs};
  options.races = races;
  return options;
}

void check_page(const std::string& section, const std::string& text) {
  CHECK(compare_with_page("docs/races.md", section, text) == "");
}

std::string told(const traces::Trace& trace) {
  traces::RenderOptions look;
  look.width = 100;
  return traces::render_verdict(trace, look);
}

void check_kept(const sim::Scenario& scenario, const Races& races) {
  const Exploration kept = explore(scenario, options_of(races));
  CHECK_MESSAGE(kept.passed(), kept.report());
  CHECK(kept.runs == 10'000);
}

/// Found without a lock and told as the page shows it; not found with one.
void check(const std::string& section, Coro<void> (*program)(Lock*)) {
  const Exploration result =
      explore([=] { return program(nullptr); }, options_of({.atomicity = Severity::failure}));
  REQUIRE_MESSAGE(result.finding, result.report());
  CHECK(result.finding->trace.verdict.kind == traces::VerdictKind::invariant);
  check_page(section, told(result.finding->trace));
  const auto with_lock = [=]() -> Coro<void> {
    Lock lock("bank");
    co_await program(&lock);
  };
  check_kept(with_lock, {.atomicity = Severity::failure, .order = Severity::failure});
}

std::string race_in(const sim::Scenario& scenario, const Races& races) {
  const Exploration result = explore(scenario, options_of(races));
  if (!result.finding) return "none";
  const std::string& message = result.finding->trace.verdict.message;
  return message.substr(0, message.find('\n'));
}

}  // namespace

TEST_CASE("races: read, write of another, write") { check("lost update", lost_update); }
TEST_CASE("races: read, write of another, read") { check("two reads", two_reads); }
TEST_CASE("races: write, write of another, read") { check("stolen write", stolen_write); }
TEST_CASE("races: write, read of another, write") { check("half written", half_written); }

TEST_CASE("races: accesses that luck orders are told when the order is looked at") {
  const Exploration result = explore([] { return flag(false); },
                                     [] {
                                       Options options = options_of({.order = Severity::failure}, 1);
                                       options.policy = "fifo";
                                       return options;
                                     }());
  REQUIRE(result.finding);
  check_page("order", told(result.finding->trace));
  check_kept([] { return flag(true); }, {.atomicity = Severity::failure, .order = Severity::failure});
  check_kept([] { return flag(false); }, {.atomicity = Severity::failure});
}

TEST_CASE("races: a lock that is released in between is no protection") {
  const auto scenario = []() -> Coro<void> {
    Shared<int> balance(100, "balance");
    Lock lock("bank");
    co_await both(deposit_in_sections(balance, lock, 10), deposit_in_sections(balance, lock, 0));
  };
  const Exploration result = explore(scenario, options_of({.atomicity = Severity::failure}));
  REQUIRE(result.finding);
  check_page("two sections", told(result.finding->trace));
}

TEST_CASE("races: the own lock of a condition protects as much as any other, and no more") {
  const auto scenario = []() -> Coro<void> {
    Shared<int> balance(100, "balance");
    Condition bank("bank");
    co_await both(deposit_in_sections(balance, bank, 10), deposit_in_sections(balance, bank, 0));
  };
  CHECK(race_in(scenario, {.atomicity = Severity::failure}) ==
        "race for Shared 'balance': a task read and then wrote it, and another wrote it in between: a lost "
        "update");
  const auto in_one_piece = []() -> Coro<void> {
    Shared<int> balance(100, "balance");
    Condition bank("bank");
    auto deposits = [&](int amount) -> Coro<void> {
      co_await bank.acquire();
      const int before = co_await balance.read();
      co_await sleep(0s);
      co_await balance.write(before + amount);
      bank.release();
    };
    co_await both(deposits(10), deposits(20));
  };
  CHECK(race_in(in_one_piece, {.atomicity = Severity::failure, .order = Severity::failure}) == "none");
}

TEST_CASE("races: a loop under a lock, and waiting in a loop, are none") {
  const Races all{.atomicity = Severity::failure, .order = Severity::failure};
  check_kept(
      []() -> Coro<void> {
        Shared<int> balance(100, "balance");
        Lock lock("bank");
        auto deposits = [&]() -> Coro<void> {
          for (int round = 0; round < 3; ++round) co_await deposit(balance, &lock, 1);
        };
        co_await both(deposits(), deposits());
      },
      all);
  check_kept(
      []() -> Coro<void> {
        Shared<int> items(0, "items");
        Lock lock("store");
        Condition condition(lock);
        auto takes = [&]() -> Coro<void> {
          const auto guard = co_await condition.scoped();
          for (int left = co_await items.read(); left == 0; left = co_await items.read())
            co_await condition.wait();
          co_await items.write(0);
        };
        auto brings = [&]() -> Coro<void> {
          const auto guard = co_await condition.scoped();
          co_await items.write(1);
          condition.notify();
        };
        co_await both(takes(), brings());
      },
      all);
  check_kept(
      []() -> Coro<void> {
        Shared<int> items(0, "items");
        Event event;
        auto takes = [&]() -> Coro<void> {
          while (co_await items.read() == 0) co_await event.wait();
        };
        auto brings = [&]() -> Coro<void> {
          co_await items.write(1);
          event.set();
        };
        co_await both(takes(), brings());
      },
      {.atomicity = Severity::failure});
}

TEST_CASE("races: a readers-writer lock made of a condition protects, if the writer waits for readers") {
  const auto scenario = [](bool waits) {
    return [waits]() -> Coro<void> {
      Shared<int> page(0, "page");
      Condition changed("changed");
      int readers = 0;
      bool is_writing = false;
      auto reads = [&]() -> Coro<void> {
        co_await changed.acquire();
        while (is_writing) co_await changed.wait();
        ++readers;
        changed.release();
        static_cast<void>(co_await page.read());
        co_await sleep(0s);
        co_await changed.acquire();
        if (--readers == 0) changed.notify_all();  // who is not last goes without a word
        changed.release();
      };
      auto writes = [&]() -> Coro<void> {
        co_await changed.acquire();
        while (is_writing || (waits && readers > 0)) co_await changed.wait();
        is_writing = true;
        changed.release();
        co_await page.write(1);
        co_await sleep(0s);
        co_await changed.acquire();
        is_writing = false;
        changed.notify_all();
        changed.release();
      };
      const auto other = create_task(reads());
      co_await both(reads(), writes());
      co_await other;
    };
  };
  check_kept(scenario(true), {.atomicity = Severity::failure, .order = Severity::failure});
  CHECK(race_in(scenario(false), {.order = Severity::failure}) != "none");
}

TEST_CASE("races: polling a variable is one, and asking an event until it is set is none") {
  const auto polls = []() -> Coro<void> {
    Shared<bool> stop(false, "stop");
    auto works = [&]() -> Coro<void> {
      while (!co_await stop.read()) co_await sleep(1s);
    };
    auto stops = [&]() -> Coro<void> {
      co_await sleep(2s);
      co_await stop.write(true);
    };
    co_await both(works(), stops());
  };
  CHECK(race_in(polls, {.atomicity = Severity::failure}) ==
        "race for Shared 'stop': a task read it twice, and another wrote it in between");
  CHECK(race_in(polls, {.atomicity = Severity::failure, .silent = {"stop"}}) == "none");
  const auto asks = []() -> Coro<void> {
    Shared<int> ready(0, "ready");
    Event event;
    auto sets = [&]() -> Coro<void> {
      co_await ready.write(1);
      event.set();
    };
    auto waits = [&]() -> Coro<void> {
      while (!event.is_set()) co_await sleep(0s);
      static_cast<void>(co_await ready.read());
    };
    co_await both(sets(), waits());
  };
  CHECK(race_in(asks, {.order = Severity::failure}) == "none");
}

TEST_CASE("races: they are found in runs whose result is right") {
  // A deposit of nothing: whatever is lost, the balance is right.
  const auto nothing = []() -> Coro<void> {
    Shared<int> balance(100, "balance");
    co_await both(deposit(balance, nullptr, 0), deposit(balance, nullptr, 0));
    COWEAVE_REQUIRE(balance.unobserved() == 100);
  };
  CHECK(race_in(nothing, {.atomicity = Severity::failure}) ==
        "race for Shared 'balance': a task read and then wrote it, and another wrote it in between: a lost "
        "update");
}

TEST_CASE("races: what reads and writes in one, or compares first, is one piece") {
  check_kept(
      []() -> Coro<void> {
        Shared<int> count(0, "count");
        auto counts = [&]() -> Coro<void> {
          for (int round = 0; round < 3; ++round) {
            co_await count.update([](int& value) { ++value; });
            co_await sleep(0s);
          }
        };
        co_await both(counts(), counts());
      },
      {.atomicity = Severity::failure});
  check_kept(
      []() -> Coro<void> {
        Shared<int> count(0, "count");
        auto counts = [&]() -> Coro<void> {
          for (bool done = false; !done;) {
            const int before = co_await count.read();
            co_await sleep(0s);
            done = co_await count.compare_exchange(before, before + 1);
          }
        };
        co_await both(counts(), counts());
        COWEAVE_REQUIRE(count.unobserved() == 2);
      },
      {.atomicity = Severity::failure});
}

TEST_CASE("races: what is handed over is not raced for") {
  const Races all{.atomicity = Severity::failure, .order = Severity::failure};
  check_kept(
      []() -> Coro<void> {
        Shared<int> item(0, "item");
        Queue<int> there;
        Queue<int> back;
        auto asks = [&]() -> Coro<void> {
          co_await item.write(1);
          co_await there.put(1);
          const int answer = co_await back.get();
          const int value = co_await item.read();
          COWEAVE_REQUIRE(value == answer);
        };
        auto answers = [&]() -> Coro<void> {
          const int request = co_await there.get();
          co_await item.write(request + 1);
          co_await back.put(request + 1);
        };
        co_await both(asks(), answers());
      },
      all);
  check_kept(
      []() -> Coro<void> {
        Shared<int> sum(0, "sum");
        auto adds = [&]() -> Coro<void> { co_await sum.write(1); };
        co_await sum.write(0);
        auto task = create_task(adds());
        co_await task;
        const int value = co_await sum.read();
        COWEAVE_REQUIRE(value == 1);
      },
      all);
  check_kept(
      []() -> Coro<void> {
        Shared<int> balance(0, "balance");
        Semaphore semaphore(1);
        auto adds = [&]() -> Coro<void> {
          co_await semaphore.acquire();
          co_await deposit(balance, nullptr, 1);
          semaphore.release();
        };
        co_await both(adds(), adds());
      },
      all);
}

TEST_CASE("races: nothing is said of silent variables, nor unless it is asked for") {
  const auto scenario = [] { return lost_update(nullptr); };
  CHECK(race_in(scenario, {}) == "none");
  CHECK(race_in(scenario, {.atomicity = Severity::failure, .silent = {"other", "balance"}}) == "none");
  CHECK(race_in(scenario, {.atomicity = Severity::failure, .silent = {"other"}}) != "none");
}

TEST_CASE("races: those that are noted are counted, the same by any number of workers") {
  Options options = options_of({.atomicity = Severity::noted, .order = Severity::noted}, 2'000);
  const auto scenario = [] { return lost_update(nullptr); };
  const Exploration here = explore(scenario, options);
  CHECK(here.passed());
  REQUIRE(here.races.size() >= 2);
  std::string lines = here.report();
  lines = lines.substr(lines.find("  race: "));
  check_page("noted", lines);
  CHECK(here.report().find("race: Shared 'balance': a task read and then wrote it") != std::string::npos);
  for (const std::uint32_t workers : {1U, 3U}) {
    options.workers = workers;
    CHECK(explore(scenario, options).races == here.races);
  }
  options.workers = 0;
  options.races = {};
  const Exploration unseen = explore(scenario, options);
  CHECK(unseen.races.empty());
  CHECK(unseen.steps == here.steps);
}

TEST_CASE("races: the lock that would protect an access is named") {
  const auto scenario = []() -> Coro<void> {
    Shared<int> balance(100, "balance");
    Lock lock("bank");
    co_await both(deposit(balance, &lock, 10), set_balance(balance, nullptr, 0));
  };
  const Exploration result = explore(scenario, options_of({.atomicity = Severity::failure}));
  REQUIRE(result.finding);
  CHECK(
      result.finding->trace.verdict.message.find("\nwhat would protect it: Lock 'bank', held from the first "
                                                 "of these accesses to the third without a break, and "
                                                 "at the second; now it is held only at the first and "
                                                 "third") != std::string::npos);
}

TEST_CASE("races: looking adds no choice and no event") {
  const auto scenario = []() -> Coro<void> {
    Shared<int> balance(100, "balance");
    co_await both(deposit(balance, nullptr, 10), deposit(balance, nullptr, 20));
    COWEAVE_REQUIRE(balance.unobserved() == 130);
  };
  for (const char* policy : {"random", "pos", "surw", "dpor"}) {
    Options options = options_of({});
    options.policy = policy;
    options.scheduling_points = SchedulingPoints::accesses;
    const Exploration without = explore(scenario, options);
    options.races = {.atomicity = Severity::noted, .order = Severity::noted};
    const Exploration with = explore(scenario, options);
    REQUIRE(without.finding);
    REQUIRE(with.finding);
    CHECK(traces::write_trace(with.finding->trace) == traces::write_trace(without.finding->trace));
  }
}
