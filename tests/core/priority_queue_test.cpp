#include <coweave/core/priority_queue.hpp>

#include <coweave/sim/random.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace coweave;
using namespace coweave::tests;

namespace {

/// A text with a priority, of which there may be several.
struct Job {
  int priority;
  std::string text;
};

struct ByPriority {
  bool operator()(const Job& one, const Job& other) const { return one.priority < other.priority; }
};

/// Items of which the negative ones cannot be compared.
struct Touchy {
  bool operator()(int one, int other) const {
    if (one < 0 || other < 0) throw ValueError("cannot be compared");
    return one < other;
  }
};

template <class Queue>
std::string drained(Queue& queue) {
  std::string text;
  while (!queue.empty()) text += (text.empty() ? "" : ",") + std::to_string(queue.get_nowait());
  return text;
}

}  // namespace

TEST_CASE("priority_queue: gives the smallest first (tQR01)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          PriorityQueue<int> queue;
          for (const int item : {1, 3, 2}) co_await queue.put(item);
          for (int count = 0; count < 3; ++count) {
            const int item = co_await queue.get();
            log("", item);
          }
        }) == "1 ; 2 ; 3");
}

TEST_CASE("priority_queue: of equal items the first that came is given first (K3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          PriorityQueue<Job, ByPriority> queue;
          for (const char* text : {"a", "b", "c"}) {
            queue.put_nowait({2, text});
            queue.put_nowait({1, text});
          }
          queue.put_nowait({1, "d"});
          std::string order;
          while (!queue.empty()) order += queue.get_nowait().text;
          log(order);
          co_return;
        }) == "abcdabc");
}

TEST_CASE("priority_queue: gives what a stable sort would, whatever comes in between") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          sim::Random random;
          random.reseed(7, 1);
          for (int round = 0; round < 200; ++round) {
            PriorityQueue<std::pair<int, int>, std::function<bool(std::pair<int, int>, std::pair<int, int>)>>
                queue(0, nullptr, [](auto one, auto other) { return one.first < other.first; });
            std::vector<std::pair<int, int>> model;  // sorted
            int arrivals = 0;
            for (int step = 0; step < 60; ++step) {
              if (random.below(3) != 0) {
                const std::pair<int, int> item(static_cast<int>(random.below(6)), ++arrivals);
                queue.put_nowait(item);
                model.insert(std::upper_bound(model.begin(), model.end(), item,
                                              [](auto one, auto other) { return one.first < other.first; }),
                             item);
              } else if (!model.empty()) {
                if (queue.get_nowait() != model.front()) log("wrong in round ", round);
                model.erase(model.begin());
              }
              if (queue.qsize() != model.size()) log("wrong size in round ", round);
            }
          }
          log("end");
          co_return;
        }) == "end");
}

TEST_CASE("priority_queue: any comparison will do, also one that is chosen at run time") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          PriorityQueue<int, std::greater<>> largest;
          int by = 10;
          auto compare = [by](int one, int other) { return one % by < other % by; };
          PriorityQueue<int, decltype(compare)> last_digit(0, "digits", compare);
          for (const int item : {19, 25, 31}) {
            largest.put_nowait(item);
            last_digit.put_nowait(item);
          }
          log(drained(largest));
          log(drained(last_digit));
          co_return;
        }) == "31,25,19 ; 31,25,19");
}

TEST_CASE("priority_queue: an item that cannot be compared leaves the queue as it was (Q8b, K6)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          PriorityQueue<int, Touchy> queue;
          for (const int item : {5, 3, 4, 1}) queue.put_nowait(item);
          CHECK_THROWS_WITH_AS(queue.put_nowait(-1), "cannot be compared", ValueError);
          log("size ", queue.qsize());
          log(drained(queue));
          for (int count = 0; count < 4; ++count) queue.task_done();
          CHECK_THROWS_AS(queue.task_done(), ValueError);
          co_await queue.join();
        }) == "size 4 ; 1,3,4,5");
}

