/// What is wrong is told within a bound, however many calls there are.

#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <deque>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

using Jobs = models::Queue<int>;

Coro<void> user(History<Jobs>& history, Queue<int>& queue, int base, int& last) {
  for (int round = 0; round < 2; ++round) {
    const auto put = [&queue, base, round]() -> Coro<void> {
      co_await sleep(0s);
      co_await queue.put(base + round);
    };
    const auto get = [&queue]() -> Coro<int> {
      co_await sleep(0s);
      co_return co_await queue.get();
    };
    co_await history.call(Jobs::put(base + round), put);
    last = co_await history.call(Jobs::get(), get);
  }
}

/// Four users of a queue, and then one item is got once more.
Coro<void> once_too_often() {
  History<Jobs> history({}, "jobs");
  Queue<int> queue;
  int last = 0;
  std::vector<Task<void>> users;
  for (int base = 10; base <= 40; base += 10) users.push_back(create_task(user(history, queue, base, last)));
  for (const Task<void>& task : users) co_await task;
  static_cast<void>(history.call_nowait(Jobs::get_nowait(), [&] { return last; }));
  history.require_linearizable();
}

/// Two consumers may get the same item, but only late.
class LateRace {
 public:
  Coro<void> put(int item) {
    co_await sleep(1ms);
    items_.push_back(item);
    co_await sleep(1ms);
  }
  Coro<int> get() {
    while (items_.empty()) co_await sleep(1ms);
    const int item = items_.front();
    if (++gets_ > 25) co_await sleep(0s);
    if (!items_.empty() && items_.front() == item) items_.pop_front();
    co_await sleep(1ms);
    co_return item;
  }

 private:
  std::deque<int> items_;
  int gets_ = 0;
};

Coro<void> late_race() {
  LateRace jobs;
  History<Jobs> history({}, "jobs");
  const auto produce = [&](int base) -> Coro<void> {
    for (int item = base; item < base + 16; ++item) co_await history.call(Jobs::put(item), jobs.put(item));
  };
  const auto consume = [&]() -> Coro<void> {
    for (int number = 0; number < 16; ++number)
      static_cast<void>(co_await history.call(Jobs::get(), jobs.get()));
  };
  std::vector<Task<void>> tasks{create_task(produce(100)), create_task(produce(200)), create_task(consume()),
                                create_task(consume())};
  for (const Task<void>& task : tasks) co_await task;
  history.require_linearizable();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// The calls that the message of a failure shows are a put and two gets of one item.
void require_one_item(const Exploration& result) {
  REQUIRE_MESSAGE(result.finding, result.report());
  CHECK(result.blocked.empty());
  const std::string& message = result.finding->trace.verdict.message;
  REQUIRE(result.finding->trace.verdict.kind == traces::VerdictKind::non_linearizable);
  CHECK_MESSAGE(count(message, "put(") == 1, message);
  CHECK_MESSAGE(count(message.substr(message.find('\n')), "get") == 2, message);
  CHECK(message.find("took too long") == std::string::npos);
}

}  // namespace

TEST_CASE("explain: an item that is got twice among many calls") {
  require_one_item(explore(once_too_often, {.name = "jobs", .runs = 20}));
}

TEST_CASE("explain: two consumers of 64 calls that get the same item") {
  require_one_item(explore(late_race, {.name = "jobs", .virtual_time_max = 1s, .leaks_allowed = true}));
}

TEST_CASE("explain: of values in many calls those are left that are wrong by themselves") {
  History<Jobs> history;
  for (int item = 0; item < 2'000; ++item) {
    history.respond(history.invoke(Jobs::put(item), "producer"), Nothing{});
    if (item == 1'000) continue;
    history.respond(history.invoke(Jobs::get(), "consumer"), item);
  }
  const HistoryCheck checked = history.check();
  REQUIRE(checked.decision == Decision::violated);
  CHECK(checked.violation->smallest);
  CHECK(checked.violation->text() ==
        "get() → 1001 of consumer fits nowhere; after 1. to 2. it would be → 1000\n"
        "\n"
        "producer              consumer\n"
        "╶ 1. put(1000) → ok\n"
        "╶ 2. put(1001) → ok\n"
        "                      ╶ ✗ get() → 1001");
}

TEST_CASE("explain: without a monitor the search for the smallest history gives up, and says so") {
  History<Jobs> history(Jobs{.maxsize = 1'000});
  std::vector<std::size_t> puts;
  for (int item = 0; item < 8; ++item)
    puts.push_back(history.invoke(Jobs::put(item), "producer " + std::to_string(item)));
  for (const std::size_t put : puts) history.respond(put, Nothing{});
  for (int item = 0; item < 8; ++item) history.respond(history.invoke(Jobs::get(), "consumer"), item);
  history.respond(history.invoke(Jobs::get_nowait(), "consumer"), 3);
  const HistoryCheck checked = history.check();
  REQUIRE(checked.decision == Decision::violated);
  CHECK_FALSE(checked.violation->smallest);
  CHECK(checked.violation->text().ends_with(
      "\nNot all of these calls need to be part of it: to look for the smallest history took too long."));
}

TEST_CASE("explain: many calls one after the other are told in a moment too") {
  constexpr int items = 20'000;
  History<Jobs> history(Jobs{.maxsize = 1'000'000});
  for (int item = 0; item < items; ++item) {
    history.respond(history.invoke(Jobs::put(item), "producer"), Nothing{});
    history.respond(history.invoke(Jobs::get(), "consumer"), item);
  }
  history.respond(history.invoke(Jobs::get_nowait(), "consumer"), items / 2);
  const HistoryCheck checked = history.check({.monitors = false});
  REQUIRE(checked.decision == Decision::violated);
  CHECK_FALSE(checked.violation->smallest);  // each try for a smaller one looks at all calls
  CHECK(checked.violation->bars.back().misfit);
}
