/// What protects accesses besides a lock that their own task holds: semaphores, and locks of tasks that wait
/// for them.

#include <coweave/coweave.hpp>
#include <coweave/tests/races/both.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

const std::string lost =
    "race for Shared 'balance': a task read and then wrote it, and another wrote it in between: a lost "
    "update";
const std::string write_after_write =
    "race for Shared 'balance': nothing orders a write after a write of another task";

constexpr Races apart{.atomicity = Severity::failure};
constexpr Races unordered{.order = Severity::failure};

std::string message_of(const sim::Scenario& scenario, const Races& races, const char* policy = "random") {
  Options options{.policy = policy, .runs = policy == std::string("fifo") ? 1U : 2'000U};
  options.races = races;
  options.shrink_time_max = 0s;
  const Exploration result = explore(scenario, options);
  return result.finding ? result.finding->trace.verdict.message : "none";
}

std::string race_in(const sim::Scenario& scenario, const Races& races, const char* policy = "random") {
  const std::string message = message_of(scenario, races, policy);
  return message.substr(0, message.find('\n'));
}

void check_none(const sim::Scenario& scenario) {
  CHECK(race_in(scenario, apart) == "none");
  CHECK(race_in(scenario, unordered) == "none");
}

Coro<void> deposit(Shared<int>& balance) {
  const int before = co_await balance.read();
  co_await sleep(0s);
  co_await balance.write(before + 1);
}

template <class Guard>
Coro<void> deposit_in_one_section(Shared<int>& balance, Guard& guard) {
  co_await guard.acquire();
  co_await deposit(balance);
  guard.release();
}

template <class Guard>
Coro<void> deposit_in_two_sections(Shared<int>& balance, Guard& guard) {
  co_await guard.acquire();
  const int before = co_await balance.read();
  guard.release();
  co_await sleep(0s);
  co_await guard.acquire();
  co_await balance.write(before + 1);
  guard.release();
}

template <class Guard>
sim::Scenario in_one_section(std::int64_t permits) {
  return [permits]() -> Coro<void> {
    Shared<int> balance(0, "balance");
    Guard guard(permits, "bank");
    co_await both(deposit_in_one_section(balance, guard), deposit_in_one_section(balance, guard));
  };
}

template <class Guard>
sim::Scenario in_two_sections(std::int64_t permits) {
  return [permits]() -> Coro<void> {
    Shared<int> balance(0, "balance");
    Guard guard(permits, "bank");
    co_await both(deposit_in_two_sections(balance, guard), deposit_in_two_sections(balance, guard));
  };
}

/// One task deposits under the lock by `way`, another by itself.
template <class Way>
sim::Scenario by_child(Way way) {
  return [way]() -> Coro<void> {
    Shared<int> balance(0, "balance");
    Lock lock("bank");
    auto parent = [&]() -> Coro<void> {
      co_await lock.acquire();
      co_await way(balance, lock);
      if (lock.locked()) lock.release();
    };
    co_await both(parent(), deposit_in_one_section(balance, lock));
  };
}

}  // namespace

TEST_CASE("race guards: a semaphore of one permit protects one section, and not what is in two") {
  check_none(in_one_section<Semaphore>(1));
  check_none(in_one_section<BoundedSemaphore>(1));
  CHECK(race_in(in_two_sections<Semaphore>(1), apart) == lost);
  CHECK(race_in(in_two_sections<BoundedSemaphore>(1), apart) == lost);
  CHECK(race_in(in_two_sections<Semaphore>(1), unordered) == "none");
}

