#include <coweave/core/queue.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

Coro<void> getter(Queue<int>& queue, Log& log, std::string name) {
  try {
    const int item = co_await queue.get();
    log(name + "<-" + std::to_string(item));
  } catch (...) {
    log(show() + "-" + name);
    throw;
  }
}

Coro<void> putter(Queue<int>& queue, Log& log, std::string name, int item) {
  try {
    co_await queue.put(item);
    log(name + " put");
  } catch (...) {
    log(show() + "-" + name);
    throw;
  }
}

Coro<void> joiner(Queue<int>& queue, Log& log) {
  co_await queue.join();
  log("joined");
}

std::string contents(Queue<int>& queue) {
  std::string text;
  while (!queue.empty()) text += (text.empty() ? "" : ",") + std::to_string(queue.get_nowait());
  return text;
}

/// Counts how many of its kind are alive.
class Counted {
 public:
  Counted(int& alive, std::string text) : alive_(&alive), text_(std::move(text)) { ++*alive_; }
  Counted(const Counted& other) : alive_(other.alive_), text_(other.text_) { ++*alive_; }
  Counted(Counted&& other) noexcept : alive_(other.alive_), text_(std::move(other.text_)) { ++*alive_; }
  Counted& operator=(const Counted&) = default;
  Counted& operator=(Counted&&) = default;
  ~Counted() { --*alive_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  int* alive_;
  std::string text_;
};

const std::string long_text = "a text that is too long to be kept inside a string object";

}  // namespace

TEST_CASE("queue: neither put nor get suspends if it need not") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(2);
          call_soon([&] { log("other"); });
          co_await queue.put(1);
          co_await queue.put(2);
          log("full ", queue.full());
          const int one = co_await queue.get();
          const int two = co_await queue.get();
          log("sum ", one + two);
          log("empty ", queue.empty());
          co_await tick();
        }) == "full True ; sum 3 ; empty True ; other");
}

TEST_CASE("queue: getters are served in order of arrival (Q2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          const auto b = create_task(getter(queue, log, "b"));
          const auto c = create_task(getter(queue, log, "c"));
          co_await tick();
          for (const int item : {1, 2, 3}) co_await queue.put(item);
          co_await a;
          co_await b;
          co_await c;
        }) == "a<-1 ; b<-2 ; c<-3");
}

TEST_CASE("queue: putters store in order of arrival (Q3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          co_await queue.put(0);
          const auto a = create_task(putter(queue, log, "a", 1));
          const auto b = create_task(putter(queue, log, "b", 2));
          const auto c = create_task(putter(queue, log, "c", 3));
          co_await tick();
          for (int count = 0; count < 4; ++count) {
            const int item = co_await queue.get();
            log("get ", item);
            co_await tick();
          }
        }) == "get 0 ; a put ; get 1 ; b put ; get 2 ; c put ; get 3");
}

TEST_CASE("queue: a woken putter has not stored its item before it runs (Q3b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          queue.put_nowait(0);
          const auto a = create_task(putter(queue, log, "a", 1));
          co_await tick();
          log("", queue.get_nowait());
          try {
            static_cast<void>(queue.get_nowait());
          } catch (...) {
            log(show());
          }
          co_await tick();
          log("", queue.get_nowait());
        }) == "0 ; QueueEmpty ; a put ; 1");
}

TEST_CASE("queue: a getter that loses its item waits again at the end of the line (Q4)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          const auto b = create_task(getter(queue, log, "b"));
          co_await tick();
          queue.put_nowait(1);
          log("steal ", queue.get_nowait());
          co_await tick();
          queue.put_nowait(2);
          queue.put_nowait(3);
          co_await a;
          co_await b;
        }) == "steal 1 ; b<-2 ; a<-3");
}

TEST_CASE("queue: a getter woken for an item that is gone does not count against those behind it (Q4)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          const auto b = create_task(getter(queue, log, "b"));
          co_await tick();
          queue.put_nowait(1);
          log("steal ", queue.get_nowait());
          queue.put_nowait(2);  // wakes b; a comes first and takes it
          queue.put_nowait(3);
          co_await a;
          co_await b;
        }) == "steal 1 ; a<-2 ; b<-3");
}

TEST_CASE("queue: a woken getter that is cancelled passes the wake-up on (Q5)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          const auto b = create_task(getter(queue, log, "b"));
          co_await tick();
          queue.put_nowait(1);
          a.cancel();
          co_await b;
          CHECK(a.cancelled());
        }) == "CE-a ; b<-1");
}