TEST_CASE("priority_queue: a comparison that fails in a get leaves the queue as it was (K6)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          int fail_at = 0;
          auto compare = [&fail_at](int one, int other) {
            if (fail_at > 0 && --fail_at == 0) throw ValueError("fails");
            return one < other;
          };
          for (int at = 1; at <= 12; ++at) {
            PriorityQueue<int, decltype(compare)> queue(0, nullptr, compare);
            for (const int item : {7, 2, 9, 4, 4, 1, 8, 3}) queue.put_nowait(item);
            fail_at = at;
            bool failed = false;
            std::string first;
            try {
              first = std::to_string(queue.get_nowait()) + ",";
            } catch (const ValueError&) {
              failed = true;
            }
            fail_at = 0;
            if (at == 1) log("failed ", failed);
            const std::string order = first + drained(queue);
            if (order != "1,2,3,4,4,7,8,9") log(order);
          }
          co_return;
        }) == "failed True");
}

TEST_CASE("priority_queue: a putter that was woken and fails lets the next one in (K6)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          PriorityQueue<int, Touchy> queue(2);
          queue.put_nowait(1);
          queue.put_nowait(2);
          auto put = [&](int item) -> Coro<void> {
            try {
              co_await queue.put(item);
              log("put ", item);
            } catch (const ValueError&) {
              log("failed ", item);
            }
          };
          const auto bad = create_task(put(-1));
          const auto good = create_task(put(3));
          co_await tick();
          log("", queue.get_nowait());
          co_await good;
          log(drained(queue));
        }) == "1 ; failed -1 ; put 3 ; 2,3");
}

TEST_CASE("priority_queue: a getter that was woken and fails lets the next one take the item (K6)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          bool fails = false;
          auto compare = [&fails](int one, int other) {
            if (fails) throw ValueError("fails");
            return one < other;
          };
          PriorityQueue<int, decltype(compare)> queue(0, nullptr, compare);
          auto get = [&](std::string name) -> Coro<void> {
            try {
              const int item = co_await queue.get();
              log(name + " ", item);
            } catch (const ValueError&) {
              fails = false;
              log(name + " failed");
            }
          };
          std::vector<Task<>> tasks;
          for (const char* name : {"a", "b", "c", "d"}) tasks.push_back(create_task(get(name)));
          co_await tick();
          for (const int item : {3, 1, 2}) queue.put_nowait(item);  // wakes a, b and c
          fails = true;
          for (const Task<>& task : tasks) co_await task;
        }) == "a failed ; b 1 ; c 2 ; d 3");
}

TEST_CASE("priority_queue: priority does not decide among those who wait (Q8)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          PriorityQueue<int> queue(1);
          queue.put_nowait(5);
          auto put = [&](int item) -> Coro<void> {
            co_await queue.put(item);
            log("put ", item);
          };
          const auto nine = create_task(put(9));
          const auto one = create_task(put(1));
          co_await tick();
          for (int count = 0; count < 3; ++count) {
            const int item = co_await queue.get();
            log("got ", item);
            co_await tick();
          }
        }) == "got 5 ; put 9 ; got 9 ; put 1 ; got 1");
}

TEST_CASE("priority_queue: items are destroyed once, got, dropped or left behind") {
  auto item = std::make_shared<int>(0);
  using Item = std::shared_ptr<int>;
  auto compare = [](const Item& one, const Item& other) { return one.get() == nullptr && other; };
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          PriorityQueue<Item, decltype(compare)> queue(0, nullptr, compare);
          PriorityQueue<Item, decltype(compare)> left(0, nullptr, compare);
          for (int count = 0; count < 40; ++count) queue.put_nowait(item);
          left.put_nowait(item);
          log("uses ", item.use_count());
          static_cast<void>(queue.get_nowait());
          log("uses ", item.use_count());
          queue.shutdown(true);
          log("uses ", item.use_count());
          queue.task_done();
          co_await queue.join();
        }) == "uses 42 ; uses 41 ; uses 2");
  CHECK(item.use_count() == 1);
}

TEST_CASE("priority_queue: destroying it while a task waits is reported") {
  CHECK(run_fifo([](Log&) -> Coro<void> {
          std::optional<PriorityQueue<int>> queue(std::in_place, std::size_t{0}, "urgent");
          auto get = [](PriorityQueue<int>& from) -> Coro<void> { static_cast<void>(co_await from.get()); };
          create_task(get(*queue));
          co_await tick();
          queue.reset();
        }) ==
        "EXCEPTION PriorityQueue 'urgent' was destroyed while tasks wait for it: they will never be woken");
}