TEST_CASE("race guards: a semaphore of two permits protects nothing, in whatever order they were taken") {
  CHECK(race_in(in_one_section<Semaphore>(2), apart) == lost);
  // One after the other, by luck.
  const auto in_turn = []() -> Coro<void> {
    Shared<int> balance(0, "balance");
    Semaphore pool(2, "pool");
    auto later = [&]() -> Coro<void> {
      co_await sleep(1s);
      co_await deposit_in_one_section(balance, pool);
    };
    co_await both(deposit_in_one_section(balance, pool), later());
  };
  const std::string message = message_of(in_turn, unordered, "fifo");
  CHECK(message.find("nothing orders a read after a write of another task") != std::string::npos);
  CHECK(message.find(
            "\nwhat would order them: a Lock held at both; no Lock is held at any access to it; Semaphore "
            "'pool', which is, has more than one permit and keeps nobody out") != std::string::npos);
}

TEST_CASE("race guards: of a semaphore with more permits all would protect, and one is not enough") {
  const auto scenario = []() -> Coro<void> {
    Shared<int> balance(0, "balance");
    Semaphore pool(2, "pool");
    co_await pool.acquire();
    co_await deposit_in_one_section(balance, pool);
    pool.release();
    co_await both(deposit_in_one_section(balance, pool), deposit_in_one_section(balance, pool));
  };
  const std::string message = message_of(scenario, apart, "fifo");
  CHECK(message.find("\nwhat would protect it: all permits of Semaphore 'pool', held from the first of these "
                     "accesses to the third without a break, and at the second; now all are held at none of "
                     "these, but at other accesses") != std::string::npos);
}

TEST_CASE("race guards: whoever has all permits keeps the others out") {
  const auto scenario = []() -> Coro<void> {
    Shared<int> balance(0, "balance");
    Semaphore readers(2, "readers");
    Lock writers("writers");
    auto writes = [&]() -> Coro<void> {
      co_await writers.acquire();
      co_await readers.acquire();
      co_await readers.acquire();
      co_await deposit(balance);
      readers.release();
      readers.release();
      writers.release();
    };
    auto reads = [&]() -> Coro<void> {
      co_await readers.acquire();
      static_cast<void>(co_await balance.read());
      co_await sleep(0s);
      static_cast<void>(co_await balance.read());
      readers.release();
    };
    const auto third = create_task(reads());
    co_await both(writes(), reads());
    co_await third;
  };
  check_none(scenario);
}

TEST_CASE("race guards: a semaphore that others release is a signal, and orders") {
  const auto handed_over = [](std::int64_t slots) {
    return [slots]() -> Coro<void> {
      Shared<int> balance(0, "balance");
      Semaphore full(0, "full");
      Semaphore free(slots, "free");
      auto produces = [&]() -> Coro<void> {
        for (int round = 1; round <= 3; ++round) {
          co_await free.acquire();
          co_await balance.write(round);
          full.release();
        }
      };
      auto consumes = [&]() -> Coro<void> {
        for (int round = 1; round <= 3; ++round) {
          co_await full.acquire();
          co_await sleep(0s);
          static_cast<void>(co_await balance.read());
          free.release();
        }
      };
      co_await both(produces(), consumes());
    };
  };
  CHECK(race_in(handed_over(1), unordered) == "none");
  CHECK(race_in(handed_over(2), unordered) != "none");
  // Two permits were given, so two are inside at once.
  const auto let_in = []() -> Coro<void> {
    Shared<int> balance(0, "balance");
    Semaphore door(0, "door");
    auto opens = [&]() -> Coro<void> {
      door.release();
      co_await sleep(0s);
      door.release();
    };
    auto enters = [&]() -> Coro<void> {
      co_await door.acquire();
      co_await balance.write(1);
    };
    const auto third = create_task(opens());
    co_await both(enters(), enters());
    co_await third;
  };
  CHECK(race_in(let_in, unordered) == write_after_write);
}

TEST_CASE("race guards: the semaphore that would protect is named") {
  const auto scenario = []() -> Coro<void> {
    Shared<int> balance(0, "balance");
    BoundedSemaphore guard(1, "bank");
    co_await both(deposit_in_one_section(balance, guard), deposit(balance));
  };
  CHECK(message_of(scenario, apart)
            .find("\nwhat would protect it: BoundedSemaphore 'bank', held from the first") !=
        std::string::npos);
}