TEST_CASE("queue: a pending getter that is cancelled is passed over (Q5b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          const auto b = create_task(getter(queue, log, "b"));
          co_await tick();
          a.cancel();
          queue.put_nowait(1);
          co_await b;
          CHECK(a.cancelled());
        }) == "CE-a ; b<-1");
}

TEST_CASE("queue: the item of a woken getter that is cancelled stays (Q5c)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          co_await tick();
          queue.put_nowait(1);
          a.cancel();
          co_await tick();
          log("size ", queue.qsize());
          const int item = co_await queue.get();
          log("", item);
        }) == "CE-a ; size 1 ; 1");
}

TEST_CASE("queue: a getter cancelled without having been woken wakes nobody (S26)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          const auto b = create_task(getter(queue, log, "b"));
          co_await tick();
          a.cancel();
          co_await tick();
          co_await tick();
          log("b.done ", b.done());
          CHECK(b.base().waiting() != nullptr);
          queue.put_nowait(1);
          co_await b;
        }) == "CE-a ; b.done False ; b<-1");
}

TEST_CASE("queue: a newcomer may take the item of a getter that was woken and cancelled") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          const auto b = create_task(getter(queue, log, "b"));
          co_await tick();
          const auto n = create_task(getter(queue, log, "n"));
          queue.put_nowait(1);
          a.cancel();
          co_await n;
          queue.put_nowait(2);
          co_await b;
        }) == "n<-1 ; CE-a ; b<-2");
}

TEST_CASE("queue: a woken putter that is cancelled passes the wake-up on (Q6)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          queue.put_nowait(0);
          const auto a = create_task(putter(queue, log, "a", 1));
          const auto b = create_task(putter(queue, log, "b", 2));
          co_await tick();
          log("", queue.get_nowait());
          a.cancel();
          co_await b;
          log(contents(queue));
        }) == "0 ; CE-a ; b put ; 2");
}

TEST_CASE("queue: a pending putter that is cancelled is passed over (Q6, window 3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          queue.put_nowait(0);
          const auto a = create_task(putter(queue, log, "a", 1));
          const auto b = create_task(putter(queue, log, "b", 2));
          co_await tick();
          a.cancel();
          log("", queue.get_nowait());
          co_await b;
          log(contents(queue));
        }) == "0 ; CE-a ; b put ; 2");
}

TEST_CASE("queue: a newcomer may overtake a woken putter, which then waits again (K7)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(2);
          queue.put_nowait(1);
          queue.put_nowait(2);
          const auto a = create_task(putter(queue, log, "a", 3));
          co_await tick();
          log("", queue.get_nowait());
          queue.put_nowait(4);
          co_await tick();
          log("a.done ", a.done());
          log("", queue.get_nowait());
          co_await a;
          log(contents(queue));
        }) == "1 ; a.done False ; 2 ; a put ; 4,3");
}

TEST_CASE("queue: producer and consumer of a queue of one alternate (Q11)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          auto produce = [&]() -> Coro<void> {
            for (int item = 0; item < 4; ++item) {
              co_await queue.put(item);
              log("p", item);
            }
          };
          auto consume = [&]() -> Coro<void> {
            for (int count = 0; count < 4; ++count) {
              const int item = co_await queue.get();
              log("c", item);
            }
          };
          const auto p = create_task(produce());
          const auto c = create_task(consume());
          co_await p;
          co_await c;
        }) == "p0 ; c0 ; p1 ; c1 ; p2 ; c2 ; p3 ; c3");
}

TEST_CASE("queue: a hundred cancelled getters leave nothing behind (S28)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          for (int count = 0; count < 100; ++count) {
            const auto task = create_task(getter(queue, log, "x"));
            co_await tick();
            task.cancel();
            co_await tick();
          }
          co_await queue.put(7);
          log("size ", queue.qsize());
        }).ends_with("CE-x ; size 1"));
}

TEST_CASE("queue: a put reaches the getter one iteration later") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          co_await tick();
          queue.put_nowait(1);
          log("0");
          co_await tick();
          log("1");
        }) == "0 ; a<-1 ; 1");
}

TEST_CASE("queue: what its state does not allow throws") {
  CHECK(run_fifo([](Log&) -> Coro<void> {
          Queue<int> queue(1);
          CHECK(queue.maxsize() == 1);
          CHECK_THROWS_AS(static_cast<void>(queue.get_nowait()), QueueEmpty);
          queue.put_nowait(1);
          CHECK_THROWS_AS(queue.put_nowait(2), QueueFull);
          CHECK(queue.qsize() == 1);
          queue.task_done();
          CHECK_THROWS_WITH_AS(queue.task_done(), "task_done() called too many times", ValueError);
          co_return;
        }) == "");
}

TEST_CASE("queue: join of one without unfinished items does not suspend") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          call_soon([&] { log("other"); });
          co_await queue.join();
          log("joined");
          co_await tick();
        }) == "joined ; other");
}

TEST_CASE("queue: join waits until every item is done, and resumes one iteration later (Q7)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          queue.put_nowait(1);
          queue.put_nowait(2);
          const auto j = create_task(joiner(queue, log));
          co_await tick();
          log(contents(queue));
          queue.task_done();
          co_await tick();
          log("one left");
          queue.task_done();
          log("0");
          co_await tick();
          log("1");
        }) == "1,2 ; one left ; 0 ; joined ; 1");
}

TEST_CASE("queue: join returns though new items came after the last was done (Q7b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          queue.put_nowait(1);
          const auto j = create_task(joiner(queue, log));
          co_await tick();
          queue.task_done();
          queue.put_nowait(2);
          co_await j;
          queue.task_done();
          CHECK_THROWS_AS(queue.task_done(), ValueError);
        }) == "joined");
}

TEST_CASE("queue: a join that is cancelled disturbs nothing") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          queue.put_nowait(1);
          const auto j = create_task(joiner(queue, log));
          const auto k = create_task(joiner(queue, log));
          co_await tick();
          j.cancel();
          queue.task_done();
          co_await k;
          CHECK(j.cancelled());
        }) == "joined");
}

TEST_CASE("queue: after a shutdown puts are refused and gets go on until it is empty (Q9)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          queue.put_nowait(1);
          queue.shutdown();
          queue.shutdown();
          CHECK_THROWS_AS(queue.put_nowait(2), QueueShutDown);
          try {
            co_await queue.put(2);
          } catch (...) {
            log(show());
          }
          const int item = co_await queue.get();
          log("", item);
          CHECK_THROWS_AS(static_cast<void>(queue.get_nowait()), QueueShutDown);
          try {
            static_cast<void>(co_await queue.get());
          } catch (...) {
            log(show());
          }
          queue.task_done();
          co_await queue.join();
        }) == "QueueShutDown ; 1 ; QueueShutDown");
}

TEST_CASE("queue: a shutdown wakes everybody who waits (Q9)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> empty;
          Queue<int> full(1);
          full.put_nowait(0);
          const auto a = create_task(getter(empty, log, "a"));
          const auto b = create_task(getter(empty, log, "b"));
          const auto c = create_task(putter(full, log, "c", 1));
          const auto d = create_task(putter(full, log, "d", 2));
          co_await tick();
          empty.shutdown();
          full.shutdown();
          co_await tick();
          for (const Task<>& task : {a, b, c, d}) CHECK(end_of(task) == "QueueShutDown");
          log(contents(full));
        }) == "QueueShutDown-a ; QueueShutDown-b ; QueueShutDown-c ; QueueShutDown-d ; 0");
}

TEST_CASE("queue: an immediate shutdown drops the items and counts them as done (Q9, S32)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          queue.put_nowait(1);
          queue.put_nowait(2);
          const auto j = create_task(joiner(queue, log));
          co_await tick();
          queue.shutdown(true);
          log("size ", queue.qsize());
          co_await j;
          CHECK_THROWS_AS(queue.task_done(), ValueError);
        }) == "size 0 ; joined");
}

TEST_CASE("queue: an immediate shutdown still waits for items that were got (Q9)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          queue.put_nowait(1);
          queue.put_nowait(2);
          static_cast<void>(queue.get_nowait());
          const auto j = create_task(joiner(queue, log));
          co_await tick();
          queue.shutdown(true);
          co_await tick();
          log("one left");
          queue.task_done();
          co_await j;
        }) == "one left ; joined");
}

TEST_CASE("queue: a shutdown and then an immediate one drains (Q9)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          queue.put_nowait(1);
          queue.shutdown();
          queue.shutdown(true);
          log("size ", queue.qsize());
          co_await queue.join();
          log("joined");
        }) == "size 0 ; joined");
}

TEST_CASE("queue: a putter woken just before a shutdown is refused (Q13e)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          queue.put_nowait(0);
          const auto a = create_task(putter(queue, log, "a", 1));
          co_await tick();
          static_cast<void>(queue.get_nowait());
          queue.shutdown();
          co_await tick();
          CHECK(end_of(a) == "QueueShutDown");
        }) == "QueueShutDown-a");
}

TEST_CASE("queue: a getter woken just before a shutdown gets its item (Q13f)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          co_await tick();
          queue.put_nowait(1);
          queue.shutdown();
          co_await a;
        }) == "a<-1");
}