TEST_CASE("race guards: a lock protects what children do for whom its holder waits") {
  check_none(by_child([](Shared<int>& balance, Lock&) -> Coro<void> {
    const auto child = create_task(deposit(balance));
    co_await child;
  }));
  check_none(by_child([](Shared<int>& balance, Lock&) -> Coro<void> {
    const auto child = create_task(deposit(balance));
    co_await sleep(0s);  // meanwhile the child goes on
    co_await child;
  }));
  check_none(by_child([](Shared<int>& balance, Lock&) -> Coro<void> { co_await gather(deposit(balance)); }));
  check_none(by_child([](Shared<int>& balance, Lock&) -> Coro<void> {
    auto body = [&](TaskGroup& group) -> Coro<void> {
      group.create_task(deposit(balance));
      co_return;
    };
    co_await TaskGroup::run(body);
  }));
  check_none(
      by_child([](Shared<int>& balance, Lock&) -> Coro<void> { co_await wait_for(deposit(balance), 1h); }));
  check_none(by_child([](Shared<int>& balance, Lock&) -> Coro<void> {
    auto inner = [&]() -> Coro<void> {
      const auto grandchild = create_task(deposit(balance));
      co_await grandchild;
    };
    const auto child = create_task(inner());
    co_await child;
  }));
}

TEST_CASE("race guards: and what a worker does who is asked and waited for") {
  check_none([]() -> Coro<void> {
    Shared<int> balance(0, "balance");
    Lock lock("bank");
    Queue<int> asked;
    Queue<int> done;
    auto works = [&]() -> Coro<void> {
      static_cast<void>(co_await asked.get());
      co_await deposit(balance);
      co_await done.put(1);
    };
    auto asks = [&]() -> Coro<void> {
      co_await lock.acquire();
      co_await asked.put(1);
      static_cast<void>(co_await done.get());
      lock.release();
    };
    const auto worker = create_task(works());
    co_await both(asks(), deposit_in_one_section(balance, lock));
    co_await worker;
  });
}

TEST_CASE("race guards: it does not protect what children do for whom its holder does not wait") {
  const auto leaves = [](int turns) {
    return by_child([turns](Shared<int>& balance, Lock& lock) -> Coro<void> {
      const auto child = create_task(deposit(balance));
      for (int turn = 0; turn < turns; ++turn) co_await sleep(0s);
      lock.release();
      co_await child;
    });
  };
  CHECK(race_in(leaves(0), apart) == lost);
  CHECK(race_in(leaves(0), unordered) != "none");
  // The child has ended by luck when the lock is released, in this run.
  CHECK(race_in(leaves(9), unordered, "fifo") != "none");
}

TEST_CASE("race guards: nor children from each other, nor from their parent") {
  const auto siblings = by_child(
      [](Shared<int>& balance, Lock&) -> Coro<void> { co_await gather(deposit(balance), deposit(balance)); });
  CHECK(race_in(siblings, apart) == lost);
  CHECK(race_in(siblings, unordered) != "none");
  const auto parent = by_child([](Shared<int>& balance, Lock&) -> Coro<void> {
    const auto child = create_task(deposit(balance));
    co_await deposit(balance);
    co_await child;
  });
  CHECK(race_in(parent, apart) == lost);
  CHECK(race_in(parent, unordered) != "none");
}

TEST_CASE(
    "race guards: a queue of one place, filled to begin and emptied to end, is a lock, and none of two") {
  const auto rounds = [](std::size_t places) {
    return [places]() -> Coro<void> {
      Shared<int> balance(0, "balance");
      Queue<int> queue(places);
      auto user = [&]() -> Coro<void> {
        for (int round = 0; round < 2; ++round) {
          co_await queue.put(round);
          co_await deposit(balance);
          static_cast<void>(co_await queue.get());
        }
      };
      co_await gather(user(), user());
    };
  };
  check_none(rounds(1));
  CHECK(race_in(rounds(2), apart) == lost);
  CHECK(race_in(rounds(2), unordered) != "none");
}