TEST_CASE("queue: a getter woken just before an immediate shutdown is refused (Q13g)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          co_await tick();
          queue.put_nowait(1);
          queue.shutdown(true);
          co_await tick();
          CHECK(end_of(a) == "QueueShutDown");
        }) == "QueueShutDown-a");
}

TEST_CASE("queue: items that are made in the await expression are destroyed once") {
  int alive = 0;
  CHECK(
      run_fifo([&](Log& log) -> Coro<void> {
        Queue<Counted> queue(1);
        co_await queue.put(Counted(alive, long_text));
        auto put_more = [&]() -> Coro<void> {
          co_await queue.put(Counted(alive, long_text + "2"));  // suspends
        };
        const auto p = create_task(put_more());
        co_await tick();
        log("alive ", alive);
        const Counted first = co_await queue.get();
        CHECK(first.text() == long_text);
        const Counted second = co_await queue.get();
        CHECK(second.text() == long_text + "2");
        co_await p;
        log("alive ", alive);
      }) ==
      "alive 3 ; alive 2");  // waiting: the stored item, the waiting one, and the argument that it came from
  CHECK(alive == 0);
}

TEST_CASE("queue: texts that are made in the await expression arrive") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<std::string> queue(1);
          co_await queue.put(std::string(long_text));
          auto put_more = [&]() -> Coro<void> { co_await queue.put(std::string(long_text)); };
          const auto p = create_task(put_more());
          co_await tick();
          for (int count = 0; count < 2; ++count) {
            const std::string item = co_await queue.get();
            log("", item == long_text);
          }
        }) == "True ; True");
}

TEST_CASE("queue: items that can only be moved") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<std::unique_ptr<int>> queue;
          co_await queue.put(std::make_unique<int>(7));
          const auto item = co_await queue.get();
          log("", *item);
        }) == "7");
}

TEST_CASE("queue: a thousand items keep their order while the buffer grows and wraps") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<std::string> queue;
          int in = 0;
          int out = 0;
          bool in_order = true;
          for (int round = 1; round <= 44; ++round) {
            for (int count = 0; count < round; ++count) queue.put_nowait(std::to_string(in++));
            for (int count = 0; count < round / 2; ++count)
              in_order = in_order && queue.get_nowait() == std::to_string(out++);
          }
          while (!queue.empty()) in_order = in_order && queue.get_nowait() == std::to_string(out++);
          log("in order ", in_order && in == out);
          co_return;
        }) == "in order True");
}

TEST_CASE("queue: an item whose move throws leaves the queue as it was") {
  struct Brittle {
    bool throws = false;
    Brittle() = default;
    Brittle(Brittle&& other) : throws(other.throws) {
      if (throws) throw ValueError("brittle");
    }
    Brittle& operator=(Brittle&&) = delete;
    Brittle(const Brittle&) = delete;
    Brittle& operator=(const Brittle&) = delete;
    ~Brittle() = default;
  };
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<Brittle> queue;
          auto get_one = [&]() -> Coro<void> { static_cast<void>(co_await queue.get()); };
          const auto g = create_task(get_one());
          co_await tick();
          Brittle brittle;
          brittle.throws = true;
          CHECK_THROWS_AS(queue.put_nowait(std::move(brittle)), ValueError);
          log("size ", queue.qsize());
          CHECK_THROWS_AS(queue.task_done(), ValueError);
          queue.put_nowait(Brittle());
          co_await g;
          queue.task_done();
        }) == "size 0");
}

TEST_CASE("queue: frames destroyed while they get and put leave nothing behind") {
  int alive = 0;
  {
    Queue<Counted> empty;
    Queue<Counted> full(1);
    CHECK(run_fifo([&](Log& log) -> Coro<void> {
            auto get_one = [](Queue<Counted>& queue) -> Coro<void> {
              static_cast<void>(co_await queue.get());
            };
            auto put_one = [](Queue<Counted>& queue, int& counter) -> Coro<void> {
              co_await queue.put(Counted(counter, long_text));
            };
            full.put_nowait(Counted(alive, long_text));
            for (int count = 0; count < 3; ++count) {
              create_task(get_one(empty));
              create_task(put_one(full, alive));
            }
            co_await tick();
            log("alive ", alive);
          }) == "alive 7 ; LEAK");  // each waiting put has its item and the argument that it came from
    CHECK(alive == 1);
  }
  CHECK(alive == 0);
}

TEST_CASE("queue: destroying it while a task waits is reported") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::optional<Queue<int>> queue(std::in_place, std::size_t{0}, "jobs");
          create_task(getter(*queue, log, "a"));
          co_await tick();
          queue.reset();
        }) == "EXCEPTION Queue 'jobs' was destroyed while tasks wait for it: they will never be woken");
}
